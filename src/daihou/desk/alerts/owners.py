"""Whose an alert is: the customer manager, who stands in for them, else the next of the org by turns, else nobody."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Count

from daihou.desk.alerts.models import Alert
from daihou.desk.alerts.policy import policy
from daihou.desk.people import orgs
from daihou.desk.people.models import Absence, Membership, User
from daihou.desk.people.roles import GRANTS, OWN_CUSTOMERS

if TYPE_CHECKING:
    import datetime as dt


@dataclass(slots=True)
class Chooser:
    """Chooses owners on a day; reads people and their loads once, and keeps count of what it gives."""

    day: dt.date
    by_number: dict[str, User] = field(default_factory=dict)
    away: dict[int, User] = field(default_factory=dict)
    of_org: dict[str, list[User]] = field(default_factory=lambda: defaultdict(list))
    loads: dict[int, int] = field(default_factory=dict)
    most: int = 0
    handles: dict[int, frozenset[str] | None] = field(default_factory=dict)
    """The orgs for which somebody who is active may work on alerts, with those of whom they stand in for; None: for the whole lender."""

    managers: dict[tuple[str, str, str], User | None] = field(default_factory=dict)
    """Who looks after customers of a number at an org, as far as it was asked."""

    @classmethod
    def on(cls, day: dt.date) -> Chooser:
        """With the people as they are now."""
        chooser = cls(day, most=policy(day).most_open_each)
        handling = [role for role, granted in GRANTS.items() if "alerts.handle" in granted]
        held = Membership.objects.filter(role__in=handling, user__is_active=True).select_related("user")
        of_user: dict[int, list[Membership]] = defaultdict(list)
        for membership in held.order_by("user_id", "id"):
            of_user[membership.user_id].append(membership)
            chooser._may(membership.user_id, membership.org_id)
            if membership.role in OWN_CUSTOMERS:
                chooser._enter(membership.user, membership.org_id)
        absent = Absence.objects.filter(from_on__lte=day, to_on__gte=day).select_related("stand_in")
        for absence in absent.order_by("from_on", "id"):
            chooser.away[absence.user_id] = absence.stand_in
            if any(membership.role in OWN_CUSTOMERS for membership in of_user[absence.stand_in_id]):
                for membership in of_user[absence.user_id]:
                    if membership.role in OWN_CUSTOMERS and membership.user.officer_id:
                        chooser._may(absence.stand_in_id, membership.org_id)
        counted = Alert.objects.filter(closed_at=None, owner__isnull=False).values("owner")
        chooser.loads = dict(counted.annotate(n=Count("pk")).values_list("owner", "n").order_by())
        return chooser

    def choose(self, org_id: str, officer_id: str, lead_org_id: str = "") -> User | None:
        """The owner of a new alert: never somebody who is away, has left or works elsewhere, nor by turns somebody whose hands are full."""
        place = (officer_id, org_id, lead_org_id)
        if place not in self.managers:
            self.managers[place] = self._manager(*place)
        return self._given(self.managers[place] or self._next(org_id))

    def _manager(self, officer_id: str, org_id: str, lead_org_id: str) -> User | None:
        """The customer manager, or who stands in for them; None where the facts name a number whose user works in another part of the lender."""
        manager = self.by_number.get(officer_id)
        found = self._present(manager) if manager else None
        return found if found is not None and self.keeps(found.pk, org_id, lead_org_id) else None

    def keeps(self, owner_id: int, org_id: str, lead_org_id: str) -> bool:
        """Whether an owner is active and works on alerts of that org, or of the one that leads."""
        held = self.handles.get(owner_id, frozenset())
        return held is None or org_id in held or (bool(lead_org_id) and lead_org_id in held)

    def _may(self, user_id: int, org_id: str) -> None:
        before = self.handles.get(user_id, frozenset())
        self.handles[user_id] = None if before is None or not org_id else before | orgs.tree().below(org_id)

    def _enter(self, user: User, org_id: str) -> None:
        """Somebody with customers of their own, for an org and all below it; '' is the whole lender, with what has no org."""
        if user.officer_id:
            self.by_number.setdefault(user.officer_id, user)
        for each in orgs.tree().below(org_id) if org_id else ("", *orgs.tree().orgs):
            if user not in self.of_org[each]:
                self.of_org[each].append(user)

    def _present(self, user: User) -> User | None:
        """Somebody, or who stands in for them, or for those in turn; None where nobody is there."""
        seen = set()
        found: User | None = user
        while found is not None and found.pk in self.away and found.pk not in seen:
            seen.add(found.pk)
            found = self.away[found.pk]
        return found if found is not None and found.pk in self.handles and found.pk not in self.away else None

    def _next(self, org_id: str) -> User | None:
        """The one of the org with the least to do; who is away or has as much as policy gives is left out."""
        free = [
            user
            for user in self.of_org.get(org_id, ())
            if user.pk not in self.away and self.loads.get(user.pk, 0) < self.most
        ]
        return min(free, key=lambda user: (self.loads.get(user.pk, 0), user.pk), default=None)

    def _given(self, user: User | None) -> User | None:
        if user is not None:
            self.loads[user.id] = (
                self.loads.get(user.id, 0) + 1
            )  # `pk` takes ten times as long, and this is asked a million times
        return user
