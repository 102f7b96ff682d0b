"""Weight of evidence of bins and information value of a characteristic.

The weight of evidence of a bin is ln(share of the good in it / share of the bad in it): above 0 it speaks for the subject. A bin without good or without
bad counts half of one. Information value is the sum over bins of (share of good - share of bad) times the weight.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt


@dataclass(frozen=True)
class Evidence:
    """What training saw in each bin."""

    good: npt.NDArray[np.int64]
    bad: npt.NDArray[np.int64]
    neutral: tuple[int, ...] = ()
    """Bins of special values, other codes or nothing known of which training saw too few to say anything: their weight is 0."""

    @property
    def woe(self) -> npt.NDArray[np.float64]:
        """The weight of each bin; 0 of one in which training saw nobody."""
        empty = (self.good == 0) | (self.bad == 0)
        good = np.where(empty, self.good + 0.5, self.good)
        bad = np.where(empty, self.bad + 0.5, self.bad)
        found = np.log((good / self.good.sum()) / (bad / self.bad.sum()))
        found[list(self.neutral)] = 0.0
        return np.asarray(np.where(self.good + self.bad == 0, 0.0, found))

    @property
    def iv(self) -> float:
        """The information value."""
        return float(np.sum((self.good / self.good.sum() - self.bad / self.bad.sum()) * self.woe))

    @property
    def chi_squared(self) -> float:
        """Information value times good * bad / (good + bad): of a characteristic that tells nothing nearly chi-squared."""
        good, bad = int(self.good.sum()), int(self.bad.sum())
        return self.iv * good * bad / (good + bad)

    @property
    def rates(self) -> npt.NDArray[np.float64]:
        """The share of bad in each bin; 0 of an empty one."""
        return np.asarray(self.bad / np.maximum(self.good + self.bad, 1))

    def as_dict(self) -> dict[str, Any]:
        """Plain values; `from_dict` of them gives the same."""
        return {"good": self.good.tolist(), "bad": self.bad.tolist(), "neutral": list(self.neutral)}


def counted(
    place: npt.NDArray[np.int16], bad: npt.NDArray[np.bool_], count: int, apart: Iterable[int] = (), fewest: int = 0
) -> Evidence:  # fmt: skip
    """The evidence of bins from the bin of each subject; of the bins `apart` those with fewer subjects than `fewest` are neutral."""
    whole = np.bincount(place, minlength=count)
    of_bad = np.bincount(place[bad], minlength=count)
    neutral = tuple(one for one in apart if whole[one] < fewest)
    return Evidence((whole - of_bad).astype(np.int64), of_bad.astype(np.int64), neutral)


def from_dict(stated: dict[str, Any]) -> Evidence:
    """The evidence that `as_dict` wrote."""
    return Evidence(np.array(stated["good"], np.int64), np.array(stated["bad"], np.int64), tuple(stated["neutral"]))
