"""A reach over rows of the desk that carry `org_id`, `lead_org_id` and `officer_id` of a borrower: as a condition, and of one row.

What is about a scoring model belongs to no part of the lender: it is for those who reach the whole lender and may see models.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from django.db.models import Model, Q

from daihou.desk.people import orgs

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet

    from daihou.desk.people.models import User
    from daihou.desk.people.reach import Access, Reach

MODELS: Final = "models.view"
Row = TypeVar("Row", bound=Model)


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


def seen(rows: QuerySet[Row], user: User, rights: Access, permission: str, own: Collection[str]) -> QuerySet[Row]:
    """The rows for which somebody may do something: within reach, or of which they are the owner, or stand in for them, where the permission is one of `own`."""
    reach = rights.reach(permission)
    if reach.everything:
        return rows
    found = condition(reach)
    if permission in own and rights.may(permission):
        found |= Q(owner__in=sorted({user.pk, *rights.stands_in_for}))
    return rows.filter(found)


def reaches(user: User, rights: Access, row: Any, permission: str, own: Collection[str]) -> bool:
    """The same of one row."""
    if not rights.may(permission):
        return False
    if within(rights.reach(permission), row.org_id, row.lead_org_id, row.officer_id):
        return True
    return permission in own and row.owner_id in {user.pk, *rights.stands_in_for}


def reaches_models(rights: Access, permission: str) -> bool:
    """Whether somebody may do something with what is about scoring models."""
    return _whole(rights.reach(permission)) and _whole(rights.reach(MODELS))


def _whole(reach: Reach) -> bool:
    """Whether it holds the lender as a whole: without an org, or with an org that all others stand below."""
    everything = set(orgs.tree().orgs)
    whole_orgs = (part.org_ids for part in reach.parts if part.officer_id is None)
    return any(ids is None or (bool(everything) and ids >= everything) for ids in whole_orgs)
