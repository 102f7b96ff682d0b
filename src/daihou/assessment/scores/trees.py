"""A challenger: trees boosted by LightGBM, which move with an input only the way the design says, with the contribution of each input to a score."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from daihou.assessment.scores import bins as bins_of
from daihou.assessment.scores import inputs as inputs_of
from daihou.assessment.scores.needed import models_extra
from daihou.assessment.scores.scale import Scale

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from daihou.assessment.scores.bins import Bins
    from daihou.assessment.scores.design import TreeChoices
    from daihou.assessment.scores.inputs import Columns, Input, Values

WAYS: Final = {"up": 1, "down": -1}
"""By how risk moves, the constraint on an input; none for the others."""
THREADS: Final = 2
"""Trees are the same whatever their number: `deterministic` sees to it."""
AT_ONCE: Final = 250_000
"""Subjects scored together."""
ROWS: Final = 4_096
FOLDS: Final = 3
PATIENCE: Final = 25
"""Trees that may pass without saying more, before no further ones are tried."""
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
        told = np.concatenate(
            [
                self._booster.predict(self._matrix(part), raw_score=True, num_threads=THREADS)
                for part in self._parts(columns)
            ]
        )
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

    def _parts(self, columns: Columns) -> Iterator[Columns]:
        """So many subjects at once: what the trees are told of millions need not lie in memory together."""
        count = len(columns[self.inputs[0].name])
        for first in range(0, max(count, 1), AT_ONCE):
            yield {one.name: columns[one.name][first : first + AT_ONCE] for one in self.inputs}

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
    told = [_numbers(columns[one.name], of) for one, of in zip(inputs, codes, strict=True)]
    found = np.empty((len(told[0]), len(inputs)))
    # Some rows at a time: a whole column written across a wide matrix misses the processor's cache at every row.
    for first in range(0, len(found), ROWS):
        for at, values in enumerate(told):
            found[first : first + ROWS, at] = values[first : first + ROWS]
    return found


def _numbers(values: Values, codes: Sequence[str]) -> npt.NDArray[np.float64]:
    if not isinstance(values, pl.Series):
        return values
    places = {code: float(number) for number, code in enumerate(codes)}
    told = (
        values.replace_strict(places, default=None, return_dtype=pl.Float64)
        if places
        else values.cast(pl.Float64, strict=False)
    )
    return told.fill_null(float("nan")).to_numpy()


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
    # Dealt out in the order of another hash than the one that chose them for training: every part has as many groups.
    ordered = sorted(group.unique().to_list(), key=lambda one: hashlib.sha256(f"{seed}:{one}".encode()).digest())
    parts = {one: at % FOLDS for at, one in enumerate(ordered)}
    fold = group.replace_strict(parts, return_dtype=pl.Int64).to_numpy()
    losses = []
    for at in range(FOLDS):
        held = fold == at
        if not held.any() or not bad[~held].any() or bad[~held].all():
            return most
        history: dict[str, dict[str, list[float]]] = {}
        learning = _set(told[~held], bad[~held], inputs)
        judged = lightgbm.Dataset(told[held], label=bad[held].astype(float), reference=learning)
        lightgbm.train(
            parameters | {"metric": "binary_logloss"}, learning, most, valid_sets=[judged], valid_names=["held"],
            callbacks=[lightgbm.record_evaluation(history), lightgbm.early_stopping(PATIENCE, verbose=False)],
        )  # fmt: skip
        losses.append(np.asarray(history["held"]["binary_logloss"]) * int(held.sum()))
    shortest = min(map(len, losses))
    return int(np.argmin(sum(loss[:shortest] for loss in losses))) + 1


def _parameters(inputs: Sequence[Input], choices: TreeChoices, seed: int) -> dict[str, Any]:
    return {
        "objective": "binary", "learning_rate": choices.rate, "num_leaves": choices.leaves, "min_data_in_leaf": choices.least_leaf,
        "monotone_constraints": [WAYS.get(one.risk, 0) if one.kind == "number" else 0 for one in inputs], "monotone_constraints_method": "intermediate",
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
