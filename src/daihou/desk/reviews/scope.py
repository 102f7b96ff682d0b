"""Which reviews somebody sees and does: within reach, or their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daihou.desk.people import sight
from daihou.desk.reviews.models import Review

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from daihou.desk.people.models import User
    from daihou.desk.people.reach import Access

OWN: Final = ("reviews.view", "reviews.work")
"""What is one's own opens these, and nothing that is done to the work of others."""


def seen(user: User, rights: Access, permission: str = "reviews.view") -> QuerySet[Review]:
    """The reviews for which somebody may do something."""
    return sight.seen(Review.objects.all(), user, rights, permission, OWN)


def reaches(user: User, rights: Access, review: Review, permission: str) -> bool:
    """Whether somebody may do something with a review."""
    return sight.reaches(user, rights, review, permission, OWN)
