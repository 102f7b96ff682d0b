"""Who may approve an arrangement: a branch within its limits, else who approves for the whole lender; never who drafted it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daihou.desk.alerts.scope import for_whole_lender
from daihou.desk.casework import scope
from daihou.desk.casework.choices import ArrangementState
from daihou.desk.people import orgs
from daihou.desk.people.models import Membership, User
from daihou.desk.people.roles import GRANTS

if TYPE_CHECKING:
    from collections.abc import Collection

    from daihou.collection.arrangement import Authority
    from daihou.desk.casework.models import Arrangement, Case
    from daihou.desk.people.reach import Access

APPROVE = "collection.approve"


def holds(user: User, rights: Access, case: Case, authority: Authority) -> bool:
    """Whether somebody's role reaches far enough."""
    if authority == "head_office":
        return for_whole_lender(rights, APPROVE)
    return scope.reaches(user, rights, case, APPROVE)


def makers(arrangement: Arrangement) -> set[int]:
    """Who drafted, changed or submitted it: none of them approves it."""
    made = (ArrangementState.DRAFT, ArrangementState.SUBMITTED)
    moves = arrangement.moves.filter(state_after__in=made, actor__isnull=False)
    return {arrangement.made_by_id, *(actor for actor in moves.values_list("actor_id", flat=True) if actor)}


def approvers(case: Case, authority: Authority, but: Collection[int] = ()) -> list[User]:
    """Who may approve it, who holds it for the smallest part of the lender first."""
    roles = [role for role, granted in GRANTS.items() if APPROVE in granted]
    held = Membership.objects.filter(role__in=roles, user__is_active=True).exclude(user__in=but).select_related("user")
    tree, found = orgs.tree(), dict[int, tuple[int, User]]()
    for membership in held:
        below = tree.below(membership.org_id) if membership.org_id else None
        whole = below is None or (bool(tree.orgs) and below >= set(tree.orgs))
        near = below is None or case.org_id in below or (bool(case.lead_org_id) and case.lead_org_id in below)
        if whole if authority == "head_office" else near:
            size = len(tree.orgs) + 1 if below is None else len(below)
            stood = found.get(membership.user_id)
            if stood is None or size < stood[0]:
                found[membership.user_id] = (size, membership.user)
    return [user for _, user in sorted(found.values(), key=lambda each: (each[0], each[1].pk))]
