"""Rules by what people concluded: how often each was right, how long its alerts took, and whether it still keeps what its backtest promised.

An alert labels every rule that has a signal in it, once. Confirmed is right, a false alarm is wrong; duplicates and data errors say nothing of
the rule and are counted apart. What waits for confirmation is not counted yet.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

from django.db.models import Count, Q

from daihou.desk.alerts.choices import Conclusion
from daihou.desk.alerts.deadlines import work_days_taken
from daihou.desk.alerts.models import Alert, AlertSignal
from daihou.desk.alerts.policy import policy
from daihou.desk.alerts.promises import Promise, Version, promises
from daihou.desk.alerts.watches import is_watch
from daihou.warning.precision import Precision, Verdict, precision, verdict

if TYPE_CHECKING:
    from django.db.models import QuerySet


WAITS: Final = "waits"
"""What nobody has decided on yet."""


@dataclass(frozen=True, slots=True)
class Record:
    """What people concluded on the alerts of one version of a rule within policy's days."""

    rule_id: str
    version: int
    live: Precision
    duplicates: int
    data_errors: int
    open: int
    """Alerts of it that nobody has decided on yet."""
    work_days: float | None
    """The median of work days from being raised to the first conclusion."""
    promise: Promise | None
    verdict: Verdict

    @property
    def watch(self) -> bool:
        """Whether it is a watch within the day, of which no page of rules tells."""
        return is_watch(self.rule_id)

    @property
    def decayed(self) -> bool:
        """Whether it no longer keeps its promise."""
        return self.verdict == "decayed"


def records(alerts: QuerySet[Alert], now: dt.datetime) -> list[Record]:
    """Every version that has alerts among some, open or decided lately: the decayed first, then those with most to go by."""
    house, promised = policy(), promises()
    since = now - dt.timedelta(days=house.precision_days)
    decided = Q(alert__confirmed_at__gte=since) & ~Q(alert__conclusion="")
    waits = Q(alert__closed_at=None, alert__confirmed_at=None)
    rows = AlertSignal.objects.filter(decided | waits, alert__in=alerts).order_by()
    told = rows.values_list("rule_id", "version", "alert__confirmed_at", "alert__conclusion")
    counted: dict[Version, Counter[str]] = defaultdict(Counter)
    for rule_id, version, confirmed, conclusion, count in told.annotate(n=Count("alert", distinct=True)):
        counted[rule_id, version][conclusion if confirmed else WAITS] += count
    took = _took(alerts, since)
    found = []
    for (rule_id, version), said in counted.items():
        live = precision(said[Conclusion.CONFIRMED], said[Conclusion.FALSE_ALARM], house.confidence)
        promise = promised.get((rule_id, version))
        judged = verdict(
            live, promise.precision if promise else None, house.precision_fewest, house.precision_tolerance
        )
        days = took.get((rule_id, version))
        found.append(
            Record(
                rule_id, version, live, said[Conclusion.DUPLICATE], said[Conclusion.DATA_ERROR], said[WAITS],
                median(days) if days else None, promise, judged,
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: (not one.decayed, -one.live.judged, one.rule_id, one.version))


def overall(alerts: QuerySet[Alert], now: dt.datetime) -> Precision:
    """All rules together: an alert counts once, by what was decided within policy's days."""
    house = policy()
    since = now - dt.timedelta(days=house.precision_days)
    said = alerts.filter(confirmed_at__gte=since).aggregate(
        right=Count("pk", filter=Q(conclusion=Conclusion.CONFIRMED)),
        wrong=Count("pk", filter=Q(conclusion=Conclusion.FALSE_ALARM)),
    )
    return precision(said["right"], said["wrong"], house.confidence)


def promised_overall(alerts: QuerySet[Alert], now: dt.datetime) -> float | None:
    """What backtests promised of the same alerts together: each version's promise by how many conclusions it has; None where fewer than half have one."""
    every = records(alerts, now)
    known = [(one.live.judged, one.promise.precision) for one in every if one.promise]
    judged, weighed = sum(one.live.judged for one in every), sum(count for count, _ in known)
    return sum(count * share for count, share in known) / weighed if weighed and weighed * 2 >= judged else None


def _took(alerts: QuerySet[Alert], since: dt.datetime) -> dict[Version, list[int]]:
    """Work days from raised to concluded, of alerts decided since, by version."""
    rows = AlertSignal.objects.filter(
        alert__in=alerts, alert__confirmed_at__gte=since, alert__concluded_at__isnull=False
    )
    told = (
        rows.order_by()
        .values_list("rule_id", "version", "alert_id", "alert__raised_at", "alert__concluded_at")
        .distinct()
    )
    found: dict[Version, list[int]] = defaultdict(list)
    for rule_id, version, _alert, raised, concluded in told.iterator():
        if concluded is not None:
            found[rule_id, version].append(work_days_taken(raised, concluded))
    return found
