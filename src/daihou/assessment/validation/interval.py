"""A figure with the interval that it is sure to, and the width of such an interval."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and the ends of its interval; both ends are None where the sample has no spread to tell them from."""

    value: float
    low: float | None
    high: float | None


def normal(confidence: float) -> float:
    """How many standard deviations lie to either side of the middle of an interval; ValueError unless the confidence lies between 0 and 1."""
    if not 0 < confidence < 1:
        raise ValueError(f"a confidence lies between 0 and 1, not {confidence}")
    return NormalDist().inv_cdf((1 + confidence) / 2)
