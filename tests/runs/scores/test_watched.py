"""The watch of models: shift by column and segment, cohorts whose window ended, and the row that rules are asked of."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from daihou.assessment.validation import figures, stability
from daihou.runs import store
from daihou.runs.nightly import run_all
from daihou.runs.scores import register as registers
from daihou.runs.scores.house import policy
from daihou.runs.scores.own_runs import OwnRuns
from daihou.runs.scores.recalled import figures_on, watched_of
from daihou.runs.scores.score import said_of
from daihou.runs.scores.watched import cohorts
from runs.scores.acting import quiet
from scoring_home import policies

if TYPE_CHECKING:
    from daihou.runs.scores.score import Said
    from scoring_home import Scoring


def row(scoring: Scoring, role: str = "champion") -> dict[str, Any]:
    day = scoring.ends[-2]
    return (
        pl.DataFrame(store.read(scoring.home, "model_snapshots", day, day))
        .filter(pl.col("model_role") == role)
        .row(0, named=True)
    )


def said(scoring: Scoring, day: dt.date) -> Said:
    found = said_of(OwnRuns(scoring.home), registers.register(scoring.home).version("watch_3m", 1), "champion", day)
    assert found is not None
    return found


def test_the_index_of_the_score_is_that_of_training_against_the_date(in_force: Scoring) -> None:
    now = said(in_force, in_force.ends[-2])
    reference = now.model.reference
    expected = stability.psi(
        reference.scores, stability.banded(now.scored.score[now.scored.there], reference.edges), 0.0001
    )
    assert row(in_force)["score_psi"] == pytest.approx(expected)
    csi = [
        one
        for one in figures_on(in_force.home, in_force.ends[-2], "watch_3m")
        if one["figure"] == "csi" and one["model"] == "watch_3m v1"
    ]
    assert {one["of"] for one in csi} == {one.name for one in now.model.inputs}
    assert row(in_force)["worst_csi"] == max(one["value"] for one in csi)  # type: ignore[type-var]


def test_cohorts_are_the_last_dates_out_of_time_whose_window_has_ended_and_no_others(in_force: Scoring) -> None:
    day = in_force.ends[-2]
    found = cohorts(OwnRuns(in_force.home), said(in_force, day), day, 3)
    assert [one.observed_on for one in found] == in_force.ends[-7:-4]
    earlier = cohorts(OwnRuns(in_force.home), said(in_force, day), in_force.ends[-4], 3)
    assert [one.observed_on for one in earlier] == in_force.ends[
        -8:-6
    ]  # the first date out of time and what ended since
    assert cohorts(OwnRuns(in_force.home), said(in_force, day), in_force.ends[-6], 3) == []


def test_the_row_of_a_model_says_how_those_fared_whose_window_ended(in_force: Scoring) -> None:
    day = in_force.ends[-2]
    found = cohorts(OwnRuns(in_force.home), said(in_force, day), day, 3)
    score, bad, pd = (np.concatenate([getattr(one, name) for one in found]) for name in ("score", "bad", "pd"))
    told = row(in_force)
    assert (told["matured"], told["matured_bad"]) == (len(bad), int(bad.sum()))
    assert told["auc"] == pytest.approx(figures.auc(-score.astype(float), bad))
    assert told["default_rate"] == pytest.approx(bad.mean())
    assert told["expected_rate"] == pytest.approx(pd.mean())
    assert told["calibration_light"] == figures.traffic(len(bad), int(bad.sum()), float(pd.mean()), 0.95, 0.999)
    validated = registers.register(in_force.home).version("watch_3m", 1).validated
    assert validated is not None
    assert told["auc_drop"] == pytest.approx(validated.payload["auc"] - told["auc"])
    assert told["months_since_validated"] == 0


def test_a_market_that_turned_is_seen_in_the_light(in_force_to_work: Scoring) -> None:
    """The same people with a stricter outcome: as if far more had turned bad than the model was told of."""
    home, day = in_force_to_work.home, in_force_to_work.ends[-2]
    assert row(in_force_to_work)["calibration_light"] in ("green", "yellow", "red")
    now = said(in_force_to_work, day)
    found = cohorts(OwnRuns(home), now, day, 3)
    pd, n = float(np.concatenate([one.pd for one in found]).mean()), sum(len(one.bad) for one in found)
    house = policy(home).on(day).values
    for share, light in ((pd, "green"), (pd * 1.6, "red")):
        assert figures.traffic(n, round(n * share), pd, house.green, house.red) == light


def test_a_book_without_defaults_enough_is_told_no_area(in_force_to_work: Scoring) -> None:
    policies(in_force_to_work.home, fewest_bad="100000")
    day = in_force_to_work.ends[-2]
    run_all(in_force_to_work.home, [(day, day)], quiet)
    told = row(in_force_to_work)
    assert told["auc"] is None
    assert told["auc_drop"] is None
    assert told["matured"] > 0
    assert told["calibration_light"] != "green"  # few can prove a probability wrong, never right


def test_figures_over_time_are_those_of_each_run(in_force_to_work: Scoring) -> None:
    day, last = in_force_to_work.ends[-2], in_force_to_work.ends[-1]
    run_all(in_force_to_work.home, [(last, last)], quiet)
    found = watched_of(in_force_to_work.home, "watch_3m", [day, last]).filter(
        (pl.col("model") == "watch_3m v1") & (pl.col("figure") == "psi") & (pl.col("of") == "")
    )
    assert found["as_of"].to_list() == [day, last]
    assert found["value"].is_finite().all()
    told = pl.DataFrame(store.read(in_force_to_work.home, "model_snapshots", last, last))
    assert told.filter(pl.col("model") == "watch_3m v1")["score_psi"][0] == found["value"][1]
    people = pl.DataFrame(store.read(in_force_to_work.home, "borrower_snapshots", last, last))
    assert people["score_change_3m"].null_count() == len(people)  # three months before nobody was scored


def test_between_month_ends_cohorts_are_as_the_run_before_told_them_and_are_made_anew_at_the_next(
    in_force_to_work: Scoring,
) -> None:
    home, end, last = in_force_to_work.home, in_force_to_work.ends[-2], in_force_to_work.ends[-1]
    days = [end + dt.timedelta(days=1), end + dt.timedelta(days=2), last]
    for day in days:
        run_all(home, [(day, day)], quiet)
    fared = {
        day: [one for one in figures_on(home, day, "watch_3m") if one["figure"] in ("auc", "default_rate")]
        for day in (end, *days)
    }
    assert fared[end]
    assert fared[end] == fared[days[0]] == fared[days[1]] != fared[last]
    assert {one["observed_on"] for one in fared[last]} - {None} == set(in_force_to_work.ends[-6:-3])
