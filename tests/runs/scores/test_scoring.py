"""Scores in a run: the same by card on paper, who has none and why, what becomes known of borrowers, and that night, backtest and stream agree."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from daihou.assessment.scores.card import Card
from daihou.book.errors import DaihouError
from daihou.runs import store
from daihou.runs.borrowers import borrowers
from daihou.runs.nightly import run, run_all
from daihou.runs.policies import read_policies
from daihou.runs.scores import register as registers
from daihou.runs.scores.applied import of_run
from daihou.runs.scores.recalled import scores_of
from daihou.runs.scores.register import register
from runs.scores.acting import approved, quiet

if TYPE_CHECKING:
    from scoring_home import Scoring


def night(scoring: Scoring, day: dt.date) -> None:
    run(scoring.home, day, day, quiet)


def told(scoring: Scoring, table: str, day: dt.date) -> pl.DataFrame:
    return pl.DataFrame(store.read(scoring.home, table, day, day))


def test_a_run_scores_whom_the_champion_is_for_and_each_score_adds_up_on_paper(in_force: Scoring) -> None:
    to_work, day = in_force, in_force.ends[-2]
    version = register(to_work.home).version("watch_3m", 1)
    scores = told(to_work, "scores", day).filter(pl.col("role") == "champion")
    snapshots = told(to_work, "snapshots", day)
    live = snapshots.filter(
        pl.col("state").cast(pl.String).is_in(["current", "overdue", "unmeasured"]), pl.col("months_on_book") >= 1
    )
    whom = live.filter(
        (pl.col("dpd") < 30).fill_null(value=True)
    )  # who is bad at the observation is no subject of the model
    assert set(scores["subject_id"]) == set(whom["loan_id"].cast(pl.String))
    assert scores["model"].unique().to_list() == [version.called]
    card = registers.model(to_work.home, version).body
    assert isinstance(card, Card)
    row = scores.filter(pl.col("score").is_not_null()).row(0, named=True)
    loan = whom.filter(pl.col("loan_id").cast(pl.String) == row["subject_id"]).row(0, named=True)
    points = card.base
    for line in card.characteristics:
        value = loan[line.input.name]
        if line.bins.codes:
            place = next(
                (at for at, group in enumerate(line.bins.groups) if value in group),
                line.bins.unseen if value is not None else line.bins.missing,
            )
        else:
            place = line.bins.missing if value is None else sum(float(value) >= split for split in line.bins.splits)
        assert place is not None
        points += line.points[place]
    assert points == row["score"]


def test_no_nan_and_no_infinity_leaves_and_who_has_no_score_is_told_why(in_force: Scoring) -> None:
    to_work, day = in_force, in_force.ends[-2]
    scores = told(to_work, "scores", day)
    without = scores.filter(pl.col("score").is_null())
    assert (without["why"].is_not_null()).all()
    assert without["pd"].null_count() == len(without)
    with_one = scores.filter(pl.col("score").is_not_null())
    assert with_one["why"].null_count() == len(with_one)
    assert with_one["pd"].is_finite().all()
    assert ((with_one["pd"] > 0) & (with_one["pd"] < 1)).all()


def test_scores_become_measures_of_the_borrower_the_worst_of_its_loans(in_force: Scoring) -> None:
    to_work, day = in_force, in_force.ends[-2]
    lowest = (
        told(to_work, "scores", day)
        .filter(pl.col("role") == "champion")
        .drop_nulls("score")
        .group_by("borrower_id")
        .agg(pl.col("score").min(), pl.col("pd").sort_by("score").first())
    )
    beside = told(to_work, "borrower_snapshots", day).join(lowest, on="borrower_id", how="left")
    assert (beside["score"].cast(pl.Int32).eq_missing(beside["score_right"])).all()
    assert beside["score"].null_count() < len(beside)
    known = beside.drop_nulls("score")
    assert (known["score_pd_overlaid"] == known["score_pd"]).all()
    assert known["score_model"].unique().to_list() == ["watch_3m v1"]


def test_a_shadow_scores_beside_the_champion_and_is_no_measure(in_force: Scoring) -> None:
    day = in_force.ends[-2]
    by_role = dict(told(in_force, "scores", day).group_by("role").agg(pl.col("model").first()).iter_rows())
    assert by_role == {"champion": "watch_3m v1", "shadow": "watch_3m v2"}
    assert told(in_force, "borrower_snapshots", day)["score_model"].drop_nulls().unique().to_list() == ["watch_3m v1"]


def test_the_run_again_writes_the_same_scores(in_force_to_work: Scoring) -> None:
    to_work, day = in_force_to_work, in_force_to_work.ends[-2]
    before = told(to_work, "scores", day).sort("model", "subject_id")
    people = told(to_work, "borrower_snapshots", day).sort("borrower_id")
    run_all(to_work.home, [(day, day)], quiet)
    assert told(to_work, "scores", day).sort("model", "subject_id").equals(before)
    assert told(to_work, "borrower_snapshots", day).sort("borrower_id").equals(people)


def test_days_after_a_run_have_its_scores_until_the_policy_lets_them_go(to_work: Scoring) -> None:
    approved(to_work, to_work.design("borrower"))
    day = to_work.ends[-2]
    night(to_work, day)
    home = to_work.home
    known = told(to_work, "borrower_snapshots", day).drop_nulls("score")
    one = known["borrower_id"].head(1)
    book = borrowers.read(home, read_policies(home), {}, quiet)
    loans = told(to_work, "snapshots", day)
    for after, there in ((0, True), (1, True), (45, True), (46, False)):
        on = day + dt.timedelta(days=after)
        rolled = book.on(on, on, loans.lazy(), ["borrower_id", "score", "score_model"])
        few = book.among(one).of_few(
            on, on, loans.filter(pl.col("borrower_id") == one[0]).iter_rows(named=True), ["borrower_id", "score"]
        )
        found = rolled.filter(pl.col("borrower_id") == one[0])["score"][0]
        assert (found is not None) is there, after
        assert few[0]["score"] == found
        assert found == (known["score"][0] if there else None)


def test_a_date_before_the_first_score_knows_none(to_work: Scoring) -> None:
    approved(to_work, to_work.design("borrower"))
    day = to_work.ends[-2]
    night(to_work, day)
    early = to_work.ends[3]
    assert told(to_work, "borrower_snapshots", early)["score"].null_count() == len(
        told(to_work, "borrower_snapshots", early)
    )
    assert (
        scores_of(to_work.home, told(to_work, "scores", day)["borrower_id"][0], [early, day])["as_of"].to_list()[-1]
        == day
    )


def test_a_version_is_applied_by_hand_to_any_date_that_was_run_with_its_reasons(in_force: Scoring) -> None:
    to_work, day = in_force, in_force.ends[-2]
    by_hand = of_run(to_work.home, "watch_3m", 1, day, chinese=True).sort("subject_id")
    stored = told(to_work, "scores", day).filter(pl.col("role") == "champion").sort("subject_id")
    assert by_hand["score"].eq_missing(stored["score"]).all()
    assert np.allclose(by_hand["pd"].drop_nulls(), stored["pd"].drop_nulls())
    worst = by_hand.drop_nulls("score").sort("score").row(0, named=True)
    assert "：" in worst["reasons"]
    with pytest.raises(DaihouError, match="was not run by its own knowledge"):
        of_run(to_work.home, "watch_3m", None, dt.date(2018, 1, 31), chinese=None)


def test_a_home_without_models_writes_no_row_and_asks_nothing(to_work: Scoring) -> None:
    day = to_work.ends[-2]
    night(to_work, day)
    assert told(to_work, "scores", day).is_empty()
    assert told(to_work, "model_watch", day).is_empty()
    assert told(to_work, "borrower_snapshots", day)["score"].null_count() == len(
        told(to_work, "borrower_snapshots", day)
    )


def test_a_model_whose_file_is_gone_does_not_stop_the_night_and_is_told_of(in_force_to_work: Scoring) -> None:
    home, day = in_force_to_work.home, in_force_to_work.ends[-1]
    registers._model.cache_clear()
    (registers.folder(home, "watch_3m", 1) / registers.TEXT).unlink()
    outcome = run(home, day, day, quiet)
    assert [(called, why.startswith("The model's file cannot be read")) for called, why, _ in outcome.unscored] == [
        ("watch_3m v1", True)
    ]
    assert told(in_force_to_work, "scores", day)["model"].unique().to_list() == ["watch_3m v2"]
    rows = told(in_force_to_work, "model_snapshots", day)
    assert dict(rows.select("model", "unscored_share").iter_rows())["watch_3m v1"] == 1.0
    assert told(in_force_to_work, "borrower_snapshots", day)["score"].null_count() == len(
        told(in_force_to_work, "borrower_snapshots", day)
    )
    opened = told(in_force_to_work, "signals", day).filter(pl.col("subject") == "model")
    assert "watch_3m v1" in opened["subject_id"].to_list()
