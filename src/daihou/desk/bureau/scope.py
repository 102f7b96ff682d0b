"""Whose a borrower is, guarantors too, and what somebody sees of credit reports: what is about borrowers within reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.http import Http404

from daihou.book.errors import DaihouError
from daihou.desk.alerts import whose
from daihou.desk.bureau import standing
from daihou.desk.bureau.models import Whose
from daihou.desk.people import orgs, sight
from daihou.desk.people.reach import Part, Reach
from daihou.desk.people.roles import GRANTS, OWN_CUSTOMERS

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from daihou.desk.asked import Asked
    from daihou.desk.people.models import User
    from daihou.desk.people.reach import Access

Row = TypeVar("Row", bound=Whose)
VIEW = "bureau.view"
QUERY = "bureau.query"
AUTHORISE = "bureau.authorise"
MANAGE = "bureau.manage"


def seen(rows: QuerySet[Row], user: User, rights: Access, permission: str = VIEW) -> QuerySet[Row]:
    """The rows for which somebody may do something."""
    return sight.seen(rows, user, rights, permission, ())


def whose_of(borrower_id: str) -> dict[str, Any] | None:
    """Whose somebody is: as the newest run or the facts say; of a guarantor of whom they say nothing, as of whom they guarantee. None who is nobody here."""
    asked = [borrower_id, *standing.guaranteed(borrower_id)]
    try:
        found = whose.of(asked)
    except DaihouError:  # nothing was run yet
        found = {}
    held = next((found[one] for one in asked if one in found and found[one].org_id), None)
    if held is not None:
        return {"org_id": held.org_id, "lead_org_id": held.lead_org_id, "officer_id": held.officer_id}
    stated = standing.stated(asked)
    return next((stated[one] for one in asked if one in stated), None)


def owners(row: Whose) -> dict[str, Any]:
    """Whose a borrower was when a row was written."""
    return {"org_id": row.org_id, "lead_org_id": row.lead_org_id, "officer_id": row.officer_id}


def in_reach(of: dict[str, Any], rights: Access, permission: str) -> bool:
    """Whether somebody may do something for whom these own."""
    return rights.may(permission) and sight.within(rights.reach(permission), of["org_id"], of["lead_org_id"], of["officer_id"])  # fmt: skip


def reached(request: Asked, borrower_id: str, permission: str = VIEW) -> dict[str, Any]:
    """Whose a borrower is who lies within reach; 404 else."""
    found = whose_of(borrower_id)
    if found is None or not in_reach(found, request.rights, permission):
        raise Http404
    return found


def roles(rights: Access, of: dict[str, Any]) -> list[str]:
    """In which roles somebody may ask about a borrower: those held for a part of the lender that they belong to."""
    return [
        role
        for role in dict.fromkeys([*rights.roles, *(one.role for one in rights.stood_in_for)])
        if QUERY in GRANTS.get(role, ()) and _reaches(rights, role, of)
    ]


def _reaches(rights: Access, role: str, of: dict[str, Any]) -> bool:
    parts = [(one, rights.user.officer_id) for one in rights.memberships if one.role == role]  # type: ignore[union-attr]  # who has roles is no stranger
    parts += [(one, one.user.officer_id) for one in rights.stood_in_for if one.role == role]
    reach = Reach(
        tuple(
            Part(orgs.tree().below(one.org_id) if one.org_id else None, officer_id if role in OWN_CUSTOMERS else None)
            for one, officer_id in parts
        )
    )
    return sight.within(reach, of["org_id"], of["lead_org_id"], of["officer_id"])
