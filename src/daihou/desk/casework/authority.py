"""Who may approve an arrangement: a branch within its limits, else who approves for the whole lender; never who drafted it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daihou.desk.casework import scope
from daihou.desk.casework.choices import ArrangementState
from daihou.desk.people.holders import for_whole_lender, holders

if TYPE_CHECKING:
    from collections.abc import Collection

    from daihou.collection.arrangement import Authority
    from daihou.desk.casework.models import Arrangement, Case
    from daihou.desk.people.models import User
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
    return holders(APPROVE, None if authority == "head_office" else {case.org_id, case.lead_org_id} - {""}, but)
