"""How sure an area under the curve is, and how sure the difference of two on the same rows: the variance of DeLong.

E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson, Comparing the areas under two or more correlated receiver operating characteristic curves, Biometrics 44
(1988) 837-845. The placements that it averages are counted from sorted rows (as X. Sun, W. Xu, IEEE Signal Processing Letters 21 (2014) 1389-1393, do
with midranks), so that it takes n log n steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, exp, log, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from daihou.assessment.validation.interval import Interval, normal
from daihou.assessment.validation.levels import Levels, levels

if TYPE_CHECKING:
    import numpy.typing as npt

    Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Difference:
    """The first area less the second, its interval, and the two-sided p of no difference; None where the rows have no spread to tell them from."""

    value: float
    low: float | None
    high: float | None
    p: float | None


def area(found: Levels) -> float:
    """The chance that a bad row is riskier than a good one, ties counted one half, from whole numbers. Both classes must be there."""
    below = np.cumsum(found.good) - found.good
    halves = int(np.sum(found.bad * (2 * below + found.good)))
    return halves / (2 * found.bads * found.goods)


def auc_interval(risk: npt.NDArray[Any], bad: npt.NDArray[np.bool_], confidence: float) -> Interval | None:
    """The area under the curve with its interval, made on the logit scale so that it stays within 0 and 1; None of one class alone.

    Without ends where there are fewer than two of a class, or all placements are alike (a score that parts the classes wholly, or not at all).
    """
    found = levels(risk, bad)
    if found.one_class:
        return None
    value = area(found)
    variance = _variance(found, value)
    if variance is None or not 0 < value < 1:
        return Interval(value, None, None)
    middle = log(value / (1 - value))
    half = normal(confidence) * sqrt(variance) / (value * (1 - value))
    return Interval(value, _share(middle - half), _share(middle + half))


def auc_difference(
    risk_a: npt.NDArray[Any], risk_b: npt.NDArray[Any], bad: npt.NDArray[np.bool_], confidence: float
) -> Difference | None:
    """The area of the first risk less that of the second on the same rows, paired; None of one class alone.

    Where both put every row in the same place the difference is 0 for certain. Where it cannot vary otherwise, only the value is told.
    """
    of_a, of_b = levels(risk_a, bad), levels(risk_b, bad)
    if of_a.one_class:
        return None
    value = area(of_a) - area(of_b)
    one, other = _placements(of_a, risk_a, bad), _placements(of_b, risk_b, bad)
    of_bad, of_good = one[0] - other[0], one[1] - other[1]
    if not of_bad.any() and not of_good.any():
        return Difference(0.0, 0.0, 0.0, 1.0)
    bads, goods = len(of_bad), len(of_good)
    if bads < 2 or goods < 2:
        return Difference(value, None, None, None)
    variance = float(np.var(of_bad, ddof=1)) / (4 * goods**2 * bads) + float(np.var(of_good, ddof=1)) / (
        4 * bads**2 * goods
    )
    if variance <= 0:
        return Difference(value, None, None, None)
    spread = sqrt(variance)
    half = normal(confidence) * spread
    return Difference(value, max(value - half, -1.0), min(value + half, 1.0), erfc(abs(value) / spread / sqrt(2)))


def _placed(found: Levels) -> tuple[Counts, Counts]:
    """By level, whole numbers: of a bad row twice the good ones below it, of a good row twice the bad ones above it, a tie once."""
    below = 2 * np.cumsum(found.good) - found.good
    above = 2 * found.bads - 2 * np.cumsum(found.bad) + found.bad
    return below, above


def _placements(found: Levels, risk: npt.NDArray[Any], bad: npt.NDArray[np.bool_]) -> tuple[Counts, Counts]:
    """The same by row: of the bad rows, of the good rows."""
    at = np.searchsorted(found.risk, np.asarray(risk, np.float64))
    of_bad, of_good = _placed(found)
    return of_bad[at[bad]], of_good[at[~bad]]


def _variance(found: Levels, value: float) -> float | None:
    """The variance of the area; None where there is no spread to tell it from."""
    bads, goods = found.bads, found.goods
    if bads < 2 or goods < 2:
        return None
    of_bad, of_good = _placed(found)
    spread = float(
        np.sum(found.bad * (of_bad / (2 * goods) - value) ** 2) / (bads - 1) / bads
        + np.sum(found.good * (of_good / (2 * bads) - value) ** 2) / (goods - 1) / goods
    )
    return spread if spread > 0 else None


def _share(logit: float) -> float:
    """Back from the logit scale, without overflow at either end."""
    small = exp(-abs(logit))
    return (1.0 if logit >= 0 else small) / (1 + small)
