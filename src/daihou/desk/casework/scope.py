"""Which cases somebody sees and works: within reach, or their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daihou.desk.casework.models import Case
from daihou.desk.people import sight

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from daihou.desk.people.models import User
    from daihou.desk.people.reach import Access

OWN: Final = ("collection.view", "collection.work")
"""What is one's own opens these, and nothing that is done to the work of others."""


def seen(user: User, rights: Access, permission: str = "collection.view") -> QuerySet[Case]:
    """The cases for which somebody may do something."""
    return sight.seen(Case.objects.all(), user, rights, permission, OWN)


def reaches(user: User, rights: Access, case: Case, permission: str) -> bool:
    """Whether somebody may do something with a case."""
    return sight.reaches(user, rights, case, permission, OWN)
