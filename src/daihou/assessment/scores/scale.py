"""The scale of points: so many points at so many good for each bad, and so many more double the odds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Scale:
    """score = offset + factor * ln(good : bad). The offset takes the logarithm of the odds themselves, not of odds / (1 + odds)."""

    pdo: int = 20
    base_score: int = 600
    base_odds: float = 30.0

    @property
    def factor(self) -> float:
        """Points for each unit of ln(odds)."""
        return self.pdo / math.log(2)

    @property
    def offset(self) -> float:
        """Points at even odds."""
        return self.base_score - self.factor * math.log(self.base_odds)

    def score(self, log_odds: npt.NDArray[np.float64] | float) -> npt.NDArray[np.float64]:
        """Points, not yet rounded, from ln(good : bad)."""
        return np.asarray(self.offset + self.factor * np.asarray(log_odds, np.float64))

    def log_odds(self, score: npt.NDArray[Any] | float) -> npt.NDArray[np.float64]:
        """Ln(good : bad) from points."""
        return np.asarray((np.asarray(score, np.float64) - self.offset) / self.factor)

    def as_dict(self) -> dict[str, Any]:
        """Plain values; `Scale(**them)` is the same."""
        return {"pdo": self.pdo, "base_score": self.base_score, "base_odds": self.base_odds}
