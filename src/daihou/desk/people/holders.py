"""Who holds a permission for a part of the lender, or for all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daihou.desk.people import orgs
from daihou.desk.people.models import Membership
from daihou.desk.people.roles import GRANTS

if TYPE_CHECKING:
    from collections.abc import Collection

    from daihou.desk.people.models import User
    from daihou.desk.people.reach import Access


def holders(permission: str, org_ids: Collection[str] | None, but: Collection[int] = ()) -> list[User]:
    """Active users who hold it for one of some orgs (None: for the whole lender), whose part of the lender is smallest first."""
    roles = [role for role, granted in GRANTS.items() if permission in granted]
    held = Membership.objects.filter(role__in=roles, user__is_active=True).exclude(user__in=but).select_related("user")
    found: dict[int, tuple[int, User]] = {}
    for membership in held:
        below = orgs.tree().below(membership.org_id) if membership.org_id else None
        if _whole(membership.org_id) if org_ids is None else below is None or not below.isdisjoint(org_ids):
            size = len(orgs.tree().orgs) + 1 if below is None else len(below)
            stood = found.get(membership.user_id)
            if stood is None or size < stood[0]:
                found[membership.user_id] = (size, membership.user)
    return [user for _size, user in sorted(found.values(), key=lambda each: (each[0], each[1].pk))]


def for_whole_lender(rights: Access, permission: str) -> bool:
    """Whether a permission is held for the whole lender: without an org, or for one that all others stand below."""
    return any(_whole(one.org_id) for one in rights.memberships if permission in GRANTS.get(one.role, frozenset()))


def _whole(org_id: str) -> bool:
    everything = set(orgs.tree().orgs)
    return not org_id or (bool(everything) and orgs.tree().below(org_id) >= everything)
