"""Whether as many default as the probabilities of default say: intervals of rates, the binomial test, the traffic light, Hosmer and Lemeshow's test."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Literal

import numpy as np

from daihou.assessment.validation.interval import Interval, normal
from daihou.assessment.validation.tails import binomial_tail, chi_squared_tail

if TYPE_CHECKING:
    import numpy.typing as npt

Light = Literal["green", "yellow", "red"]


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of like probability of default: from the lowest to the highest, how many, how many bad, and how many were expected to be."""

    low: float
    high: float
    n: int
    bad: int
    expected: float

    @property
    def mean_pd(self) -> float:
        """The mean probability of default."""
        return self.expected / self.n

    @property
    def rate(self) -> float:
        """The share that was bad."""
        return self.bad / self.n


@dataclass(frozen=True, slots=True)
class HosmerLemeshow:
    """The statistic, its degrees of freedom, its p (None without a degree of freedom), the groups, and how many groups fewer than asked ties left."""

    chi2: float
    df: int
    p: float | None
    rows: tuple[Group, ...]
    merged: int


def wilson(bad: int, n: int, confidence: float) -> Interval | None:
    """A share with Wilson's score interval, which keeps within 0 and 1 and holds for few too (Wilson, JASA 22, 1927, 209-212); None of nobody."""
    if not 0 <= bad <= n:
        raise ValueError(f"{bad} of {n} cannot be")
    if n == 0:
        return None
    z = normal(confidence)
    share, weight = bad / n, z * z / n
    middle = share + weight / 2
    half = z * sqrt(share * (1 - share) / n + weight / (4 * n))
    low = 0.0 if bad == 0 else max((middle - half) / (1 + weight), 0.0)
    high = 1.0 if bad == n else min((middle + half) / (1 + weight), 1.0)
    return Interval(share, low, high)


def binomial(n: int, bad: int, pd: float) -> float:
    """The chance of so many or more defaults where each has the probability pd and none draws another along.

    Defaults that come together make it too strict (Tasche, A traffic lights approach to PD validation, 2003). Of rows with probabilities of their own give
    the mean: their count spreads less than the binomial's, so that the test errs towards not rejecting.
    """
    return binomial_tail(n, bad, pd)


def normal_z(n: int, bad: int, pd: float) -> float:
    """How many standard deviations the default rate lies above pd; below, negative. ValueError of nobody or a pd that is none."""
    if n < 1 or not 0 < pd < 1:
        raise ValueError(f"no z of {n} rows with a probability of {pd}")
    return (bad / n - pd) / sqrt(pd * (1 - pd) / n)


def traffic(n: int, bad: int, pd: float, green: float, red: float) -> Light:
    """The light of a default rate against pd: green while the deviation is not significant at the level `green`, red from the level `red` on, yellow between.

    OeNB and FMA, Guidelines on Credit Risk Management: Rating Models and Validation (2004), on back-testing the calibration: 95 % and 99.9 %. The level is
    1 less the chance of so many *or more*, so that no default is never a deviation upwards; the cumulated sum that the guideline prints calls it one where
    defaults are rare, and says itself that this is not reliable.
    """
    if not 0 < green < red < 1:
        raise ValueError(f"the levels of a light are in order: {green}, {red}")
    chance = binomial(n, bad, pd)
    if chance <= 1 - red:
        return "red"
    return "yellow" if chance <= 1 - green else "green"


def hosmer_lemeshow(
    pd: npt.NDArray[np.float64], bad: npt.NDArray[np.bool_], groups: int, *, trained: bool
) -> HosmerLemeshow | None:
    """The test of Hosmer and Lemeshow (Applied Logistic Regression): the sum over groups of (O - E)^2 / (n pi (1 - pi)), pi a group's mean probability.

    Rows are grouped by their probability, as even as equal probabilities allow, which stay together. On data that trained or calibrated the model it has
    two degrees of freedom fewer than groups, on new data as many as groups. None of nobody. ValueError where a pd does not lie between 0 and 1.
    """
    values = np.asarray(pd, np.float64)
    if not len(values):
        return None
    if not ((values > 0) & (values < 1)).all():
        raise ValueError("a probability of default does not lie between 0 and 1")
    rows = _groups(values, np.asarray(bad, np.bool_), groups)
    chi2 = sum((row.bad - row.expected) ** 2 / (row.expected * (1 - row.mean_pd)) for row in rows)
    df = len(rows) - 2 if trained else len(rows)
    return HosmerLemeshow(chi2, max(df, 0), chi_squared_tail(chi2, df) if df > 0 else None, rows, groups - len(rows))


def _groups(pd: npt.NDArray[np.float64], bad: npt.NDArray[np.bool_], groups: int) -> tuple[Group, ...]:
    """At most so many groups, from the lowest probability on. A probability goes where the middle of its rows falls."""
    order = np.argsort(pd)
    ordered, outcome = pd[order], bad[order]
    first = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    counts = np.diff(np.append(first, len(ordered)))
    at = (groups * (2 * first + counts)) // (2 * len(ordered))
    starts = first[np.flatnonzero(np.concatenate([[True], at[1:] != at[:-1]]))]
    ends = np.append(starts[1:], len(ordered))
    return tuple(
        Group(
            float(ordered[start]), float(ordered[end - 1]), int(end - start), int(outcome[start:end].sum()),
            float(ordered[start:end].sum()),
        )
        for start, end in zip(starts, ends, strict=True)
    )  # fmt: skip
