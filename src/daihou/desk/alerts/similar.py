"""Past alerts of the same rule: how they ended, how long they took, and which of their borrowers defaulted afterwards."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from statistics import median
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from daihou.book.days import add_months
from daihou.desk.alerts import deadlines, scope
from daihou.desk.alerts.choices import Outcome, Stage
from daihou.desk.alerts.models import Alert, Move
from daihou.desk.alerts.policy import policy
from daihou.desk.portfolio import moments, reading
from daihou.desk.signals.watch import parquet
from daihou.desk.vault import people
from daihou.runs import store
from daihou.runs.portfolio.panel import last_of_months

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.book.home import Home
    from daihou.desk.asked import Asked
    from daihou.desk.portfolio.moments import Moment

LOOKED_AT: Final = 200
"""The newest alerts that are told of; older ones say little of today."""
SHOWN: Final = 6
COLOURS: Final = {Outcome.LIFTED: "red", Outcome.FALSE_ALARM: "", Outcome.DUPLICATE: "", Outcome.DATA_ERROR: "yellow"}
Raised = tuple[str, dt.date]
"""A borrower and the date on which an alert was raised."""


@dataclass(frozen=True, slots=True)
class Past:
    """One of them."""

    alert: Alert
    name: str | None
    own: bool
    """Whether it is the same borrower, or the same version of a model."""
    alike: bool
    """Whether the borrower is of the same industry."""
    note: str
    """What was said when it ended."""
    work_days: int
    defaulted: bool | None
    """Whether past due by more days than policy says within the horizon; None where that is not over yet, or the borrower had been in default before."""


@dataclass(frozen=True, slots=True)
class Similar:
    """What came of them."""

    rows: tuple[Past, ...]
    """Those shown: the same borrower's first, then the same industry's, the newest first."""
    count: int
    more: bool
    """Whether there are older ones that nothing is told of."""
    outcomes: tuple[tuple[Outcome, str, int], ...]
    """How they ended, each with its colour and how many."""
    confirmed_share: float | None
    """Of those confirmed or found to be false alarms."""
    work_days: float | None
    """The median of what they took."""
    judged: int
    """Of how many it is known whether a default came after."""
    defaulted: int

    @property
    def bars(self) -> list[tuple[str, float, float]]:
        """The ends as one bar: colour, where it begins and how wide it is, of 100."""
        found, at = [], 0.0
        for _outcome, colour, n in self.outcomes:
            found.append((colour or "grey", at, 100 * n / self.count))
            at += found[-1][2]
        return found

    @property
    def horizon(self) -> int:
        """Days after which that is known."""
        return policy().aftermath_days


def similar(alert: Alert, request: Asked, moment: Moment | None) -> Similar:
    """The alerts of the same rule, or raised by hand on the same topic, closed within policy's months and in reach of who asks."""
    since = timezone.localtime().date()
    begun = timezone.make_aware(dt.datetime.combine(add_months(since, -policy().similar_months), dt.time()))
    same = Q(rule_id=alert.rule_id) if alert.rule_id else Q(rule_id="", topic=alert.topic)
    found = scope.seen(request.user, request.rights).filter(same, closed_at__gte=begun).exclude(pk=alert.pk)
    past = list(found.order_by("-closed_at")[: LOOKED_AT + 1])
    more, past = len(past) > LOOKED_AT, past[:LOOKED_AT]
    industries = _industries([alert, *past], moment)
    after = _after(past, moment)
    chosen = sorted(past, key=lambda one: (one.subject_id != alert.subject_id, not _alike(industries, one, alert)))
    names = people.masked_names(one.borrower_id for one in chosen[:SHOWN] if one.borrower_id)
    notes = _endings(chosen[:SHOWN])
    rows = tuple(
        Past(
            one, names.get(one.borrower_id), one.subject_id == alert.subject_id, _alike(industries, one, alert), notes.get(one.pk, ""),
            _taken(one), after.get((one.borrower_id, one.raised_on)),
        )
        for one in chosen[:SHOWN]
    )  # fmt: skip
    counted = Counter(one.outcome for one in past)
    right, wrong = counted[Outcome.LIFTED], counted[Outcome.FALSE_ALARM]
    known = [defaulted for one in past if (defaulted := after.get((one.borrower_id, one.raised_on))) is not None]
    return Similar(
        rows, len(past), more, tuple((end, COLOURS[end], counted[end]) for end in Outcome if counted[end]),
        right / (right + wrong) if right + wrong else None, median(map(_taken, past)) if past else None, len(known), sum(known),
    )  # fmt: skip


def _taken(one: Alert) -> int:
    """Work days from its raising to its end."""
    return deadlines.work_days_taken(one.raised_at, one.closed_at or one.raised_at)


def _alike(industries: dict[str, str], one: Alert, other: Alert) -> bool:
    industry = industries.get(other.borrower_id)
    return industry is not None and industries.get(one.borrower_id) == industry


def _endings(past: Sequence[Alert]) -> dict[int, str]:
    """What was said last when each was closed; one query."""
    closing = Move.objects.filter(alert__in=[one.pk for one in past], stage_after=Stage.CLOSED).exclude(
        stage_before=Stage.CLOSED
    )
    return {move.alert_id: move.note for move in closing.order_by("id")}


def _industries(alerts: Sequence[Alert], moment: Moment | None) -> dict[str, str]:
    """The industry of each borrower that has one, from the newest run."""
    ids = sorted({one.borrower_id for one in alerts if one.borrower_id})
    if moment is None or len(alerts) < 2 or not ids:
        return {}
    source = reading.Source("borrower_snapshots", moment.pair, moment.stamp)
    if "industry" not in source.columns:
        return {}
    rows = reading.rows(
        f"SELECT borrower_id, industry FROM {source.written} WHERE borrower_id IN (SELECT unnest(?::VARCHAR[])) AND industry IS NOT NULL",
        [ids],
    )
    return {row["borrower_id"]: row["industry"] for row in rows}


def _after(past: Sequence[Alert], moment: Moment | None) -> dict[Raised, bool | None]:
    """By borrower and date of raising, whether a default came within the horizon."""
    raised = tuple(sorted({(one.borrower_id, one.raised_on) for one in past if one.borrower_id}))
    if moment is None or not raised:
        return {}
    return _defaulted(settings.HOME, moment.stamp, raised, policy().aftermath_dpd, policy().aftermath_days)


@lru_cache(maxsize=128)
def _defaulted(home: Home, stamp: str, raised: tuple[Raised, ...], dpd: int, horizon: int) -> dict[Raised, bool | None]:
    """From the days past due at the ends of months, which runs wrote for every borrower."""
    own = [pair for pair in store.pairs(home) if pair[0] == pair[1]]
    newest = max((as_of for as_of, _ in own), default=dt.date.min)
    ends = set(last_of_months(as_of for as_of, _ in own))
    first = add_months(raised[0][1] if len(raised) == 1 else min(on for _, on in raised), -2)
    wanted = [pair for pair in own if pair[0] in ends and pair[0] >= first]
    paths = [path for pair in wanted for path in moments.files("borrower_snapshots", pair, stamp)]
    late: dict[str, list[dt.date]] = {}
    if paths:
        ids = sorted({borrower_id for borrower_id, _ in raised})
        asked = f"SELECT borrower_id, as_of FROM {parquet(paths)} WHERE worst_dpd > ? AND borrower_id IN (SELECT unnest(?::VARCHAR[]))"
        for row in reading.rows(asked, [dpd, ids]):
            late.setdefault(row["borrower_id"], []).append(row["as_of"])
    return {
        (borrower_id, on): _within(late.get(borrower_id, []), on, newest, dpd, horizon) for borrower_id, on in raised
    }


def _within(late: Sequence[dt.date], on: dt.date, newest: dt.date, dpd: int, horizon: int) -> bool | None:
    """Whether one of the dates in default lies within the horizon; None where it is not known, or nothing was left to warn of."""
    until = on + dt.timedelta(days=horizon)
    if any(day <= on and (on - day).days <= dpd for day in late):
        return None
    if any(on < day <= until for day in late):
        return True
    return False if until <= newest else None
