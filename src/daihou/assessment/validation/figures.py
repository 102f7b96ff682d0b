"""The figures that judge a score: how well it parts good from bad, and whether as many default as it says.

`risk` is greater where it is riskier: a probability of default, or a score with its sign turned. Where only one class is there a figure is None: never a
number that says nothing. All of it needs NumPy alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from daihou.assessment.validation.calibrated import (
    Group,
    HosmerLemeshow,
    Light,
    binomial,
    hosmer_lemeshow,
    normal_z,
    traffic,
    wilson,
)
from daihou.assessment.validation.delong import Difference, area, auc_difference, auc_interval
from daihou.assessment.validation.interval import Interval
from daihou.assessment.validation.levels import levels

if TYPE_CHECKING:
    import numpy.typing as npt

    Bools = npt.NDArray[np.bool_]

__all__ = [
    "Difference", "Gain", "Group", "HosmerLemeshow", "Interval", "Ks", "Light", "auc", "auc_difference", "auc_interval", "binomial", "brier", "gains",
    "gini", "hosmer_lemeshow", "ks", "normal_z", "roc", "traffic", "wilson",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ks:
    """The greatest distance of the two distributions, and the risk up to which (itself included) it is reached."""

    value: float
    at: float


@dataclass(frozen=True, slots=True)
class Gain:
    """Of the riskiest share of all rows, the share of all bad ones among them, and how many times as many as by chance."""

    population: float
    captured: float
    lift: float


def auc(risk: npt.NDArray[Any], bad: Bools) -> float | None:
    """The area under the curve: the chance that a bad row is riskier than a good one, ties counted one half; None of one class alone."""
    found = levels(risk, bad)
    return None if found.one_class else area(found)


def gini(auc: float) -> float:
    """Gini's coefficient, the accuracy ratio: 2 AUC - 1."""
    return 2 * auc - 1


def ks(risk: npt.NDArray[Any], bad: Bools) -> Ks | None:
    """Kolmogorov and Smirnov's distance of bad and good, either way; None of one class alone."""
    found = levels(risk, bad)
    if found.one_class:
        return None
    apart = np.abs(np.cumsum(found.bad) * found.goods - np.cumsum(found.good) * found.bads)
    at = int(np.argmax(apart))
    return Ks(int(apart[at]) / (found.bads * found.goods), float(found.risk[at]))


def brier(pd: npt.NDArray[np.float64], bad: Bools) -> float | None:
    """The mean of (pd - outcome)^2; None of nobody."""
    return float(np.mean((np.asarray(pd, np.float64) - bad) ** 2)) if len(bad) else None


def roc(risk: npt.NDArray[Any], bad: Bools, points: int) -> tuple[tuple[float, float], ...]:
    """The curve from (0, 0) to (1, 1): share of good, share of bad that are at least so risky, thinned to about so many points; empty of one class alone."""
    found = levels(risk, bad)
    if found.one_class:
        return ()
    across = np.concatenate([[0], np.cumsum(found.good[::-1])]) / found.goods
    up = np.concatenate([[0], np.cumsum(found.bad[::-1])]) / found.bads
    kept = np.unique(np.searchsorted(across + up, np.linspace(0, 2, max(points, 2))).clip(0, len(up) - 1))
    return tuple((float(across[at]), float(up[at])) for at in kept)


def gains(risk: npt.NDArray[Any], bad: Bools, groups: int) -> tuple[Gain, ...]:
    """For the riskiest 1, 2, … of so many equal parts of the rows what share of the bad they hold; rows of one risk share theirs evenly. Empty without bad."""
    found = levels(risk, bad)
    if not found.bads:
        return ()
    whole = (found.good + found.bad)[::-1]
    seen = np.concatenate([[0], np.cumsum(whole)]) / (found.goods + found.bads)
    held = np.concatenate([[0], np.cumsum(found.bad[::-1])]) / found.bads
    shares = np.arange(1, groups + 1) / groups
    captured = np.interp(shares, seen, held)
    return tuple(
        Gain(float(share), float(part), float(part / share)) for share, part in zip(shares, captured, strict=True)
    )
