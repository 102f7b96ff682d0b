"""What a backtest says: for each rule, and for rules together, how much work it made, how often it was right, and what it caught how early."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from daihou.warning.episodes import CENSORED, LATE, REPEAT, RIGHT, WRONG
from daihou.warning.verdicts import DEFAULTED, SIGNAL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from daihou.warning.fold import Days
    from daihou.warning.verdicts import Verdicts

DAYS_OF_MONTH: Final = 365.25 / 12
LEADS: Final = (30, 60, 90, 180)
"""Upper ends of the classes of lead time, in days; the last class has none."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one rule, or a set of rules, would have done. Ratios are None where nothing stands to be divided by, or defaults are too few.

    `alerts` are episodes that began after the first date; those of the first date are its `backlog`, which any rule finds when it begins.
    """

    signals: int
    backlog: int
    alerts: int
    alerts_a_month: float | None
    alerts_per_1000_a_month: float | None
    right: int
    wrong: int
    censored: int
    repeats: int
    late: int
    precision: float | None
    false_a_month: float | None
    """Wrong episodes a month, over the months up to the last date whose horizon is over: of later ones none can be known to be wrong."""
    defaults: int
    caught: int
    recall: float | None
    defaulted_balance: int
    caught_balance: int
    recall_balance: float | None
    lead_days: tuple[float, float, float] | None
    """The first quartile, the median and the third quartile over the defaults caught."""
    leads: tuple[int, ...]
    """Defaults caught by class of lead time: up to each of LEADS, then longer."""


@dataclass(frozen=True, slots=True)
class OfRule:
    """The result of one version of a rule, and its place among the others."""

    rule: str
    version: int
    result: Result
    unknown_share: float | None
    """Of the answers on watched subjects those that were unknown."""
    alone: int
    """Defaults that no other rule of the set caught."""
    alone_share: float | None
    overlaps: tuple[tuple[str, float], ...]
    """The rules that warned of the same subjects, and the share of this one's subjects that they did, most first."""
    groups: tuple[tuple[str, Result], ...]

    @property
    def label(self) -> str:
        """How sets and overlaps name it."""
        return label(self.rule, self.version)


@dataclass(frozen=True, slots=True)
class OfSet:
    """The result of rules together, and the load it makes for each officer."""

    name: str
    rules: tuple[str, ...]
    result: Result
    groups: tuple[tuple[str, Result], ...]
    officers: tuple[tuple[str, float], ...]
    """Alerts a month of each officer, most first."""


@dataclass(frozen=True, slots=True)
class Results:
    """All results over subjects of one kind."""

    subject: str
    subjects: int
    months: float
    rules: tuple[OfRule, ...]
    sets: tuple[OfSet, ...]


def results(
    subject: str, verdicts: Verdicts, days: Days, horizons: Days, names: Sequence[tuple[str, int]], officers: Sequence[str],
    groups: Sequence[str], fewest: int,
) -> Results:  # fmt: skip
    """What verdicts come to; `names` are the rules with their versions, `officers` and `groups` what their codes stand for.

    Where fewer than `fewest` defaults are there, no ratio about defaults is given.
    """
    defaults = np.concatenate([np.zeros(0, DEFAULTED), *verdicts.defaults])
    count = verdicts.rules + len(verdicts.sets)
    leads = np.concatenate([np.zeros((count, 0), np.int32), *verdicts.leads], axis=1)
    span = _Span(days, horizons, verdicts.watched, fewest)
    parts: list[list[npt.NDArray[Any]]] = [[np.zeros(0, SIGNAL)] for _ in range(count)]
    for part in verdicts.signals:  # each of one rule or set
        parts[int(part["rule"][0])].append(part)
    of = [np.concatenate(one) for one in parts]
    labels = [label(*name) for name in names]
    rules = tuple(
        _of_rule(place, names[place], labels, verdicts, of[place], defaults, leads, groups, span)
        for place in range(verdicts.rules)
    )
    sets = []
    for number, (name, chosen) in enumerate(verdicts.sets.items()):
        place = verdicts.rules + number
        sets.append(
            OfSet(
                name, tuple(labels[rule] for rule in chosen), span.result(of[place], defaults, leads[place]),
                _by_group(of[place], defaults, leads[place], groups, span), _load(of[place], officers, span),
            )
        )  # fmt: skip
    return Results(subject, verdicts.subjects, span.months, rules, tuple(sets))


def label(rule: str, version: int) -> str:
    """A version in one word."""
    return f"{rule} v{version}"


@dataclass(frozen=True, slots=True)
class _Span:
    """How long, over how many subjects, and from how many defaults on ratios are given."""

    days: Days
    horizons: Days
    watched: npt.NDArray[np.int64]
    fewest: int

    @property
    def months(self) -> float:
        """Months from the first date to the last."""
        return float(self.days[-1] - self.days[0]) / DAYS_OF_MONTH

    @property
    def months_over(self) -> float:
        """Months from the first date to the last whose horizon is over; 0 without one."""
        over = self.days[self.horizons <= self.days[-1]]
        return float(over[-1] - over[0]) / DAYS_OF_MONTH if len(over) else 0.0

    def result(
        self, signals: npt.NDArray[Any], defaults: npt.NDArray[Any], leads: npt.NDArray[np.int32], share: float = 1.0
    ) -> Result:
        """The result of some signals and defaults; `share` of the watched subjects is what they are out of, 0 where it is not known."""
        judged = signals["judged"]
        counts = {kind: int((judged == kind).sum()) for kind in (RIGHT, WRONG, CENSORED, REPEAT, LATE)}
        counted = (judged == RIGHT) | (judged == WRONG) | (judged == CENSORED)
        later = counted & (signals["date"] > 0)
        caught = leads >= 0
        balance = int(defaults["balance"].sum())
        caught_balance = int(defaults["balance"][caught].sum())
        enough = len(defaults) >= self.fewest
        watched = float(self.watched[1:].mean()) * share if len(self.watched) > 1 else 0.0
        alerts = int(later.sum())
        a_month = alerts / self.months if self.months else None
        settled = counts[RIGHT] + counts[WRONG]
        found = leads[caught]
        return Result(
            signals=len(signals), backlog=int((counted & (signals["date"] == 0)).sum()), alerts=alerts, alerts_a_month=a_month,
            alerts_per_1000_a_month=None if a_month is None or not watched else 1000 * a_month / watched,
            right=counts[RIGHT], wrong=counts[WRONG], censored=counts[CENSORED], repeats=counts[REPEAT], late=counts[LATE],
            precision=counts[RIGHT] / settled if settled and enough else None,
            false_a_month=int((later & (judged == WRONG)).sum()) / self.months_over if self.months_over and enough else None,
            defaults=len(defaults), caught=int(caught.sum()), recall=int(caught.sum()) / len(defaults) if enough and len(defaults) else None,
            defaulted_balance=balance, caught_balance=caught_balance, recall_balance=caught_balance / balance if enough and balance else None,
            lead_days=tuple(float(one) for one in np.quantile(found, (0.25, 0.5, 0.75))) if enough and len(found) else None,  # type: ignore[arg-type]
            leads=tuple(int(one) for one in np.bincount(np.searchsorted(LEADS, found), minlength=len(LEADS) + 1)),
        )  # fmt: skip


def _of_rule(
    place: int, name: tuple[str, int], labels: Sequence[str], verdicts: Verdicts, signals: npt.NDArray[Any], defaults: npt.NDArray[Any],
    leads: npt.NDArray[np.int32], groups: Sequence[str], span: _Span,
) -> OfRule:  # fmt: skip
    caught = leads[: verdicts.rules] >= 0
    rivals = _rivals(place, verdicts.sets)
    alone = int((caught[place] & ~caught[rivals].any(axis=0)).sum())
    enough = len(defaults) >= span.fewest and len(defaults) > 0
    warned = verdicts.warned[place]
    own = int(warned[place])
    others = sorted(
        (
            (labels[other], int(warned[other]) / own)
            for other in range(verdicts.rules)
            if other != place and warned[other] and own
        ),
        key=lambda pair: (-pair[1], pair[0]),
    )
    answers = int(verdicts.watched.sum())
    return OfRule(
        *name, span.result(signals, defaults, leads[place]), int(verdicts.unknown[place]) / answers if answers else None, alone,
        alone / len(defaults) if enough else None, tuple(others), _by_group(signals, defaults, leads[place], groups, span),
    )  # fmt: skip


def _rivals(place: int, sets: Mapping[str, Sequence[int]]) -> list[int]:
    """The other rules of the first set that has this one."""
    chosen: Sequence[int] = next((rules for rules in sets.values() if place in rules), ())
    return [rule for rule in chosen if rule != place]


def _by_group(
    signals: npt.NDArray[Any],
    defaults: npt.NDArray[Any],
    leads: npt.NDArray[np.int32],
    groups: Sequence[str],
    span: _Span,
) -> tuple[tuple[str, Result], ...]:
    found = []
    for code, name in enumerate(groups):
        here = defaults["group"] == code
        found.append((name, span.result(signals[signals["group"] == code], defaults[here], leads[here], 0.0)))
    return tuple(sorted(found, key=lambda pair: (-pair[1].defaults, pair[0])))


def _load(signals: npt.NDArray[Any], officers: Sequence[str], span: _Span) -> tuple[tuple[str, float], ...]:
    judged = signals["judged"]
    counted = (judged != REPEAT) & (judged != LATE) & (signals["date"] > 0) & (signals["officer"] >= 0)
    alerts = np.bincount(signals["officer"][counted], minlength=len(officers))
    load = [
        (officer, float(count) / span.months)
        for officer, count in zip(officers, alerts, strict=True)
        if span.months and count
    ]
    return tuple(sorted(load, key=lambda pair: (-pair[1], pair[0])))
