"""A team's alerts: who has how many, how old and how late they are, and what was done lately."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Count, Min, Q, Sum

from daihou.desk.alerts.deadlines import Reckoned, work_days_taken
from daihou.desk.people.models import Absence, User

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from daihou.desk.alerts.models import Alert

AGES_DAYS: Final = (3, 10, 30)
"""Bounds of ages in calendar days: up to 3, 4 to 10, 11 to 30, more."""
LATELY: Final = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Load:
    """One person's alerts; `user` is None for those that nobody has."""

    user: User | None
    open: int = 0
    red: int = 0
    overdue: int = 0
    today: int = 0
    snoozed: int = 0
    exposure: int = 0
    ages: tuple[int, ...] = (0, 0, 0, 0)
    oldest: dt.datetime | None = None
    closed: int = 0
    """In the last 30 days."""
    work_days: float | None = None
    """Median from raised to the first conclusion, of those closed lately."""
    away: Absence | None = None
    share: int = 0
    """Of the fullest hands, in percent: the length of a bar."""


def loads(alerts: QuerySet[Alert], members: list[User], reckoned: Reckoned) -> list[Load]:
    """A row for each member of the team and whoever else has one of the alerts, the fullest hands first; last what nobody has, if anything."""
    now = reckoned.now
    bounds = [now - dt.timedelta(days=days) for days in AGES_DAYS]
    ages = {
        "age0": Q(raised_at__gt=bounds[0]), "age1": Q(raised_at__lte=bounds[0], raised_at__gt=bounds[1]),
        "age2": Q(raised_at__lte=bounds[1], raised_at__gt=bounds[2]), "age3": Q(raised_at__lte=bounds[2]),
    }  # fmt: skip
    told = alerts.filter(closed_at=None).values("owner").order_by().annotate(
        n_open=Count("pk"), n_red=Count("pk", filter=Q(level="red")), n_overdue=Count("pk", filter=Q(due_at__lt=now, snoozed_until=None)),
        n_today=Count("pk", filter=Q(due_at__gte=now, due_at__lte=reckoned.end_of_day, snoozed_until=None)),
        n_snoozed=Count("pk", filter=Q(snoozed_until__isnull=False)), exposed=Sum("exposure"), oldest=Min("raised_at"),
        **{name: Count("pk", filter=condition) for name, condition in ages.items()},
    )  # fmt: skip
    by_owner: dict[int | None, dict[str, Any]] = {row["owner"]: dict(row) for row in told}
    closed = _closed(alerts, now - LATELY)
    known = {user.pk: user for user in members}
    users = known | User.objects.in_bulk({pk for pk in by_owner if pk is not None} - known.keys())
    day = reckoned.end_of_day.date()
    away = {
        one.user_id: one for one in Absence.objects.filter(from_on__lte=day, to_on__gte=day).select_related("stand_in")
    }
    most = max((row["n_open"] for row in by_owner.values()), default=1)
    everybody = [*by_owner, *(pk for pk in users if pk not in by_owner)]
    found = [
        _load(users.get(pk or 0), by_owner.get(pk, {}), closed.get(pk, []), away.get(pk or 0), most) for pk in everybody
    ]
    return sorted(found, key=lambda one: (one.user is None, -one.open, one.user.name if one.user else ""))


def _load(user: User | None, row: dict[str, Any], closed: list[int], away: Absence | None, most: int) -> Load:
    return Load(
        user, row.get("n_open", 0), row.get("n_red", 0), row.get("n_overdue", 0), row.get("n_today", 0), row.get("n_snoozed", 0),
        row.get("exposed") or 0, tuple(row.get(f"age{place}", 0) for place in range(len(AGES_DAYS) + 1)), row.get("oldest"), len(closed),
        median(closed) if closed else None, away, round(100 * row.get("n_open", 0) / most),
    )  # fmt: skip


def _closed(alerts: QuerySet[Alert], since: dt.datetime) -> dict[int | None, list[int]]:
    """Work days to the first conclusion, of alerts closed since, by owner."""
    found: dict[int | None, list[int]] = defaultdict(list)
    told = alerts.filter(closed_at__gte=since).order_by().values_list("owner", "raised_at", "concluded_at", "closed_at")
    for owner, raised, concluded, ended in told:
        found[owner].append(work_days_taken(raised, concluded or ended or raised))
    return found
