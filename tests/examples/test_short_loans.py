"""The real short loans: features know nothing of what came after, a planted leak is refused, and the models rank what they never saw."""

from __future__ import annotations

import os
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from daihou.assessment.scores import design as designs
from daihou.assessment.scores.training import train
from daihou.assessment.validation.figures import auc_interval
from daihou.book.errors import DaihouError
from daihou.runs.scores import table

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "short_loans"
NAMES = ("past_loans.csv", "borrowers.csv", "labelled_loans.csv")


def the_folder() -> Path:
    """Where the files are: in the folder DATA names, or beside the checkout."""
    places = [Path(os.environ["DATA"])] if os.environ.get("DATA") else []
    for place in (*places, ROOT.parent / "shared" / "data" / "short_loans"):
        if all((place / name).is_file() for name in NAMES):
            return place
    if os.environ.get("DAIHOU_TEST_ALL"):
        pytest.fail("the short loans are not there, and DAIHOU_TEST_ALL is set")
    pytest.skip(
        "past_loans.csv and its two companions are neither in ../shared/data/short_loans beside the checkout nor in the folder DATA names"
    )


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(EXAMPLE / "features.py"))


@pytest.fixture(scope="module")
def features(script: dict[str, Any]) -> pl.DataFrame:
    found = script["features"](the_folder())
    assert isinstance(found, pl.DataFrame)
    return found


@pytest.fixture(scope="module")
def file(features: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("short") / "features.csv"
    features.write_csv(path)
    return path


def changed(folder: Path, to: Path, name: str, rows: pl.DataFrame) -> Path:
    """The three files, one of them otherwise."""
    to.mkdir()
    for one in NAMES:
        (to / one).write_bytes((folder / one).read_bytes())
    rows.write_csv(to / name)
    return to


def test_each_labelled_loan_has_one_row_of_what_was_known_of_it(features: pl.DataFrame) -> None:
    assert len(features) == features["systemloanid"].n_unique() == 4_368
    assert features["bad"].sum() == 952
    assert (features["loans"].fill_null(0) < features["number"]).all()  # only those before it
    assert features.filter(pl.col("since_approved") <= 0).is_empty()


def test_what_happened_after_the_approval_changes_nothing(script: dict[str, Any], features: pl.DataFrame, tmp_path: Path) -> None:  # fmt: skip
    """Every past loan is closed a day after its successor was approved, and repaid years later: then nobody had closed any at all."""
    folder = the_folder()
    past = pl.read_csv(folder / "past_loans.csv", infer_schema=False)
    approved = pl.read_csv(folder / "labelled_loans.csv", infer_schema=False).select("customerid", at="approveddate")
    last = pl.col("approveddate") == pl.col("approveddate").max().over("customerid")
    joined = past.join(approved, on="customerid", how="left", maintain_order="left")
    moved = [
        joined.with_columns(
            closeddate=pl.when(last & pl.col("at").is_not_null()).then(pl.lit(later)).otherwise("closeddate"),
            firstrepaiddate=pl.when(last & pl.col("at").is_not_null()).then(pl.lit(later)).otherwise("firstrepaiddate"),
        ).drop("at")
        for later in ("2017-09-01 00:00:00.000000", "2018-01-31 12:00:00.000000")
    ]
    told = [
        script["features"](changed(folder, tmp_path / str(at), "past_loans.csv", rows)) for at, rows in enumerate(moved)
    ]
    assert told[0].equals(told[1])  # when it happened does not matter, for both are later
    assert not told[0].equals(features)  # and what was known before does


def test_a_loan_approved_later_is_no_past_loan(script: dict[str, Any], features: pl.DataFrame, tmp_path: Path) -> None:
    folder = the_folder()
    past = pl.read_csv(folder / "past_loans.csv", infer_schema=False)
    later = past.sample(2_000, seed=1).with_columns(
        systemloanid=pl.col("systemloanid") + "9",
        approveddate=pl.lit("2017-08-15 10:00:00.000000"),
        firstrepaiddate=pl.lit("2017-08-16 10:00:00.000000"),
        closeddate=pl.lit("2017-08-16 10:00:00.000000"),
    )
    assert script["features"](changed(folder, tmp_path / "more", "past_loans.csv", pl.concat([past, later]))).equals(features)  # fmt: skip


def test_a_feature_made_with_the_loans_own_outcome_is_refused(features: pl.DataFrame) -> None:
    design = designs.read((EXAMPLE / "design.yaml").read_text("utf-8"), "design.yaml")
    draw = np.random.default_rng(1)
    days = pl.Series("days_to_repay", np.where(features["bad"].to_numpy() == 1, draw.normal(45, 5, 4_368), draw.normal(20, 8, 4_368)))  # fmt: skip
    stated = designs.as_dict(design)
    stated["features"].append({"name": "days_to_repay", "kind": "number", "risk": "up"})
    leaky = designs.from_dict(stated)
    policy = runpy.run_path(str(EXAMPLE / "compare.py"))["policy"]()
    with pytest.raises(DaihouError, match="days_to_repay alone tells the outcome"):
        train(leaky, table.inputs(leaky), table.sample(leaky, features.with_columns(days), "planted"), policy, "card", lambda *_: None)  # fmt: skip


def test_the_card_of_the_commands_ranks_loans_that_it_never_saw(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    from daihou.cli.models import app

    monkeypatch.setenv("DAIHOU_HOME", str(tmp_path))
    monkeypatch.setenv("DAIHOU_NOW", "2017-08-15T12:00:00+08:00")
    run = CliRunner()
    trained = run.invoke(app, ["train", str(EXAMPLE / "design.yaml"), "--data", str(file), "--kind", "card", "--by", "ana"])  # fmt: skip
    assert trained.exit_code == 0, trained.output
    again = run.invoke(app, ["train", str(EXAMPLE / "design.yaml"), "--data", str(file), "--kind", "card", "--check"])
    assert again.exit_code == 0, again.output  # the same bytes
    scored = run.invoke(app, ["score", "short_loans", "--data", str(file), "-o", str(tmp_path / "scores.csv")])
    assert scored.exit_code == 1, scored.output  # a few borrowers have no past loan that is known
    told = pl.read_csv(tmp_path / "scores.csv").with_columns(pl.col("subject_id").cast(pl.String))
    rows = pl.read_csv(file, try_parse_dates=True).with_columns(pl.col("systemloanid").cast(pl.String))
    later = rows.filter(pl.col("observed_on") >= pl.date(2017, 7, 21)).join(told, left_on="systemloanid", right_on="subject_id")  # fmt: skip
    some = later.filter(pl.col("score").is_not_null())
    area = auc_interval(-some["score"].to_numpy().astype(float), some["bad"].to_numpy() == 1, 0.95)
    assert area is not None
    assert area.low is not None
    assert area.value == pytest.approx(0.709, abs=0.006)  # docs/examples/behaviour_scores.md
    assert area.low > 0.6
    assert len(later) - len(some) < 15
