"""Whose a case is: a collector of its org by turns, for as long as it is open; nobody where all have their hands full."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from django.db.models import Count

from daihou.desk.casework.models import OPEN, Case
from daihou.desk.casework.policy import policy
from daihou.desk.people import orgs
from daihou.desk.people.models import Absence, Membership
from daihou.desk.people.roles import GRANTS

if TYPE_CHECKING:
    import datetime as dt

WORKING: Final = tuple(role for role, granted in GRANTS.items() if "collection.work" in granted)
BY_TURNS: Final = tuple(role for role in WORKING if "collection.manage" not in GRANTS[role])
"""Who gets cases by turns: collectors, not those who lead them."""


@dataclass(slots=True)
class Chooser:
    """Chooses owners on a day; reads people and what they have once, and keeps count of what it gives."""

    day: dt.date
    most: int
    works: dict[int, frozenset[str] | None] = field(default_factory=dict)
    """By user who is active: the orgs of whose cases they may work; None: of the whole lender."""
    loads: dict[int, int] = field(default_factory=dict)
    """Open cases in each user's hands."""
    _turns: dict[int, frozenset[str] | None] = field(default_factory=dict)
    """The same as `works` of those who are there and get cases by turns."""
    _of_org: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    @classmethod
    def on(cls, day: dt.date) -> Chooser:
        """With the people as they are now."""
        chooser = cls(day, policy(day).most_open_each)
        away = set(Absence.objects.filter(from_on__lte=day, to_on__gte=day).values_list("user_id", flat=True))
        held = Membership.objects.filter(role__in=WORKING, user__is_active=True).order_by("user_id", "id")
        for user_id, role, org_id in held.values_list("user_id", "role", "org_id"):
            _enter(chooser.works, user_id, org_id)
            if role in BY_TURNS and user_id not in away:
                _enter(chooser._turns, user_id, org_id)
        counted = Case.objects.filter(OPEN, owner__isnull=False).order_by().values("owner").annotate(n=Count("pk"))
        chooser.loads = dict(counted.values_list("owner", "n"))
        return chooser

    def choose(self, org_id: str) -> int | None:
        """Who gets a case of an org, by key: of those who are there and whose hands are not full the one with the least; None where there is nobody."""
        if not self.free(org_id):
            return None
        turns = self._around(org_id)
        load, chosen = turns[0]
        self.loads[chosen] = load + 1
        heapq.heapreplace(turns, (load + 1, chosen))
        return chosen

    def free(self, org_id: str) -> bool:
        """Whether somebody would get a case of an org. Nobody puts anything down while this one chooses, so the first of the heap decides."""
        turns = self._around(org_id)
        while turns and turns[0][0] != self.loads.get(turns[0][1], 0):  # got something by another org meanwhile
            heapq.heapreplace(turns, (self.loads[turns[0][1]], turns[0][1]))
        return bool(turns) and turns[0][0] < self.most

    def keeps(self, owner_id: int, org_id: str, lead_org_id: str = "") -> bool:
        """Whether an owner is active and may work a case of an org, or of the one that leads its borrower."""
        held = self.works.get(owner_id, frozenset())
        return held is None or org_id in held or (bool(lead_org_id) and lead_org_id in held)

    def _around(self, org_id: str) -> list[tuple[int, int]]:
        """Who gets cases of an org by turns, as a heap of what each has and their key."""
        if org_id not in self._of_org:
            mine = [user_id for user_id, held in self._turns.items() if held is None or org_id in held]
            self._of_org[org_id] = sorted((self.loads.get(user_id, 0), user_id) for user_id in mine)
        return self._of_org[org_id]


def _enter(held: dict[int, frozenset[str] | None], user_id: int, org_id: str) -> None:
    before = held.get(user_id, frozenset())
    held[user_id] = None if before is None or not org_id else before | orgs.tree().below(org_id)
