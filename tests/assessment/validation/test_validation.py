"""A validation says what is true of a made-up model whose truth is known, and nothing where nothing can be told."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
import pytest

from assessment.validation.made import LIMITS, made
from daihou.assessment.validation import as_json as validation_json
from daihou.assessment.validation import figures, stability
from daihou.assessment.validation.limits import limits_of
from daihou.assessment.validation.result import worst
from daihou.assessment.validation.validating import validate
from daihou.policies.scores import scores

if TYPE_CHECKING:
    from daihou.assessment.validation.result import Validation
    from daihou.assessment.validation.rows import Rows


@cache
def right() -> tuple[Rows, Validation]:
    """A model that knows the truth, and its validation."""
    rows = made()
    return rows, validate(rows, LIMITS)


def codes(found: Validation) -> dict[str, str]:
    """The level of each finding by its code."""
    return {one.code: one.level for one in found.findings}


def test_a_model_that_is_right_is_said_to_be() -> None:
    _, found = right()
    assert worst(found.findings) != "serious"
    told = codes(found)
    assert (
        told["auc_holds"]
        == told["light_green"]
        == told["psi_stable"]
        == told["champion_beaten"]
        == told["unscored_alike"]
        == "good"
    )
    assert "hosmer" not in told
    assert [one.level for one in found.findings] == sorted(
        (one.level for one in found.findings), key=["serious", "attention", "good"].index
    )


def test_figures_of_a_part_are_those_of_its_rows() -> None:
    rows, found = right()
    at = (rows.part == "later") & rows.scored
    later = found.judging
    assert later is not None
    assert (later.key, later.n, later.bad) == ("later", at.sum(), rows.bad[at].sum())
    risk, bad, pd = -rows.score[at].astype(float), rows.bad[at], rows.pd[at]
    assert later.auc == figures.auc_interval(risk, bad, 0.95)
    assert later.auc is not None
    assert later.gini == 2 * later.auc.value - 1
    apart = figures.ks(risk, bad)
    assert apart is not None
    assert later.ks is not None
    assert (later.ks.value, later.ks.at) == (apart.value, -apart.at)
    assert later.brier == figures.brier(pd, bad)
    assert later.brier_constant == pytest.approx(bad.mean() * (1 - bad.mean()))
    assert later.excess == pytest.approx(bad.mean() - pd.mean())
    assert later.hosmer is not None
    assert later.hosmer.df == 10
    training = found.part("train").hosmer
    assert training is not None
    assert training.df == 8


def test_months_and_segments_add_up_to_the_part_that_judges() -> None:
    rows, found = right()
    later = found.judging
    assert later is not None
    assert [one.key for one in found.months] == ["2025-01", "2025-02", "2025-03", "2025-04", "2025-05", "2025-06"]
    assert [one.name.zh for one in found.segments] == ["消费贷", "小微经营贷", "未填写"]
    for groups in (found.months, found.segments):
        assert (sum(one.n for one in groups), sum(one.bad for one in groups)) == (later.n, later.bad)
    assert (sum(band.good + band.bad for band in found.bands), sum(band.bad for band in found.bands)) == (
        later.n,
        later.bad,
    )
    at = (rows.part == "train") & rows.scored
    cuts = stability.edges(rows.score[at], 10)
    mine = (rows.part == "later") & rows.scored
    assert found.shift is not None
    assert found.shift.value == stability.psi(
        stability.banded(rows.score[at], cuts), stability.banded(rows.score[mine], cuts), LIMITS.floor
    )
    left = [one for one in found.unscored if one.part == "later"]
    assert sum(one.n for one in left) + later.n == (rows.part == "later").sum()
    assert left[0].reason.zh == "收入缺失"


def test_harder_times_turn_the_light_red_and_the_model_serious() -> None:
    found = validate(made(harder=0.5), LIMITS)
    told = codes(found)
    assert told["light_red"] == told["segment_red"] == "serious"
    assert told["months"] == "attention"
    assert told["auc_holds"] == "good"
    assert worst(found.findings) == "serious"


def test_easier_times_overstate_the_probabilities() -> None:
    found = validate(made(harder=-0.5), LIMITS)
    assert codes(found)["overstated"] == "attention"
    assert "light_green" not in codes(found)


def test_a_score_that_was_fitted_to_its_sample_falls_out_of_time() -> None:
    found = validate(made(noise=2.0), LIMITS)
    assert codes(found)["auc_fell"] == "attention"
    assert codes(found)["champion_better"] == "serious"


def test_a_score_that_knows_the_outcome_later_is_told_as_too_good() -> None:
    rows = made()
    leaking = np.where((rows.part == "later") & rows.bad, rows.score - 60, rows.score)
    assert codes(validate(replace(rows, score=leaking), LIMITS))["auc_rose"] == "attention"


def test_others_than_the_model_was_made_for_shift_score_and_characteristic() -> None:
    found = validate(made(moved=0.8), LIMITS)
    assert codes(found)["psi_red"] == "serious"
    assert [(one.key, one.light) for one in found.characteristics] == [("x", "red"), ("y", "green")]
    assert codes(found)["csi"] == "attention"


def test_a_shift_among_few_is_left_to_chance() -> None:
    rows = made(400, seed=2)
    few = np.flatnonzero(rows.part != "later")
    kept = np.concatenate([few, np.flatnonzero(rows.part == "later")[:25]])
    found = validate(_taken(rows, kept), LIMITS)
    assert found.shift is not None
    assert found.shift.light != "green"
    assert found.shift.p > 0.05
    assert codes(found)["psi_chance"] == "attention"


def test_three_defaults_give_no_figure() -> None:
    rows = made(3000)
    bad = np.zeros(3000, bool)
    bad[np.flatnonzero((rows.part == "later") & rows.scored)[:3]] = True
    later = replace(rows, bad=bad, pd=np.where(rows.scored, 0.004, np.nan))
    found = validate(later, LIMITS)
    judge = found.judging
    assert judge is not None
    assert judge.why is not None
    assert judge.why.en == "too few defaults to tell: 3, where 30 are needed"
    assert judge.why.zh == "违约样本过少，无法判断：仅 3 个，至少需要 30 个"
    assert (judge.auc, judge.gini, judge.ks, judge.brier, judge.hosmer, judge.light, judge.binomial_p) == (None,) * 7
    assert found.gains == ()
    assert codes(found)["not_told"] == "serious"
    assert codes(found)["light_untold"] == "attention"
    assert codes(found)["champion_untold"] == "attention"
    assert found.against is not None
    assert found.against.difference is None


def test_few_defaults_can_prove_a_probability_wrong() -> None:
    rows = made(3000)
    bad = np.zeros(3000, bool)
    bad[np.flatnonzero((rows.part == "later") & rows.scored)[:8]] = True
    found = validate(replace(rows, bad=bad, pd=np.where(rows.scored, 0.0005, np.nan)), LIMITS)
    assert codes(found)["light_red"] == "serious"
    assert codes(found)["not_told"] == "serious"


def test_one_class_gives_no_figure() -> None:
    rows = made(1000, champion=None)
    for bad, words in (
        (np.zeros(1000, bool), "没有违约样本，无从区分好坏"),
        (np.ones(1000, bool), "全部违约，无从区分好坏"),
    ):
        judge = validate(replace(rows, bad=bad), LIMITS).judging
        assert judge is not None
        assert judge.why is not None
        assert judge.why.zh == words
        assert judge.auc is None


def test_without_a_later_part_the_one_kept_from_training_judges() -> None:
    rows = made()
    found = validate(replace(rows, part=np.where(rows.part == "later", "test", rows.part)), LIMITS)
    assert found.judged_on == "test"
    assert codes(found)["no_later"] == "attention"
    assert found.judging is not None
    assert found.judging.hosmer is not None
    assert found.judging.hosmer.df == 8


def test_training_alone_proves_nothing() -> None:
    found = validate(replace(made(1000), part=np.full(1000, "train")), LIMITS)
    assert (found.judged_on, found.months, found.gains, found.shift) == (None, (), (), None)
    assert [(one.level, one.code) for one in found.findings] == [("serious", "no_sample")]
    nobody = replace(made(1000), scored=np.zeros(1000, bool))
    assert validate(nobody, LIMITS).part("train").why is not None


def test_a_probability_that_is_none_is_not_judged() -> None:
    rows = made(2000)
    pd = rows.pd.copy()
    where = np.flatnonzero((rows.part == "later") & rows.scored)[:4]
    pd[where] = [0.0, 1.0, np.nan, np.inf]
    found = validate(replace(rows, pd=pd), LIMITS)
    assert [(one.key, one.n) for one in found.unscored if one.part == "later" and one.key == "no_pd"] == [("no_pd", 4)]
    json.dumps(validation_json.as_dict(found), allow_nan=False)


def test_who_is_not_scored_is_told_where_it_is_not_chance() -> None:
    rows = made()
    scored = rows.scored & ~(rows.bad & (np.arange(len(rows.bad)) % 3 == 0))
    assert codes(validate(replace(rows, scored=scored), LIMITS))["unscored_differ"] == "attention"


def test_the_champion_is_compared_on_the_rows_that_both_score() -> None:
    rows, found = right()
    assert rows.champion is not None
    later = rows.part == "later"
    both = later & rows.scored & rows.champion.scored
    against = found.against
    assert against is not None
    assert (against.n, against.only_model, against.only_champion) == (
        both.sum(), (later & rows.scored & ~rows.champion.scored).sum(), (later & ~rows.scored & rows.champion.scored).sum(),
    )  # fmt: skip
    assert against.difference == figures.auc_difference(
        -rows.score[both].astype(float), -rows.champion.score[both].astype(float), rows.bad[both], 0.95
    )
    assert validate(replace(rows, champion=None), LIMITS).against is None


def test_months_may_be_stated_in_any_way() -> None:
    rows, found = right()
    days = [dt.date.fromisoformat(f"{month}-15") for month in rows.month.tolist()]
    for months in (
        np.array([day.toordinal() for day in days]), np.array(days, "datetime64[D]"), np.array([day.isoformat() for day in days], object),
    ):  # fmt: skip
        assert validate(replace(rows, month=months), LIMITS).months == found.months
    assert validate(replace(rows, month=np.full(len(rows.score), "")), LIMITS).months == ()


def test_a_validation_comes_back_from_json_as_it_was() -> None:
    few = validate(replace(made(300, champion=None), segment=None, places={}), LIMITS)
    for found in (right()[1], few, validate(replace(made(1000), part=np.full(1000, "train")), LIMITS)):
        text = json.dumps(validation_json.as_dict(found), allow_nan=False)
        assert validation_json.from_dict(json.loads(text)) == found
    told = validation_json.as_dict(few)
    with pytest.raises(ValueError, match="format"):
        validation_json.from_dict({**told, "format": 99})
    with pytest.raises(ValueError, match="none of"):
        validation_json.from_dict({**told, "judged_on": "yesterday"})


def test_the_same_rows_give_the_same_validation_in_any_order() -> None:
    rows, found = right()
    mixed = _taken(rows, np.random.default_rng(1).permutation(len(rows.score)))
    assert validate(rows, LIMITS) == found
    again = validate(mixed, LIMITS)
    assert again.shift == found.shift
    assert again.part("later").auc == found.part("later").auc


def test_rows_that_do_not_fit_together_are_refused() -> None:
    rows = made(100)
    with pytest.raises(ValueError, match="differ in length"):
        replace(rows, bad=rows.bad[:-1])
    with pytest.raises(ValueError, match="no part of a sample: yesterday"):
        replace(rows, part=np.full(100, "yesterday"))


def test_limits_are_those_of_the_policy() -> None:
    text = files("daihou.policies.common").joinpath("scores.yaml").read_text("utf-8")
    policy = scores(text, "scores.yaml").on(dt.date(2026, 1, 1)).values
    assert limits_of(policy) == LIMITS


def _taken(rows: Rows, at: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Rows:
    """Some of the rows, in another order."""
    assert rows.champion is not None
    assert rows.segment is not None
    assert rows.unscored is not None
    rival = rows.champion
    return replace(
        rows, score=rows.score[at], scored=rows.scored[at], pd=rows.pd[at], bad=rows.bad[at], month=rows.month[at], part=rows.part[at],
        segment=rows.segment[at], unscored=rows.unscored[at], champion=replace(rival, score=rival.score[at], scored=rival.scored[at], pd=rival.pd[at]),
        places={key: place[at] for key, place in rows.places.items()},
    )  # fmt: skip
