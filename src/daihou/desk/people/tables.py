"""Roles as lists show them: the role, for which part of the organisation, and whether for one's own customers alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from daihou.desk.people import orgs
from daihou.desk.people.roles import OWN_CUSTOMERS, Role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daihou.desk.people.models import Membership


class HeldRole(NamedTuple):
    """A membership with its words; an empty place is the whole lender."""

    membership: Membership
    role: str
    place: str
    own: bool


def held_roles(memberships: Iterable[Membership]) -> list[HeldRole]:
    """The roles of a user, in the order of the list of roles."""
    tree, order = orgs.tree(), list(Role.values)
    held = [
        HeldRole(
            membership,
            membership.get_role_display(),
            tree.name(membership.org_id) if membership.org_id else "",
            membership.role in OWN_CUSTOMERS,
        )
        for membership in memberships
    ]
    return sorted(
        held,
        key=lambda one: (order.index(one.membership.role) if one.membership.role in order else len(order), one.place),
    )
