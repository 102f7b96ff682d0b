"""From the odds that a score stands for to a probability of default, by segment, on subjects that trained nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from daihou.assessment.scores.needed import models_extra

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt
    import polars as pl

Method = Literal["platt", "isotonic"]
WHOLE: Final = ""
"""The key of the curve for everybody without one of their own segment."""
FURTHEST: Final = 30.0
"""Log-odds beyond which a probability says nothing more."""


@dataclass(frozen=True, slots=True)
class Curve:
    """ln(bad : good) to a probability: `line` (intercept and slope of a logistic) or `steps` (points of a rising curve, straight between)."""

    line: tuple[float, float] | None
    steps: tuple[tuple[float, float], ...] | None
    subjects: int
    bad: int
    """How many it was fitted to."""

    def pd(self, risk: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """The probability of default; never 0 and never 1."""
        if self.line is not None:
            intercept, slope = self.line
            return np.asarray(1 / (1 + np.exp(-np.clip(intercept + slope * risk, -FURTHEST, FURTHEST))))
        xs, ys = zip(*(self.steps or ()), strict=True)
        return np.asarray(np.interp(risk, xs, ys))

    def as_dict(self) -> dict[str, Any]:
        """Plain values; `from_dict` of them gives the same."""
        steps = None if self.steps is None else [list(step) for step in self.steps]
        return {
            "line": None if self.line is None else list(self.line),
            "steps": steps,
            "subjects": self.subjects,
            "bad": self.bad,
        }


@dataclass(frozen=True, slots=True)
class Calibration:
    """A curve for everybody, and for each segment that had enough bad one of its own."""

    curves: Mapping[str, Curve]
    part: str
    """The part of the sample it was fitted to."""

    def pd(self, risk: npt.NDArray[np.float64], segment: pl.Series | None) -> npt.NDArray[np.float64]:
        """The probability of default of each subject, from ln(bad : good)."""
        found = self.curves[WHOLE].pd(risk)
        if segment is None:
            return found
        for name, curve in self.curves.items():
            if name != WHOLE and (some := (segment == name).fill_null(value=False).to_numpy()).any():
                found[some] = curve.pd(risk[some])
        return found

    def as_dict(self) -> dict[str, Any]:
        """Plain values; `from_dict` of them gives the same."""
        return {"part": self.part, "curves": {name: curve.as_dict() for name, curve in self.curves.items()}}


def from_dict(stated: dict[str, Any]) -> Calibration:
    """The calibration that `as_dict` wrote."""
    curves = {
        name: Curve(
            None if one["line"] is None else (one["line"][0], one["line"][1]),
            None if one["steps"] is None else tuple((x, y) for x, y in one["steps"]), one["subjects"], one["bad"],
        )
        for name, one in stated["curves"].items()
    }  # fmt: skip
    return Calibration(curves, stated["part"])


def calibrated(
    risk: npt.NDArray[np.float64],
    bad: npt.NDArray[np.bool_],
    segment: pl.Series | None,
    method: Method,
    fewest: int,
    part: str,
) -> Calibration:
    """Fit the curves; segments with fewer bad (or good) than `fewest` keep to the curve of all."""
    curves = {WHOLE: _curve(risk, bad, method)}
    if segment is not None:
        for name in segment.drop_nulls().unique().sort().to_list():
            some = (segment == name).fill_null(value=False).to_numpy()
            of_bad = int(bad[some].sum())
            if min(of_bad, int(some.sum()) - of_bad) >= fewest:
                curves[name] = _curve(risk[some], bad[some], method)
    return Calibration(curves, part)


def _curve(risk: npt.NDArray[np.float64], bad: npt.NDArray[np.bool_], method: Method) -> Curve:
    counts = (len(bad), int(bad.sum()))
    if method == "isotonic":
        isotonic = (
            models_extra("sklearn.isotonic").IsotonicRegression(out_of_bounds="clip").fit(risk, bad.astype(float))
        )
        least = 0.5 / (len(bad) + 1)
        values = np.clip(isotonic.y_thresholds_, least, 1 - least)
        return Curve(None, tuple(zip(isotonic.X_thresholds_.tolist(), values.tolist(), strict=True)), *counts)
    linear = models_extra("sklearn.linear_model")
    if risk.min() == risk.max():
        return Curve((math.log(counts[1] / (counts[0] - counts[1])), 0.0), None, *counts)
    fit = linear.LogisticRegression(C=math.inf, solver="newton-cholesky", tol=1e-9, max_iter=200).fit(
        risk[:, None], bad
    )
    slope = float(fit.coef_[0][0])
    if slope <= 0:  # a score that tells nothing here must not be turned upside down
        return Curve((math.log(counts[1] / (counts[0] - counts[1])), 0.0), None, *counts)
    return Curve((float(fit.intercept_[0]), slope), None, *counts)
