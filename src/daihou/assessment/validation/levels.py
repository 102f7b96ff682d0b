"""Rows in the order of their risk: each risk that occurs, with how many good and bad rows have it. What all figures of discrimination are counted from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """Three arrays of one length; `risk` grows strictly."""

    risk: npt.NDArray[np.float64]
    good: npt.NDArray[np.int64]
    bad: npt.NDArray[np.int64]

    @property
    def goods(self) -> int:
        """All good rows."""
        return int(self.good.sum())

    @property
    def bads(self) -> int:
        """All bad rows."""
        return int(self.bad.sum())

    @property
    def one_class(self) -> bool:
        """Whether there is nobody good or nobody bad, so that nothing can be told apart."""
        return not self.goods or not self.bads


def levels(risk: npt.NDArray[Any], bad: npt.NDArray[np.bool_]) -> Levels:
    """The levels of rows; ValueError where the arrays differ in length or a risk is not finite."""
    values = np.asarray(risk, np.float64)
    outcome = np.asarray(bad, np.bool_)
    if values.ndim != 1 or values.shape != outcome.shape:
        raise ValueError(f"risk and bad are one row each: {values.shape} and {outcome.shape}")
    if not np.isfinite(values).all():
        raise ValueError("a risk is not finite: leave out what was not scored")
    order = np.argsort(values)
    ordered = values[order]
    first = np.flatnonzero(np.concatenate([np.ones(min(len(ordered), 1), np.bool_), ordered[1:] != ordered[:-1]]))
    ends = np.append(first[1:], len(ordered)) if len(first) else first
    cumulated = np.concatenate([[0], np.cumsum(outcome[order], dtype=np.int64)])
    of_bad = cumulated[ends] - cumulated[first]
    return Levels(ordered[first], (ends - first) - of_bad, of_bad)
