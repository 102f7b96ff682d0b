"""Which letters somebody sees and serves: those about loans within reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daihou.desk.letters.models import Letter
from daihou.desk.people import sight

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from daihou.desk.people.models import User
    from daihou.desk.people.reach import Access


def seen(user: User, rights: Access, permission: str = "letters.view") -> QuerySet[Letter]:
    """The letters for which somebody may do something."""
    return sight.seen(Letter.objects.all(), user, rights, permission, ())


def reaches(user: User, rights: Access, letter: Letter, permission: str) -> bool:
    """Whether somebody may do something with a letter."""
    return sight.reaches(user, rights, letter, permission, ())
