"""Samples from runs: what was known at an observation, what became of it, and every leak that was planted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from books.harbour import send
from daihou.assessment.scores import design as designs
from daihou.book.errors import DaihouError
from daihou.runs import store
from daihou.runs.nightly import run_all
from daihou.runs.scores.asked import ALREADY, asked
from daihou.runs.scores.observing import NOT_LIVE, counts_of, sample

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.assessment.scores.sample import Sample
    from scoring_home import Scoring


def quiet(_step: str, _done: int, _all: int) -> None:
    """Show nothing."""


def drawn(scoring: Scoring, text: str) -> Sample:
    return sample(scoring.home, asked(designs.read(text, "design"), "design"), quiet)


def refused(scoring: Scoring, text: str) -> DaihouError:
    with pytest.raises(DaihouError) as found:
        drawn(scoring, text)
    return found.value


def test_every_subject_of_every_date_has_one_fate(to_read: Scoring) -> None:
    found = drawn(to_read, to_read.design("loan"))
    for date, n in found.counts.group_by("observed_on").agg(pl.col("n").sum()).iter_rows():
        rows = sum(len(pl.read_parquet(path)) for path in store.files(to_read.home, "snapshots", date, date))
        assert rows == n, date
    assert counts_of(found.counts)["good"] + counts_of(found.counts)["bad"] == len(found.frame)
    assert {"good", "bad", NOT_LIVE, ALREADY} <= set(counts_of(found.counts))


def test_bad_is_who_met_the_condition_at_a_month_end_of_the_window_and_not_before(to_read: Scoring) -> None:
    found = drawn(to_read, to_read.design("loan"))
    date = to_read.ends[3]
    window = to_read.ends[4:7]
    rows = found.frame.filter(pl.col("observed_on") == date)
    snapshots = {
        day: pl.concat([pl.read_parquet(path) for path in store.files(to_read.home, "snapshots", day, day)])
        for day in (date, *window)
    }
    late = {one for day in window for one in snapshots[day].filter(pl.col("dpd") >= 30)["loan_id"].cast(pl.String)}
    assert set(rows.filter(pl.col("fate") == "bad")["id"]) == late & set(rows["id"])
    assert not set(snapshots[date].filter(pl.col("dpd") >= 30)["loan_id"].cast(pl.String)) & set(rows["id"])


def test_features_are_those_that_the_run_of_the_date_wrote(to_read: Scoring) -> None:
    found = drawn(to_read, to_read.design("loan"))
    date = to_read.ends[3]
    rows = found.frame.with_columns(pl.Series("told", found.columns["dpd"])).filter(pl.col("observed_on") == date)
    written = pl.concat(
        [
            pl.read_parquet(path, columns=["loan_id", "dpd"])
            for path in store.files(to_read.home, "snapshots", date, date)
        ]
    )
    beside = rows.join(written.with_columns(pl.col("loan_id").cast(pl.String)), left_on="id", right_on="loan_id")
    assert (beside["told"].fill_nan(None).cast(pl.Int32) == beside["dpd"]).all()


def test_the_same_design_over_the_same_runs_has_the_same_fingerprint_and_another_has_another(to_read: Scoring) -> None:
    assert drawn(to_read, to_read.design()).fingerprint == drawn(to_read, to_read.design()).fingerprint
    assert (
        drawn(to_read, to_read.design()).fingerprint
        != drawn(to_read, to_read.design(BAD="worst_dpd >= 20")).fingerprint
    )


def test_a_borrower_never_stands_on_both_sides_of_a_split_of_one_time(to_read: Scoring) -> None:
    found = drawn(to_read, to_read.design("loan"))
    parts = found.frame.with_columns(found.part).filter(pl.col("part") != "later")
    assert (parts.group_by("group").agg(pl.col("part").n_unique())["part"] == 1).all()
    assert {"train", "test", "later"} == set(found.part)
    assert (found.frame.filter(found.part == "later")["observed_on"] >= found.split.out_of_time_from).all()


def test_what_became_known_later_changes_no_observation(to_work: Scoring, tmp_path: Path) -> None:
    """The planted leak: payments dated before an observation and known long after it. Dates by their own knowledge do not move; those known later do."""
    before = drawn(to_work, to_work.design("loan"))
    date, known = to_work.ends[3], to_work.ends[-2]
    paths = store.files(to_work.home, "snapshots", date, date)
    late = pl.concat([pl.read_parquet(path, columns=["loan_id", "dpd", "overdue_amount"]) for path in paths]).filter(
        pl.col("dpd") >= 5
    )
    assert late.height > 3
    rows = [f"LEAK{at},{one},{date},{amount / 100:.2f},{known}" for at, (one, _, amount) in enumerate(late.iter_rows())]
    send(to_work.home, tmp_path, {"payments": "payment_id,loan_id,paid_on,amount,known_on\n" + "\n".join(rows) + "\n"})
    run_all(to_work.home, [(date, date), (date, known)], quiet)
    leaked = pl.concat(
        [
            pl.read_parquet(path, columns=["loan_id", "dpd"])
            for path in store.files(to_work.home, "snapshots", date, known)
        ]
    )
    changed = leaked.join(late, on="loan_id").filter(pl.col("dpd") != pl.col("dpd_right"))
    assert changed.height == late.height  # it is a leak: by later knowledge nobody was late
    after = drawn(to_work, to_work.design("loan"))
    assert after.fingerprint == before.fingerprint


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"BAD": "worst_dpd_12m >= 30"}, "worst_dpd_12m looks back"),
        ({"BAD": "worst_dpd_ever >= 30"}, "worst_dpd_ever looks back"),
        ({"BAD": "litigation_12m >= 1"}, "litigation_12m looks back"),
    ],
)
def test_an_outcome_that_looks_back_over_the_observation_is_refused(
    to_read: Scoring, more: dict[str, str], named: str
) -> None:
    error = refused(to_read, to_read.design(**more))
    assert error.message.startswith(named)
    assert "seen: end" in error.remedy
    assert "runs.bad" in str(error.place)


def test_at_the_window_s_end_an_outcome_may_look_back_over_the_window_and_no_further(to_read: Scoring) -> None:
    text = to_read.design("loan", BAD="max_dpd_3m >= 30").replace("  bad:", "  seen: end\n  bad:")
    assert counts_of(drawn(to_read, text).counts)["bad"] > 10
    assert "more than the window of 3" in refused(to_read, text.replace("max_dpd_3m", "max_dpd_6m")).message


@pytest.mark.parametrize(
    ("feature", "message"),
    [
        ("score_pd", "score_pd is what a model said."),
        ("wurst_dpd", "There is no measure called wurst_dpd."),
        ("group_id", "group_id is an id: a model cannot be told it."),
    ],
)
def test_a_feature_that_cannot_be_one_is_named(to_read: Scoring, feature: str, message: str) -> None:
    error = refused(to_read, to_read.design(FEATURES=f"  - name: {feature}"))
    assert error.message == message
    assert feature in str(error.place)


def test_dates_that_were_not_run_are_named_with_the_command_that_runs_them(to_read: Scoring) -> None:
    error = refused(to_read, to_read.design(FROM="2019-01-31"))
    assert "were not run by their own knowledge: 2019-01-31" in error.message
    assert "daihou history --from 2019-01-31" in error.remedy


def test_a_window_that_has_not_ended_is_counted_and_gives_no_observation(to_read: Scoring) -> None:
    found = drawn(to_read, to_read.design(TO=str(to_read.ends[-3])))
    immature = found.counts.filter(pl.col("fate") == "immature")
    assert immature["observed_on"].to_list() == to_read.ends[-5:-2]
    assert not set(immature["observed_on"]) & set(found.frame["observed_on"])
    error = refused(to_read, to_read.design(FROM=str(to_read.ends[-3]), TO=str(to_read.ends[-3])))
    assert error.message.startswith("No window has ended")


def test_no_more_than_the_design_has_room_for_are_taken_and_the_others_counted(to_read: Scoring) -> None:
    found = drawn(to_read, to_read.design("loan").replace("  window_months: 3", "  window_months: 3\n  most: 1000"))
    counts = counts_of(found.counts)
    assert 0 < len(found.frame) < 1_100
    assert counts["left_out"] > len(found.frame)


def test_values_reach_a_model_in_plain_units(to_read: Scoring) -> None:
    text = to_read.design(
        "borrower", FEATURES="  - name: exposure\n  - name: first_disbursed_on\n  - name: borrower_kind"
    )
    found = drawn(to_read, text)
    date = to_read.ends[3]
    rows = found.frame.with_columns(
        pl.Series("amount", found.columns["exposure"]), pl.Series("age", found.columns["first_disbursed_on"])
    )
    paths = store.files(to_read.home, "borrower_snapshots", date, date)
    held = pl.concat(
        [pl.read_parquet(path, columns=["borrower_id", "exposure", "first_disbursed_on"]) for path in paths]
    )
    beside = rows.filter(pl.col("observed_on") == date).join(held, left_on="id", right_on="borrower_id")
    assert np.allclose(beside["amount"], beside["exposure"] / 100)
    assert (beside["age"] == (pl.Series([date]) - beside["first_disbursed_on"]).dt.total_days()).all()
    kinds = found.columns["borrower_kind"]
    assert isinstance(kinds, pl.Series)
    assert set(kinds.drop_nulls()) <= {"person", "company"}
