"""A reach over rows of the desk that carry `org_id`, `lead_org_id` and `officer_id` of a borrower: as a condition, and of one row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

if TYPE_CHECKING:
    from daihou.desk.people.reach import Reach


def condition(reach: Reach) -> Q:
    """A reach as a condition on such rows; the org that leads a borrower reaches it too."""
    found = Q(pk__in=())
    for part in reach.parts:
        this = Q()
        if part.org_ids is not None:
            this &= Q(org_id__in=sorted(part.org_ids)) | Q(lead_org_id__in=sorted(part.org_ids))
        if part.officer_id is not None:  # who has no number has no customers; what has no officer is nobody's
            this &= Q(officer_id=part.officer_id) if part.officer_id else Q(pk__in=())
        found |= this or ~Q(pk__in=())
    return ~Q(pk__in=()) if reach.everything else found


def within(reach: Reach, org_id: str, lead_org_id: str, officer_id: str) -> bool:
    """The same of one borrower: whether a reach holds it by its org, or by the one that leads it."""
    return reach.holds(org_id, officer_id) or (bool(lead_org_id) and reach.holds(lead_org_id, officer_id))
