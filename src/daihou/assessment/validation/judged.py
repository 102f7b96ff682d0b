"""What is told of one group of rows: of a part of the sample, a month, a segment. Where something cannot be told, why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from daihou.assessment.validation import figures
from daihou.assessment.validation.calibrated import HosmerLemeshow, Light  # noqa: TC001 (validation_json reads the types)
from daihou.assessment.validation.figures import Ks
from daihou.assessment.validation.interval import Interval  # noqa: TC001
from daihou.assessment.validation.said import Said

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from daihou.assessment.validation.limits import Limits

EMPTY: Final = Said("nobody was scored", "没有已评分的样本")
ALL_GOOD: Final = Said("nobody defaulted, so that there is nothing to tell apart", "没有违约样本，无从区分好坏")
ALL_BAD: Final = Said("everybody defaulted, so that there is nothing to tell apart", "全部违约，无从区分好坏")


@dataclass(frozen=True, slots=True)
class Judged:
    """A group's figures. Only counts, the rate and the mean probability are told of every group that has anybody."""

    key: str
    name: Said
    n: int
    bad: int
    rate: Interval | None
    mean_pd: float | None
    why: Said | None
    """Why no more is told of how good and bad are parted."""
    auc: Interval | None = None
    gini: float | None = None
    ks: Ks | None = None
    """`at` is a score: it is below it that the bad are most ahead of the good."""
    brier: float | None = None
    brier_constant: float | None = None
    """That of the group's own rate for everybody."""
    binomial_p: float | None = None
    """The chance of so many defaults or more. None with `light` where there are too few to tell."""
    z: float | None = None
    light: Light | None = None
    hosmer: HosmerLemeshow | None = None

    @property
    def excess(self) -> float | None:
        """Calibration in the large: the default rate less the mean probability."""
        return None if self.rate is None or self.mean_pd is None else self.rate.value - self.mean_pd

    @property
    def overstated(self) -> bool:
        """Whether even the upper end of the rate lies below the mean probability."""
        ends = self.rate
        return ends is not None and ends.high is not None and self.mean_pd is not None and ends.high < self.mean_pd


def judged(
    key: str, name: Said, score: npt.NDArray[Any], pd: npt.NDArray[np.float64], bad: npt.NDArray[np.bool_], limits: Limits, *, trained: bool = False
) -> Judged:  # fmt: skip
    """The figures of rows that were scored; `trained` where they trained or calibrated the model, which costs the test of Hosmer and Lemeshow two degrees."""
    n, of_bad = len(bad), int(bad.sum())
    if n == 0:
        return Judged(key, name, 0, 0, None, None, EMPTY)
    rate, mean_pd = figures.wilson(of_bad, n, limits.confidence), float(pd.mean())
    light = light_of(n, of_bad, mean_pd, limits)
    tested = light is not None
    chance = figures.binomial(n, of_bad, mean_pd) if tested else None
    z = figures.normal_z(n, of_bad, mean_pd) if tested else None
    why = untold(n, of_bad, limits.fewest_bad)
    if why is not None:
        return Judged(key, name, n, of_bad, rate, mean_pd, why, binomial_p=chance, z=z, light=light)
    risk = -score.astype("float64")
    area = figures.auc_interval(risk, bad, limits.confidence)
    apart = figures.ks(risk, bad)
    return Judged(
        key, name, n, of_bad, rate, mean_pd, None, area, None if area is None else figures.gini(area.value),
        None if apart is None else Ks(apart.value, -apart.at), figures.brier(pd, bad), of_bad / n * (1 - of_bad / n), chance, z, light,
        figures.hosmer_lemeshow(pd, bad, limits.hl_groups, trained=trained),
    )  # fmt: skip


def light_of(n: int, bad: int, mean_pd: float, limits: Limits) -> Light | None:
    """The light; none where it would be green for want of defaults: few can prove a probability wrong, and never right."""
    light = figures.traffic(n, bad, mean_pd, limits.green, limits.red)
    enough = max(bad, n * mean_pd) >= limits.fewest_bad
    return light if enough or light != "green" else None


def untold(n: int, bad: int, fewest: int) -> Said | None:
    """Why nothing can be told of how so many rows are parted; None where it can."""
    if n == 0:
        return EMPTY
    if bad == 0:
        return ALL_GOOD
    if bad == n:
        return ALL_BAD
    if bad < fewest:
        return Said(
            f"too few defaults to tell: {bad}, where {fewest} are needed",
            f"违约样本过少，无法判断：仅 {bad} 个，至少需要 {fewest} 个",
        )
    if n - bad < fewest:
        return Said(
            f"too few that did not default to tell: {n - bad}, where {fewest} are needed",
            f"正常样本过少，无法判断：仅 {n - bad} 个，至少需要 {fewest} 个",
        )
    return None
