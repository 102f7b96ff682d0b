"""Which reviews somebody sees and does: within reach, or their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db.models import Q

from daihou.desk.people.sight import condition, within
from daihou.desk.reviews.models import Review

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from daihou.desk.people.models import User
    from daihou.desk.people.reach import Access

OWN: Final = ("reviews.view", "reviews.work")
"""What is one's own opens these, and nothing that is done to the work of others."""


def seen(user: User, rights: Access, permission: str = "reviews.view") -> QuerySet[Review]:
    """The reviews for which somebody may do something."""
    reach = rights.reach(permission)
    if reach.everything:
        return Review.objects.all()
    found = condition(reach)
    if permission in OWN and rights.may(permission):
        found |= Q(owner__in=sorted({user.pk, *rights.stands_in_for}))
    return Review.objects.filter(found)


def reaches(user: User, rights: Access, review: Review, permission: str) -> bool:
    """The same of one."""
    if not rights.may(permission):
        return False
    if within(rights.reach(permission), review.org_id, review.lead_org_id, review.officer_id):
        return True
    return permission in OWN and review.owner_id in {user.pk, *rights.stands_in_for}
