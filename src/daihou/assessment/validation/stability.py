"""Whether those who are scored are still those the score was made for: the stability index of a score and of its characteristics.

The index is the sum over bins of (a - e) ln(a / e), e the shares that were expected, a those that came. An empty bin counts as the floor, which is stated
wherever an index is told. Under 0.1 it is usually called stable, from 0.25 on a reason to act (Siddiqi, Credit Risk Scorecards, 2006); limits are passed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from daihou.assessment.validation.said import Said, same
from daihou.assessment.validation.tails import chi_squared_tail

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Counts = Sequence[float] | npt.NDArray[Any]

Light = Literal["green", "yellow", "red"]


@dataclass(frozen=True, slots=True)
class Bin:
    """A bin of a comparison: shares expected and come, and what it adds to the index. Of scores from `low` to below `high`; None is without end."""

    low: float | None
    high: float | None
    expected: float
    actual: float
    adds: float


@dataclass(frozen=True, slots=True)
class Csi:
    """The index of one characteristic, by its key and its name in words."""

    key: str
    name: Said
    value: float
    light: Light


def psi(expected: Counts, actual: Counts, floor: float) -> float | None:
    """The index of two rows of shares or counts over the same bins; None where either has nobody. Shares below the floor, empty ones too, count as the floor.

    ValueError where the bins differ in number, a count is negative or not finite, or the floor does not lie between 0 and 1.
    """
    shares = _shares(expected, actual)
    return None if shares is None else float(_terms(*shares, floor).sum())


def chance(value: float, expected: Counts, actual: Counts) -> float:
    """The chance of an index of so much or more where nothing shifted and both sides are samples of these counts; with one bin 1.

    By its approximation by chi-squared (B. Yurdakul, J. Naranjo, Statistical properties of the population stability index, Journal of Risk Model Validation
    14, 2020): good where bins hold some rows on both sides.
    """
    m, n = float(np.sum(expected)), float(np.sum(actual))
    used = int(np.count_nonzero(np.asarray(expected) + np.asarray(actual)))
    return 1.0 if used < 2 else chi_squared_tail(value * m * n / (m + n), used - 1)


def shifted(expected: Counts, actual: Counts, floor: float, edges: Sequence[float]) -> tuple[Bin, ...]:
    """The comparison bin by bin, of bins parted by edges (see `banded`); empty where either has nobody. What the bins add is the index."""
    shares = _shares(expected, actual)
    if shares is None:
        return ()
    lows, highs = (None, *map(float, edges)), (*map(float, edges), None)
    return tuple(
        Bin(low, high, float(e), float(a), float(adds))
        for low, high, e, a, adds in zip(lows, highs, *shares, _terms(*shares, floor), strict=True)
    )


def csi(
    key: str, expected: Counts, actual: Counts, floor: float, limits: tuple[float, float], name: Said | None = None
) -> Csi | None:
    """The index of a characteristic from the counts of its bins, coloured by the limits of yellow and red; None where either side has nobody."""
    value = psi(expected, actual, floor)
    return None if value is None else Csi(key, name or same(key), value, colour(value, *limits))


def colour(value: float, amber: float, red: float) -> Light:
    """The colour of an index: yellow from the one limit, red from the other."""
    if value >= red:
        return "red"
    return "yellow" if value >= amber else "green"


def edges(score: npt.NDArray[Any], groups: int) -> tuple[float, ...]:
    """Where bands of a score begin, the first left out: values that occur, so that the bands are as even as equal scores allow. Empty of nobody."""
    if not len(score):
        return ()
    cuts = np.quantile(score, np.arange(1, groups) / groups, method="higher")
    return tuple(float(cut) for cut in np.unique(cuts) if cut > score.min())


def banded(score: npt.NDArray[Any], edges: Sequence[float]) -> npt.NDArray[np.int64]:
    """How many scores fall in each band: below the first edge, from each edge to below the next, from the last on."""
    return np.bincount(np.searchsorted(np.asarray(edges, np.float64), score, side="right"), minlength=len(edges) + 1)


def _shares(expected: Counts, actual: Counts) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]] | None:
    e, a = np.asarray(expected, np.float64), np.asarray(actual, np.float64)
    if e.ndim != 1 or e.shape != a.shape:
        raise ValueError(f"both sides have the same bins: {e.shape} and {a.shape}")
    if not (np.isfinite(e).all() and np.isfinite(a).all() and (e >= 0).all() and (a >= 0).all()):
        raise ValueError("a count is negative or not finite")
    return None if not e.sum() or not a.sum() else (e / e.sum(), a / a.sum())


def _terms(e: npt.NDArray[np.float64], a: npt.NDArray[np.float64], floor: float) -> npt.NDArray[np.float64]:
    if not 0 < floor < 1:
        raise ValueError(f"the floor of an empty bin lies between 0 and 1, not {floor}")
    e, a = np.maximum(e, floor), np.maximum(a, floor)
    return (a - e) * np.log(a / e)
