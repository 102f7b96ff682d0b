"""A made-up model, champion and book with known truth: what tests of validations and reports judge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from daihou.assessment.validation.limits import Limits
from daihou.assessment.validation.rows import Rival, Rows
from daihou.assessment.validation.said import Said

if TYPE_CHECKING:
    import numpy.typing as npt

LIMITS: Final = Limits(
    green=0.95,
    red=0.999,
    psi_amber=0.1,
    psi_red=0.25,
    floor=0.0001,
    hl_groups=10,
    confidence=0.95,
    fewest_bad=30,
    auc_fall=0.05,
)
MONTHS: Final = 18
LATER: Final = 12
"""From this month on the rows are out of time."""


def made(
    n: int = 12_000,
    *,
    seed: int = 3,
    harder: float = 0.0,
    moved: float = 0.0,
    noise: float = 0.0,
    champion: float | None = 0.0,
) -> Rows:
    """Rows whose true log-odds of bad are -2.5 + x + y / 2; the model knows both, the champion x and this much of y.

    Out of time everybody is worse by `harder` log-odds, x has moved by `moved`, and the model's score has noise.
    """
    draw = np.random.default_rng(seed)
    month = draw.integers(0, MONTHS, n)
    later = month >= LATER
    part = np.where(later, "later", np.where(draw.random(n) < 0.3, "test", "train"))
    segment = draw.choice(np.array(["consumer", "micro", None], object), n, p=[0.6, 0.38, 0.02])
    x, y = draw.normal(size=n) + moved * later, draw.normal(size=n)
    odds = -2.5 + x + y / 2
    bad = draw.random(n) < _share(odds + harder * later)
    scored, by_champion = draw.random(n) > 0.03, draw.random(n) > 0.01
    mine = odds + noise * later * draw.normal(size=n)
    theirs = -2.5 + x + (champion or 0.0) * y
    return Rows(
        score=_points(mine), scored=scored, pd=np.where(scored, _share(mine), np.nan), bad=bad,
        month=np.array([f"{2024 + at // 12}-{at % 12 + 1:02d}" for at in range(MONTHS)])[month], part=part, segment=segment,
        unscored=np.array([None if one else "missing_income" for one in scored], object),
        champion=None if champion is None else Rival(_points(theirs), by_champion, _share(theirs)),
        places={"x": np.digitize(x, [-1, 0, 1]), "y": np.digitize(y, [-1, 0, 1])},
        segment_names={"consumer": Said("Consumer", "消费贷"), "micro": Said("Micro business", "小微经营贷")},
        reason_names={"missing_income": Said("income not known", "收入缺失")},
        characteristic_names={"x": Said("Days past due", "逾期天数"), "y": Said("Utilisation", "额度使用率")},
    )  # fmt: skip


def _share(odds: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-odds)))


def _points(odds: npt.NDArray[np.float64]) -> npt.NDArray[np.int32]:
    """600 at 30 good for each bad, 20 points to double them."""
    return np.asarray(np.rint(600 - 20 / np.log(2) * (odds + np.log(30))), np.int32)
