"""What a user may do, and for which loans: the parts of the organisation that their roles reach."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from daihou.desk.people import orgs
from daihou.desk.people.models import Absence, Membership
from daihou.desk.people.roles import GRANTS, OWN_CUSTOMERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.contrib.auth.models import AnonymousUser

    from daihou.desk.people.models import User


@dataclass(frozen=True, slots=True)
class Part:
    """Loans of some orgs (None: of all), or of these only what is in one officer's charge."""

    org_ids: frozenset[str] | None
    officer_id: str | None = None

    def holds(self, org_id: str | None, officer_id: str | None) -> bool:
        """Whether a loan of that org and officer belongs to it; what has no officer is in the charge of nobody, also of nobody without a number."""
        in_orgs = self.org_ids is None or org_id in self.org_ids
        return in_orgs and (self.officer_id is None or (bool(officer_id) and officer_id == self.officer_id))


@dataclass(frozen=True, slots=True)
class Reach:
    """The loans that one permission of a user reaches: any of some parts."""

    parts: tuple[Part, ...]

    @property
    def everything(self) -> bool:
        """Whether no loan lies outside."""
        return any(part.org_ids is None and part.officer_id is None for part in self.parts)

    def holds(self, org_id: str | None, officer_id: str | None) -> bool:
        """Whether a loan of that org and officer may be seen."""
        return any(part.holds(org_id, officer_id) for part in self.parts)

    def sql(self) -> tuple[str, list[Any]]:
        """The same as a condition over the columns org_id and officer_id, with its parameters."""
        if self.everything:
            return "true", []
        texts, values = [], []
        for part in self.parts:
            conditions = []
            if part.org_ids is not None:
                conditions.append(f"org_id IN ({', '.join('?' * len(part.org_ids))})" if part.org_ids else "false")
                values += sorted(part.org_ids)
            if part.officer_id is not None:
                conditions.append("officer_id = ?")
                values.append(part.officer_id)
            texts.append(" AND ".join(conditions))
        return f"({' OR '.join(f'({text})' for text in texts)})" if texts else "false", values

    @property
    def org_ids(self) -> frozenset[str] | None:
        """The orgs it touches; None for all."""
        if any(part.org_ids is None for part in self.parts):
            return None
        return frozenset().union(*(part.org_ids for part in self.parts if part.org_ids is not None))

    @property
    def whole_orgs(self) -> bool:
        """Whether it reaches whole orgs, so that what is counted by org may be read."""
        return all(part.officer_id is None for part in self.parts)


class Access:
    """What a user may do; read from the database once a request, when first asked."""

    def __init__(self, user: User | AnonymousUser) -> None:
        self.user = user
        self._reached: dict[str, Reach] = {}

    @cached_property
    def memberships(self) -> list[Membership]:
        """The roles held, each for a part of the organisation; none for strangers and for who was deactivated, but whom a program acts as."""
        if not self.user.is_authenticated or not self.user.may_act:
            return []
        return list(self.user.memberships.all())

    @cached_property
    def permissions(self) -> frozenset[str]:
        """Everything the user may do somewhere."""
        return frozenset().union(*(GRANTS.get(membership.role, frozenset()) for membership in self.memberships))

    @property
    def roles(self) -> list[str]:
        """The roles held."""
        return [membership.role for membership in self.memberships]

    def may(self, permission: str) -> bool:
        """Whether the user may do it for at least one part of the organisation."""
        return permission in self.permissions

    @cached_property
    def stands_in_for(self) -> frozenset[int]:
        """Colleagues who are away today and for whom the user stands in, by primary key."""
        today = timezone.localdate()
        away = Absence.objects.filter(stand_in=self.user.pk, from_on__lte=today, to_on__gte=today)
        return frozenset(away.values_list("user_id", flat=True))

    @cached_property
    def stood_in_for(self) -> list[Membership]:
        """The roles over own customers that absent colleagues hold for whom the user stands in, where the user holds one over the same orgs still."""
        if not self.stands_in_for:
            return []
        theirs = Membership.objects.filter(user_id__in=self.stands_in_for, role__in=OWN_CUSTOMERS)
        return self.covered(theirs.select_related("user"))

    def covered(self, theirs: Iterable[Membership]) -> list[Membership]:
        """Of roles over own customers, those for orgs over which the user holds such a role too, and with an officer number."""
        own = [membership.org_id for membership in self.memberships if membership.role in OWN_CUSTOMERS]
        if not own:
            return []
        orgs_of_mine = None if "" in own else frozenset[str]().union(*(orgs.tree().below(org_id) for org_id in own))
        return [one for one in theirs if one.user.officer_id and (orgs_of_mine is None or one.org_id in orgs_of_mine)]

    def reach(self, permission: str) -> Reach:
        """The loans for which the user may do it: within the roles held, and the customers of an absent colleague for as long."""
        if permission not in self._reached:
            self._reached[permission] = self._reach(permission)
        return self._reached[permission]

    def _reach(self, permission: str) -> Reach:
        parts = []
        for membership in self.memberships:
            if permission in GRANTS.get(membership.role, frozenset()):
                own = self.user.officer_id if membership.role in OWN_CUSTOMERS else None  # type: ignore[union-attr]
                parts.append(Part(orgs.tree().below(membership.org_id) if membership.org_id else None, own))
        for membership in self.stood_in_for:
            if permission in GRANTS.get(membership.role, frozenset()):
                below = orgs.tree().below(membership.org_id) if membership.org_id else None
                parts.append(Part(below, membership.user.officer_id))
        return Reach(tuple(dict.fromkeys(parts)))
