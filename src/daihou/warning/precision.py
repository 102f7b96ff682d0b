"""How often a rule is right when people look: the share that they confirmed, how sure that is, and whether it still keeps what a backtest promised."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Literal

Verdict = Literal["few", "unpromised", "kept", "decayed", "better"]
"""Too few conclusions to say; nothing to compare with; within what chance allows; below the promise; above it."""


@dataclass(frozen=True, slots=True)
class Precision:
    """Of the alerts that people called right or wrong, the share that was right, with its interval."""

    right: int
    wrong: int
    share: float | None
    low: float | None
    high: float | None

    @property
    def judged(self) -> int:
        """How many conclusions it stands on."""
        return self.right + self.wrong


def precision(right: int, wrong: int, confidence: float) -> Precision:
    """The share with Wilson's score interval, which keeps within 0 and 1 and holds for few too (Wilson, JASA 22, 1927, 209-212). Without a conclusion, none."""
    count = right + wrong
    if not count:
        return Precision(0, 0, None, None, None)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, weight = right / count, z * z / count
    middle = share + weight / 2
    half = z * sqrt(share * (1 - share) / count + weight / (4 * count))
    low = max(0.0, (middle - half) / (1 + weight))
    high = min(1.0, (middle + half) / (1 + weight))
    return Precision(right, wrong, share, 0.0 if not right else low, 1.0 if not wrong else high)


def verdict(live: Precision, promised: float | None, fewest: int, tolerance: float) -> Verdict:
    """Whether a rule keeps its promise: decayed where even the upper end of the interval lies more than the tolerance below it, better where the lower end lies above."""
    if live.judged < fewest or live.low is None or live.high is None:
        return "few"
    if promised is None:
        return "unpromised"
    if live.high < promised - tolerance:
        return "decayed"
    return "better" if live.low > promised + tolerance else "kept"
