"""Whom an administrator manages: an administrator of a part of the organisation, those whose roles all lie within it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daihou.desk.people import orgs
from daihou.desk.people.models import Membership, User

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from daihou.desk.people.reach import Reach

INDENT: Final = "\u3000"
"""A space as wide as a character, which a browser does not drop at the beginning of an option."""


@dataclass(frozen=True, slots=True)
class Place:
    """A part of the organisation that a role can be given for; '' is the whole lender."""

    org_id: str
    name: str
    depth: int

    @property
    def label(self) -> str:
        """Its name as an option of a list, indented by its depth."""
        return (
            f"{INDENT * self.depth}{self.name}"
            if self.name == self.org_id
            else f"{INDENT * self.depth}{self.name} · {self.org_id}"
        )


def managed(reach: Reach) -> QuerySet[User]:
    """The users that may be seen and changed. Who has no role yet may be managed by every administrator."""
    if reach.everything:
        return User.objects.all()
    beyond = Membership.objects.exclude(org_id__in=reach.org_ids or ()).values("user_id")
    return User.objects.exclude(pk__in=beyond)


def places(reach: Reach) -> list[Place]:
    """The parts of the organisation that roles can be given for, those above before those below; the whole lender is not among them."""
    return [
        Place(org.org_id, org.name or org.org_id, depth)
        for depth, org in orgs.tree().in_order()
        if reach.holds(org.org_id, None)
    ]
