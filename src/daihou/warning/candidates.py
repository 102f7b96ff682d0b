"""Thresholds worth trying for a measure: every value where these are few, else round numbers along its bad tail, and what live rules ask."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterable

Worse = Literal["high", "low"]
"""Which way a measure is bad."""
Values = npt.NDArray[np.float64]

WHOLE: Final = frozenset({"days", "months", "count"})
"""Units that have whole numbers only."""
PERCENT: Final = frozenset({"share", "rate"})
"""Units in which people write percents."""

TAIL: Final[tuple[float, ...]] = (
    0.60, 0.50, 0.40, 0.30, 0.25, 0.20, 0.15, 0.12, 0.10, 0.08, 0.06, 0.05, 0.04, 0.03, 0.02, 0.015, 0.01, 0.006, 0.003, 0.001,
)  # fmt: skip
"""Shares of subject-dates that a threshold is to leave beyond it: dense where the alerts are few, since that is where work can be done."""
BODY: Final = (0.90, 0.80, 0.70)
"""Tried before these where the shares are only of subjects that have anything bad to show at all."""
AROUND: Final = 0.2
"""A round number is taken in place of an exact quantile where the share beyond it differs by no more than this part."""

CROWDED: Final = 0.95
"""Where less than this share lies above the least value, that value is one that many share."""

STEPS: Final[dict[str, tuple[Decimal, ...]]] = {
    "days": tuple(map(Decimal, (360, 180, 90, 60, 30, 15, 10, 5, 1))),
    "months": tuple(map(Decimal, (12, 6, 3, 1))),
}
"""What is round in days and months; elsewhere 5, 2 and 1 of every power of ten."""


@dataclass(frozen=True, slots=True, order=True)
class Threshold:
    """One threshold in the units a rule is written in: `measure >= value` where high is bad, `measure <= value` where low is."""

    value: float
    strict: bool = False
    """Whether the value itself is not beyond: `>` or `<`."""

    def rule(self, measure: str, worse: Worse, unit: str) -> str:
        """The condition as a rule says it."""
        sign = (">" if worse == "high" else "<") + ("" if self.strict else "=")
        return f"{measure} {sign} {self.said(unit)}"

    def said(self, unit: str) -> str:
        """The value as it is written in a rule: a share as a percentage."""
        exact = Decimal(repr(self.value))
        return f"{_plain(exact * 100)}%" if unit in PERCENT else _plain(exact)

    def bound(self, worse: Worse) -> float:
        """The least badness that is beyond: badness is the value where high is bad, and the value with its sign turned where low is."""
        badness = self.value if worse == "high" else -self.value
        return math.nextafter(badness, math.inf) if self.strict else badness


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}" if number else "0"


def candidates(
    values: Values, worse: Worse, unit: str, most: int, present: Iterable[Threshold] = ()
) -> tuple[Threshold, ...]:
    """Thresholds to try, from the loosest to the strictest, those of live rules among them.

    `values` are those of subjects at risk, in any order; NaN and infinite ones are not looked at. A threshold that all values are beyond is
    not tried: it tells nothing apart. So a measure with one value has no candidate but those that rules have.
    """
    badness = np.sort(values[np.isfinite(values)] if worse == "high" else -values[np.isfinite(values)])
    distinct = np.unique(badness)
    few = len(distinct) <= most + 1
    chosen = _between(distinct, worse, unit) if few else _along_the_tail(badness, worse, unit, most)
    found: dict[float, Threshold] = {}
    for threshold in (*present, *(Threshold(value) for value in chosen)):
        found.setdefault(threshold.bound(worse), threshold)
    return tuple(found[bound] for bound in sorted(found))


def _back(badness: float, worse: Worse) -> float:
    return float(badness if worse == "high" else -badness) + 0.0  # so that 0 has no sign


def _between(distinct: Values, worse: Worse, unit: str) -> list[float]:
    """For each value but the least bad a number that it and all worse ones are beyond: itself where it is whole, else a round one near it."""
    if unit in WHOLE:
        return [_back(value, worse) for value in distinct[1:]]
    found = []
    for before, value in pairwise(distinct):
        exact, loose = _back(value, worse), _back((before + value) / 2, worse)
        found.append(_roundest(min(exact, loose), max(exact, loose), exact, unit))
    return found


def _along_the_tail(badness: Values, worse: Worse, unit: str, most: int) -> list[float]:
    """So many numbers as are asked at most, round ones where they are near, each beyond all but a chosen share of the values.

    Where many share the least value, as loans without arrears do, the shares are of the others, and all of these are the first choice.
    """
    others = badness[np.searchsorted(badness, badness[0], side="right") :]
    crowded = len(others) < CROWDED * len(badness)
    first = [_back(others[0], worse)] if crowded else []
    tried: tuple[float, ...] = (*BODY, *TAIL) if crowded else TAIL
    most -= len(first)
    if len(tried) > most:
        tried = tuple(tried[round(place * (len(tried) - 1) / max(most - 1, 1))] for place in range(most))
    found = []
    for level in tried:
        loose, exact, strict = (_back(_beyond(others, level * part), worse) for part in (1 + AROUND, 1, 1 - AROUND))
        found.append(_roundest(min(loose, strict), max(loose, strict), exact, unit))
    return list(dict.fromkeys(first + found))


def _beyond(badness: Values, share: float) -> float:
    """The value that a share of the sorted values, at least one of them, lie at or beyond."""
    return float(badness[len(badness) - min(max(math.ceil(share * len(badness)), 1), len(badness))])


def _roundest(low: float, high: float, exact: float, unit: str) -> float:
    """The roundest number from `low` to `high`, of those equally round the nearest to `exact`."""
    if low <= 0 <= high:
        return 0.0
    for step in _steps(unit, max(abs(low), abs(high))):
        nearest = (Decimal(exact) / step).quantize(Decimal(1)) * step
        for tried in (nearest, nearest - step, nearest + step):
            if low <= float(tried) <= high:
                return float(tried)
    return exact


def _steps(unit: str, greatest: float) -> Iterable[Decimal]:
    if unit in STEPS:
        return STEPS[unit]
    power = math.floor(math.log10(greatest)) + 1
    least = 0 if unit in WHOLE else power - 6
    return [Decimal(digit).scaleb(at) for at in range(power, least - 1, -1) for digit in (5, 2, 1)]
