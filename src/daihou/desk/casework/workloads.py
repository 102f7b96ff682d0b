"""Who has how many cases and how far each is with the day; what lies in the queues of orgs without a collector."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Count, F, Max, Q, Sum
from django.utils import timezone

from daihou.desk.casework.choices import PromiseState, Track
from daihou.desk.casework.models import OPEN, PromisePart, Row
from daihou.desk.casework.policy import policy
from daihou.desk.contacts.models import Contact
from daihou.desk.people import orgs
from daihou.desk.people.models import Absence, Membership, User
from daihou.desk.people.roles import GRANTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from daihou.desk.casework.models import Case
    from daihou.desk.people.reach import Reach

COLLECTING: Final = tuple(role for role, granted in GRANTS.items() if "collection.work" in granted)


@dataclass(frozen=True, slots=True)
class Load:
    """A collector's cases and day. Minutes are those of policy for what is done on the list; `talk` is what was spoken."""

    user: User
    cases: int = 0
    listed: int = 0
    done: int = 0
    minutes: int = 0
    talk: int = 0
    open_promises: int = 0
    due_promises: int = 0
    """Parts that fall due today or fell due, not paid yet."""
    call_backs: int = 0
    """Calls agreed for today or before."""
    last_at: dt.datetime | None = None
    away: Absence | None = None
    share: int = 0
    """Minutes used of the day's, in percent, at most 100: the length of a bar."""

    @property
    def left(self) -> int:
        """Rows of today's list that are not done."""
        return self.listed - self.done


@dataclass(frozen=True, slots=True)
class Queue:
    """An org's cases in house that nobody has; claims in minor units by currency."""

    org_id: str
    name: str
    cases: int
    handed_up: int
    """Of them those that lie with the manager."""
    late: int
    """Of them those from the third month past due on."""
    claims: tuple[tuple[int, str], ...]


def loads(cases: QuerySet[Case], reach: Reach, now: dt.datetime) -> list[Load]:
    """A row for each collector of the part and whoever else has one of the cases, the fullest hands first. Eight queries, however many there are."""
    day = timezone.localdate(now)
    begins, ends = (
        timezone.make_aware(dt.datetime.combine(each, dt.time())) for each in (day, day + dt.timedelta(days=1))
    )
    open_ = cases.filter(OPEN, owner__isnull=False).order_by()
    owned = {
        row["owner"]: row
        for row in open_.values("owner").annotate(n=Count("pk"), calls=Count("pk", filter=Q(call_at__lt=ends)))
    }
    promised = _promised(cases, day)
    members = User.objects.filter(pk__in=_members(reach)).order_by()
    users = {user.pk: user for user in members} | User.objects.in_bulk(list(owned))
    lists = _lists(list(users), day)
    spoken = Contact.objects.filter(actor__in=users, at__gte=begins, at__lt=ends).order_by().values("actor")
    talked = {row["actor"]: row for row in spoken.annotate(talk=Sum("seconds"), last=Max("at"))}
    absent = Absence.objects.filter(user__in=users, from_on__lte=day, to_on__gte=day).select_related("stand_in")
    away = {one.user_id: one for one in absent}
    minutes = policy(day).lists.day_minutes
    found = [
        _load(
            user,
            owned.get(pk, {}),
            lists.get(pk, (0, 0, 0)),
            promised.get(pk, (0, 0)),
            talked.get(pk, {}),
            away.get(pk),
            minutes,
        )
        for pk, user in users.items()
    ]
    return sorted(found, key=lambda one: (-one.cases, one.user.name))


def queues(cases: QuerySet[Case]) -> list[Queue]:
    """What nobody has, by org, the longest first. One query."""
    waiting = cases.filter(OPEN, owner=None, track=Track.HOUSE).order_by().values("org_id", "currency")
    held: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in waiting.annotate(
        n=Count("pk"),
        up=Count("pk", filter=Q(handed_up_at__isnull=False)),
        late=Count("pk", filter=Q(rank__gte=LATE)),
        claimed=Sum("claim"),
    ):
        held[row["org_id"]].append(dict(row))
    tree = orgs.tree()
    found = [
        Queue(
            org_id, tree.name(org_id), sum(row["n"] for row in rows), sum(row["up"] for row in rows), sum(row["late"] for row in rows),
            tuple((row["claimed"], row["currency"]) for row in sorted(rows, key=lambda row: row["currency"])),
        )
        for org_id, rows in held.items()
    ]  # fmt: skip
    return sorted(found, key=lambda one: (-one.cases, one.org_id))


LATE: Final = 4
"""Rank of M3 on the ladder."""


def _members(reach: Reach) -> set[int]:
    """Who works cases of the part, and is active."""
    held = Membership.objects.filter(role__in=COLLECTING, user__is_active=True)
    if reach.org_ids is not None:
        held = held.filter(org_id__in=sorted(reach.org_ids))
    return set(held.values_list("user_id", flat=True))


def _lists(users: list[int], day: dt.date) -> Mapping[int, tuple[int, int, int]]:
    """Of today's lists: rows, done ones, and the seconds that policy counts for those."""
    found: dict[int, tuple[int, int, int]] = {}
    rows = Row.objects.filter(day=day, owner__in=users).order_by()
    for owner, done_at, closed_at, values in rows.values_list("owner_id", "done_at", "case__closed_at", "values"):
        all_, done, seconds = found.get(owner, (0, 0, 0))
        over = done_at is not None or closed_at is not None
        found[owner] = all_ + 1, done + over, seconds + (values.get("seconds", 0) if done_at is not None else 0)
    return found


def _promised(cases: QuerySet[Case], day: dt.date) -> Mapping[int, tuple[int, int]]:
    """By owner, the parts of open promises that are not paid yet, and those of them that fall due by a day."""
    standing = Q(
        state=PromiseState.OPEN,
        promise__state=PromiseState.OPEN,
        promise__case__in=cases.filter(OPEN).order_by().values("pk"),
    )
    parts = PromisePart.objects.filter(
        standing, received__lt=F("amount"), promise__case__owner__isnull=False
    ).order_by()
    counted = parts.values("promise__case__owner").annotate(n=Count("pk"), due=Count("pk", filter=Q(due_on__lte=day)))
    return {row["promise__case__owner"]: (row["n"], row["due"]) for row in counted}


def _load(
    user: User, owned: Mapping[str, Any], listed: tuple[int, int, int], promised: tuple[int, int], talked: Mapping[str, Any], away: Absence | None,
    day_minutes: int,
) -> Load:  # fmt: skip
    rows, done, seconds = listed
    return Load(
        user, owned.get("n", 0), rows, done, seconds // 60, (talked.get("talk") or 0) // 60, *promised, owned.get("calls", 0), talked.get("last"),
        away, min(round(100 * seconds / (day_minutes * 60)), 100),
    )  # fmt: skip
