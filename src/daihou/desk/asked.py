"""A request as the desk's pages get it, for types alone: the middlewares add what Django's own has not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from daihou.desk.people.models import User
    from daihou.desk.people.reach import Access


class Asked(HttpRequest):
    """A request of somebody who is signed in: with its id, its user, and what that user may do and for which loans."""

    id: str
    user: User  # a stranger comes no further than the middleware
    rights: Access
