"""A card fitted to chosen candidates: a regression of ln(good : bad) on their weights of evidence, made into whole points."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from daihou.assessment.scores.card import Card, Characteristic, points_of
from daihou.assessment.scores.choosing import Dropped
from daihou.assessment.scores.needed import models_extra

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from daihou.assessment.scores.choosing import Candidate
    from daihou.assessment.scores.scale import Scale

PRECISE: Final = 1e-9
"""Where the regression stops."""


def fitted(
    chosen: Sequence[Candidate], bad: npt.NDArray[np.bool_], scale: Scale, least_missing: int
) -> tuple[Card | None, list[Dropped]]:
    """The card of candidates, without those whose coefficient beside the others goes against their evidence; None where none is left."""
    left = list(chosen)
    dropped: list[Dropped] = []
    while left:
        weights = np.column_stack([one.woe for one in left])
        intercept, found = _regression(weights, ~bad)
        if (worst := int(np.argmin(found))) is not None and found[worst] > 0:
            errors = _errors(weights, intercept, found)
            lines = [
                _line(one, float(coefficient), float(error), scale, least_missing)
                for one, coefficient, error in zip(left, found, errors, strict=True)
            ]
            return Card(scale, intercept, tuple(lines)), dropped
        dropped.append(Dropped(left.pop(worst).input.name, "wrong_way"))
    return None, dropped


def _line(one: Candidate, coefficient: float, error: float, scale: Scale, least_missing: int) -> Characteristic:
    points = points_of(scale, coefficient, one.evidence.woe)
    seen = int(one.evidence.good[one.bins.missing] + one.evidence.bad[one.bins.missing])
    return Characteristic(one.input, one.bins, one.evidence, coefficient, error, points, seen >= least_missing)


def _regression(weights: npt.NDArray[np.float64], good: npt.NDArray[np.bool_]) -> tuple[float, npt.NDArray[np.float64]]:
    """Intercept and coefficients of ln(good : bad), by most likelihood alone: bins of no small size need no shrinking."""
    linear = models_extra("sklearn.linear_model")
    fit = linear.LogisticRegression(C=math.inf, solver="newton-cholesky", tol=PRECISE, max_iter=200)
    fit.fit(weights, good)
    return float(fit.intercept_[0]), np.asarray(fit.coef_[0], np.float64)


def _errors(
    weights: npt.NDArray[np.float64], intercept: float, found: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """The standard errors of the coefficients, from the information at the most likely."""
    whole = np.column_stack([np.ones(len(weights)), weights])
    p = 1 / (1 + np.exp(-(intercept + weights @ found)))
    information = whole.T @ (whole * (p * (1 - p))[:, None])
    errors: npt.NDArray[np.float64] = np.sqrt(np.diag(np.linalg.pinv(information)))[1:]
    return errors
