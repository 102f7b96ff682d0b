"""Who works the lists of a day: collectors with what they reach and the time they have left, and who stands in for whom is away."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daihou.collection.ordering import Collector
from daihou.desk.casework.owners import BY_TURNS, WORKING
from daihou.desk.people import orgs
from daihou.desk.people.models import Absence, Membership

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from daihou.policies.collection import Lists


@dataclass(frozen=True, slots=True)
class Hands:
    """The people of a day."""

    orgs: Mapping[int, frozenset[str] | None]
    """By user who is there: the orgs whose cases come to them by turns (None: of all; none of who leads)."""
    stand_ins: Mapping[int, int]
    """By user who is away: who has their cases for the day."""

    def of(self, owner_id: int | None) -> int | None:
        """On whose list a case of an owner stands; None where it is to be given to somebody."""
        if owner_id is None or owner_id in self.orgs:
            return owner_id
        return self.stand_ins.get(owner_id)

    def collectors(self, policy: Lists, done: Mapping[int, tuple[int, int]]) -> list[Collector]:
        """Each with what is left of the day, given the seconds and rows that are done."""
        found = []
        for owner_id, reached in sorted(self.orgs.items()):
            seconds, rows = done.get(owner_id, (0, 0))
            left, free = policy.day_minutes * 60 - seconds, policy.most_rows - rows
            found.append(Collector(owner_id, reached, max(left, 0), max(free, 0)))
        return found


def hands(day: dt.date) -> Hands:
    """The people as they are now, for a day: two queries."""
    held = Membership.objects.filter(role__in=WORKING, user__is_active=True).order_by("user_id", "id")
    reached: dict[int, frozenset[str] | None] = defaultdict(frozenset)
    for user_id, role, org_id in held.values_list("user_id", "role", "org_id"):
        before = reached[user_id]
        if role in BY_TURNS and before is not None:
            reached[user_id] = before | orgs.tree().below(org_id) if org_id else None
    absent = Absence.objects.filter(from_on__lte=day, to_on__gte=day).order_by("from_on", "id")
    away = dict(absent.values_list("user_id", "stand_in_id"))
    there = {user_id: found for user_id, found in reached.items() if user_id not in away}
    return Hands(there, {user_id: found for user_id in away if (found := _present(user_id, away)) in there and found})


def _present(user_id: int, away: Mapping[int, int]) -> int | None:
    """Who stands in for somebody, or for those in turn; None where all of them are away."""
    seen = set()
    while user_id in away and user_id not in seen:
        seen.add(user_id)
        user_id = away[user_id]
    return None if user_id in away else user_id
