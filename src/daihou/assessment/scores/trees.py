"""A challenger: trees boosted by LightGBM, which move with an input only the way the design says, with the contribution of each input to a score."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from daihou.assessment.scores import bins as bins_of
from daihou.assessment.scores import inputs as inputs_of
from daihou.assessment.scores.needed import models_extra
from daihou.assessment.scores.sample import share
from daihou.assessment.scores.scale import Scale

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from daihou.assessment.scores.bins import Bins
    from daihou.assessment.scores.design import TreeChoices
    from daihou.assessment.scores.inputs import Columns, Input

WAYS: Final = {"up": 1, "down": -1}
"""By how risk moves, the constraint on an input; none for the others."""
THREADS: Final = 2
"""Trees are the same whatever their number: `deterministic` sees to it."""
FOLDS: Final = 5
LARGE: Final = 50_000
"""Observations beyond which so few trees learn nothing by heart: then a design's trees are all grown."""


@dataclass(frozen=True)
class Trees:
    """The trees as the text that LightGBM writes of them: read by a person or a program, and never run."""

    scale: Scale
    inputs: tuple[Input, ...]
    bins: tuple[Bins, ...]
    """Of its inputs, for watching how they shift; the trees part values by themselves."""
    codes: tuple[tuple[str, ...], ...]
    """For each input of codes those that training saw, in the order of their numbers; empty for numbers."""
    missing_scored: tuple[bool, ...]
    text: str

    def scores(self, columns: Columns) -> npt.NDArray[np.int32]:
        """The score of each subject, on the scale of the cards."""
        told = self._booster.predict(self._matrix(columns), raw_score=True, num_threads=THREADS)
        return np.rint(self.scale.score(-np.asarray(told, np.float64))).astype(np.int32)

    def lost(self, columns: Columns) -> npt.NDArray[np.float64]:
        """Points that each input takes from a subject's score against the average of training, [subject, input]; below 0 where it adds some.

        These are LightGBM's contributions (TreeSHAP): with the average they add up to the score.
        """
        told = self._booster.predict(self._matrix(columns), pred_contrib=True, num_threads=THREADS)
        return np.asarray(told, np.float64)[:, :-1] * self.scale.factor

    @cached_property
    def _booster(self) -> Any:
        return models_extra("lightgbm").Booster(model_str=self.text)

    def _matrix(self, columns: Columns) -> npt.NDArray[np.float64]:
        return matrix(self.inputs, self.codes, columns)

    def as_dict(self) -> dict[str, Any]:
        """Plain values; `from_dict` of them gives the same."""
        return {
            "scale": self.scale.as_dict(), "inputs": [one.as_dict() for one in self.inputs], "bins": [one.as_dict() for one in self.bins],
            "codes": [list(one) for one in self.codes], "missing_scored": list(self.missing_scored), "text": self.text,
        }  # fmt: skip


def from_dict(stated: dict[str, Any]) -> Trees:
    """The trees that `as_dict` wrote."""
    return Trees(
        Scale(**stated["scale"]), tuple(inputs_of.from_dict(one) for one in stated["inputs"]),
        tuple(bins_of.from_dict(one) for one in stated["bins"]), tuple(tuple(one) for one in stated["codes"]), tuple(stated["missing_scored"]),
        stated["text"],
    )  # fmt: skip


def matrix(inputs: Sequence[Input], codes: Sequence[Sequence[str]], columns: Columns) -> npt.NDArray[np.float64]:
    """What the trees are told: codes by their numbers, those that training did not see as not known."""
    found = np.empty((len(columns[inputs[0].name]), len(inputs)))
    for at, (one, of) in enumerate(zip(inputs, codes, strict=True)):
        values = columns[one.name]
        if isinstance(values, pl.Series):
            places = {code: float(number) for number, code in enumerate(of)}
            told = (
                values.replace_strict(places, default=None, return_dtype=pl.Float64)
                if places
                else values.cast(pl.Float64, strict=False)
            )
            found[:, at] = told.fill_null(float("nan")).to_numpy()
        else:
            found[:, at] = values
    return found


def grown(
    inputs: Sequence[Input], bins: Sequence[Bins], columns: Columns, bad: npt.NDArray[np.bool_], scale: Scale, choices: TreeChoices,
    missing_scored: Sequence[bool], group: pl.Series, seed: int,
) -> Trees:  # fmt: skip
    """The trees of a training sample; the same sample, choices and seed grow the same."""
    codes = tuple(
        tuple(sorted(values.drop_nulls().unique().to_list())) if isinstance(values := columns[one.name], pl.Series) else () for one in inputs
    )  # fmt: skip
    told = matrix(inputs, codes, columns)
    parameters = _parameters(inputs, choices, seed)
    number = choices.trees if len(bad) > LARGE else _number(told, bad, group, inputs, parameters, choices.trees, seed)
    booster = models_extra("lightgbm").train(parameters, _set(told, bad, inputs), num_boost_round=number)
    return Trees(scale, tuple(inputs), tuple(bins), codes, tuple(missing_scored), _text(booster))


def _number(
    told: npt.NDArray[np.float64], bad: npt.NDArray[np.bool_], group: pl.Series, inputs: Sequence[Input], parameters: dict[str, Any], most: int, seed: int,
) -> int:  # fmt: skip
    """How many trees: as many as say most of groups that did not grow them (by likelihood, over FOLDS parts of the groups), and no more than `most`."""
    lightgbm = models_extra("lightgbm")
    parts = {one: int(share(one, seed + 1) * FOLDS) for one in group.unique().to_list()}
    fold = group.replace_strict(parts, return_dtype=pl.Int64).to_numpy()
    loss = np.zeros(most)
    for at in range(FOLDS):
        held = fold == at
        if not held.any() or not bad[~held].any() or bad[~held].all():
            return most
        history: dict[str, dict[str, list[float]]] = {}
        learning = _set(told[~held], bad[~held], inputs)
        judged = lightgbm.Dataset(told[held], label=bad[held].astype(float), reference=learning)
        lightgbm.train(
            parameters | {"metric": "binary_logloss"}, learning, most, valid_sets=[judged], valid_names=["held"],
            callbacks=[lightgbm.record_evaluation(history)],
        )  # fmt: skip
        loss += np.asarray(history["held"]["binary_logloss"]) * int(held.sum())
    return int(np.argmin(loss)) + 1


def _parameters(inputs: Sequence[Input], choices: TreeChoices, seed: int) -> dict[str, Any]:
    return {
        "objective": "binary", "learning_rate": choices.rate, "num_leaves": choices.leaves, "min_data_in_leaf": choices.least_leaf,
        "monotone_constraints": [WAYS.get(one.risk, 0) if one.kind == "number" else 0 for one in inputs], "monotone_constraints_method": "advanced",
        "feature_fraction": 0.8, "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": 1.0, "seed": seed, "deterministic": True,
        "force_row_wise": True, "num_threads": THREADS, "verbosity": -1,
    }  # fmt: skip


def _set(told: npt.NDArray[np.float64], bad: npt.NDArray[np.bool_], inputs: Sequence[Input]) -> Any:
    return models_extra("lightgbm").Dataset(
        told, label=bad.astype(float), free_raw_data=True, feature_name=[f"x{at}" for at in range(len(inputs))],
        categorical_feature=[at for at, one in enumerate(inputs) if one.kind == "code"],
    )  # fmt: skip


def _text(booster: Any) -> str:
    """The trees as text, without how many threads grew them: that changes no tree."""
    lines = booster.model_to_string().split("\n")
    return "\n".join(line for line in lines if not line.startswith("[num_threads:"))
