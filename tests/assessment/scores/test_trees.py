"""Challengers: trees that move with an input only the way the design says, on the scale of the cards, and are text."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from assessment.scores.drawn import columns, design, sample, trained
from daihou.assessment.scores import model as models
from daihou.assessment.scores.trees import Trees
from daihou.assessment.validation.figures import auc

if TYPE_CHECKING:
    from daihou.assessment.scores.inputs import Values
    from daihou.assessment.scores.model import Model
    from daihou.assessment.scores.sample import Sample


@cache
def model() -> Model:
    return trained("trees")


def trees() -> Trees:
    body = model().body
    assert isinstance(body, Trees)
    return body


def others(n: int = 500) -> dict[str, Values]:
    return columns(n, np.random.default_rng(78))


def test_the_score_moves_with_an_input_only_the_way_the_design_says() -> None:
    at = others(1)
    for name, way, low, high in (("arrears", -1, 0.0, 120.0), ("income", 1, 500.0, 60_000.0)):
        for area in ("north", "west"):
            steps = 200
            told: dict[str, Values] = {
                key: np.full(steps, float(np.nan_to_num(np.asarray(values, float)[0], nan=9000.0)))
                for key, values in at.items()
                if key != "area"
            }
            told["area"] = pl.Series([area] * steps)
            told[name] = np.linspace(low, high, steps)
            change = np.diff(trees().scores(told)) * way
            assert change.min() >= 0
            assert change.sum() > 0


def test_contributions_add_up_to_the_score() -> None:
    told = others()
    lost, score = trees().lost(told), trees().scores(told)
    average = score + lost.sum(axis=1)
    assert np.ptp(average) <= 1.001  # whole points are rounded once
    assert lost.shape == (500, len(trees().inputs))


def test_the_order_of_codes_and_of_columns_does_not_matter() -> None:
    told = others()
    turned = dict(reversed(told.items()))
    assert trees().scores(turned).tolist() == trees().scores(told).tolist()


def test_a_code_never_seen_counts_as_not_known_and_has_a_score() -> None:
    told = others(3)
    told["area"] = pl.Series(["nowhere", None, "north"])
    found = trees().scores(told)
    assert np.isfinite(found).all()
    same = others(3)
    same["area"] = pl.Series([None, None, "north"], dtype=pl.String)
    assert trees().scores(same).tolist() == found.tolist()


def test_a_column_all_unknown_is_scored_where_training_saw_it_so() -> None:
    told = others(5)
    told["income"] = np.full(5, np.nan)
    said = model().scored(told, None)
    assert said.why.null_count() == 5
    told["arrears"] = np.full(5, np.nan)
    assert model().scored(told, None).why.to_list() == ["missing:arrears"] * 5


def test_the_text_of_trees_reads_back_as_the_same_model() -> None:
    again = models.read(model().text, "model.json")
    assert again.text == model().text
    assert again.body.scores(others()).tolist() == trees().scores(others()).tolist()


def test_the_trees_rank_out_of_time_and_say_as_many_as_default() -> None:
    later = sample().of("later")
    said = model().scored(later.columns, later.segment)
    found = auc(-said.score.astype(float), later.bad)
    assert found is not None
    assert found > 0.72
    assert said.pd.mean() == pytest.approx(later.bad.mean(), abs=0.04)


def grown(of: Sample) -> int:
    """How many trees a sample bears, of 200."""
    body = trained("trees", of=of, by=design(trees={"trees": 200, "least_leaf": 20})).body
    assert isinstance(body, Trees)
    return body.text.count("\nTree=")


def test_a_sample_bears_no_more_trees_than_tell_of_others_and_rows_of_one_borrower_tell_nothing_of_others() -> None:
    once = sample(1200)
    assert 1 <= grown(once) < 150
    # The same observations, each six times over: nothing more is known, unless each row passes for another borrower.
    frame = pl.concat([once.frame] * 6)
    columns = {name: pl.concat([values] * 6) if isinstance(values, pl.Series) else np.tile(values, 6) for name, values in once.columns.items()}  # fmt: skip
    repeated = replace(once, frame=frame, columns=columns)
    strangers = replace(repeated, frame=frame.with_columns(group=pl.int_range(pl.len()).cast(pl.String)))
    assert grown(repeated) < 100 < grown(strangers)


def test_what_shifted_since_training_is_told_to_no_tree() -> None:
    found = sample()
    moved = np.asarray(found.columns["arrears"]) + np.where((found.part == "later").to_numpy(), 50.0, 0.0)
    own = design(features=[{"name": "drift", "kind": "number", "risk": "up"}, {"name": "income", "kind": "number", "risk": "down"}])  # fmt: skip
    drifted = trained("trees", of=replace(found, columns={**found.columns, "drift": moved}), by=own)
    assert [one.name for one in drifted.inputs] == ["income"]
    assert [(one["name"], one["why"]) for one in drifted.record["dropped"]] == [("drift", "shifted")]
