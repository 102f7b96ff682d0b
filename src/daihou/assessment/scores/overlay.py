"""An overlay: what a scenario of the market does to the probabilities of a model, estimated from how its months came out, bounded by policy.

Each observation point gives the log odds of the bad that came less those that the model expected; a straight line on a measure of the market at the window's end
tells by how much they move with it. The multiplier is what the scenario moves the odds by against the mean of these months.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from daihou.assessment.scores.needed import models_extra
from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    from collections.abc import Sequence

FEWEST_MONTHS: Final = 8
"""A line through fewer points says what one of them says."""


def overlaid(pd: float, multiplier: float) -> float:
    """A probability whose odds are multiplied: never 0 and never 1 where it was neither."""
    odds = multiplier * pd / (1 - pd)
    return pd if multiplier == 1 else odds / (1 + odds)


@dataclass(frozen=True, slots=True)
class Month:
    """An observation point: how many, how many turned bad, how many were expected to, and the market at the end of the window."""

    n: int
    bad: int
    expected: float
    market: float

    @property
    def gap(self) -> float:
        """Log odds that came less those expected; one half is added to counts, so that a month without bad has one."""
        came = math.log((self.bad + 0.5) / (self.n - self.bad + 0.5))
        return came - math.log((self.expected + 0.5) / (self.n - self.expected + 0.5))


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a scenario does."""

    multiplier: float
    """Within the bounds."""
    plain: float
    """Before they were laid on."""
    low: float
    high: float
    """The interval of `plain`."""
    slope: float
    error: float
    p: float
    """The chance of such a slope if the market moved nothing."""
    months: int
    mean: float
    """Of the market over the months."""
    bounded: bool


def estimate(months: Sequence[Month], scenario: float, bounds: tuple[float, float], confidence: float) -> Estimate:
    """The multiplier of a scenario; DaihouError where the months do not allow one."""
    if not math.isfinite(scenario):
        raise DaihouError(
            f"{scenario} is no value of the market.", "Give a number.", zh=(f"{scenario} 不是有效的市场取值。", "请填写数字。")
        )  # fmt: skip
    told = [month for month in months if month.n]
    market = np.array([month.market for month in told])
    if len(told) < FEWEST_MONTHS or market.min() == market.max():
        raise DaihouError(
            f"{len(told)} observation points with a value of the market, {len(set(market.tolist()))} of them different: no line can be drawn.",
            f"Observe {FEWEST_MONTHS} at least, over times in which the market moved; or state a multiplier of your own with the reason.",
            zh=(
                f"有市场数据的观察点 {len(told)} 个、不同取值 {len(set(market.tolist()))} 个，无法估计。",
                f"至少需要 {FEWEST_MONTHS} 个且市场有变动；或直接给出专家判断的系数并说明理由。",
            ),
        )
    weights = np.array([month.n * (p := (month.bad + 0.5) / (month.n + 1)) * (1 - p) for month in told])
    api = models_extra("statsmodels.api")
    mean = float(np.average(market, weights=weights))
    fit = api.WLS(np.array([month.gap for month in told]), api.add_constant(market - mean), weights=weights).fit()
    slope, error, p = float(fit.params[1]), float(fit.bse[1]), float(fit.pvalues[1])
    low, high = (float(end) for end in fit.conf_int(alpha=1 - confidence)[1])
    move = scenario - mean
    ends = sorted(math.exp(max(-20.0, min(20.0, end * move))) for end in (low, high))
    plain = math.exp(max(-20.0, min(20.0, slope * move)))
    held = min(max(plain, bounds[0]), bounds[1])
    return Estimate(held, plain, ends[0], ends[1], slope, error, p, len(told), mean, held != plain)
