"""Samples from a file of a lender's own: read, refused with the row and column that is wrong, trained, applied."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from daihou.assessment.scores import design as designs
from daihou.book.errors import DaihouError
from daihou.book.home import open_home
from daihou.runs.scores import table
from daihou.runs.scores.applied import of_file
from daihou.runs.scores.train import registered, train
from runs.scores.acting import quiet

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.assessment.scores.design import Design

DESIGN = """
id: made_up
name: {en: Made up, zh: 示例}
subject: borrower
table: {id: id, observed_on: day, bad: bad, group: who}
split: {out_of_time_from: 2025-10-01}
segment: kind
features:
  - {name: debt, kind: number, risk: up}
  - {name: branch, kind: code}
"""


def design(text: str = DESIGN) -> Design:
    return designs.read(text, "design.yaml")


def rows(n: int = 4_000, seed: int = 1) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    debt, branch = rng.normal(size=n).round(3), rng.choice(["A", "B", "C"], n)
    bad = rng.random(n) < 1 / (1 + np.exp(2.5 - debt - (branch == "C")))
    return pl.DataFrame(
        {
            "id": [f"X{at}" for at in range(n)], "who": [f"W{at // 2}" for at in range(n)], "bad": bad.astype(int),
            "day": [f"2025-{1 + at % 12:02d}-15" for at in range(n)], "kind": rng.choice(["person", "company"], n), "debt": debt, "branch": branch,
        }
    )  # fmt: skip


def written(folder: Path, frame: pl.DataFrame) -> Path:
    path = folder / "rows.csv"
    frame.write_csv(path)
    return path


def test_a_file_is_trained_and_applied_and_the_same_from_csv_and_parquet(tmp_path: Path) -> None:
    home = open_home(tmp_path / "home", {})
    frame = rows()
    paths = [written(tmp_path, frame), tmp_path / "rows.parquet"]
    frame.write_parquet(paths[1])
    day = dt.date(2026, 1, 5)
    models = [train(home, DESIGN, "design.yaml", ("card",), day, quiet, path)[0] for path in paths]
    assert models[0].model.digest == models[1].model.digest
    version = registered(home, models[0], "Ann", day, "", "command")
    found = of_file(home, "made_up", version.number, paths[0], chinese=False)
    assert found["score"].null_count() == 0
    assert found.sort("score")["pd"].is_sorted(descending=True) or found["pd"].n_unique() > 1
    assert found["reasons"].str.contains("debt").any()


def test_what_no_file_may_say_is_named_with_row_and_column(tmp_path: Path) -> None:
    frame = rows(50).with_columns(pl.col("debt").cast(pl.String), pl.col("bad").cast(pl.String))
    for column, value, message in (
        ("debt", "much", "'much' is not a number"),
        ("bad", "maybe", "'maybe' is no outcome"),
        ("day", "yesterday", "'yesterday' is not a date"),
    ):
        wrong = frame.with_columns(
            pl.when(pl.int_range(pl.len()) == 6).then(pl.lit(value)).otherwise(pl.col(column)).alias(column)
        )
        with pytest.raises(DaihouError, match=message) as found:
            table.sample(design(), table.read(written(tmp_path, wrong)), "rows.csv")
        assert found.value.place == f"rows.csv, row 7, column {column}"
    with pytest.raises(DaihouError, match="The file lacks debt, branch"):
        table.sample(design(), table.read(written(tmp_path, frame.drop("debt", "branch"))), "rows.csv")
    with pytest.raises(DaihouError, match="The file has no row"):
        table.sample(design(), table.read(written(tmp_path, frame.head(0))), "rows.csv")
    with pytest.raises(DaihouError, match="is neither CSV nor Parquet"):
        table.read(tmp_path / "rows.xls")


def test_empty_outcomes_are_indeterminate_and_empty_values_not_known(tmp_path: Path) -> None:
    frame = rows(50).with_columns(
        pl.when(pl.int_range(pl.len()) < 5).then(None).otherwise("bad").alias("bad"),
        pl.when(pl.int_range(pl.len()) < 3).then(None).otherwise("debt").alias("debt"),
    )
    found = table.sample(design(), table.read(written(tmp_path, frame)), "rows.csv")
    assert (found.frame["fate"] == "indeterminate").sum() == 5
    debt = found.columns["debt"]
    assert isinstance(debt, np.ndarray)
    assert np.isnan(debt).sum() == 3


def test_a_column_written_when_the_outcome_was_known_is_refused_until_somebody_looked(tmp_path: Path) -> None:
    """The planted leak of a file: what the collector noted after default."""
    home = open_home(tmp_path / "home", {})
    frame = rows().with_columns(
        (pl.col("bad") * 3 + 3.6 * pl.Series(np.random.default_rng(2).random(4_000))).round(3).alias("visits")
    )
    text = DESIGN + "  - {name: visits, kind: number, risk: up}\n"
    day = dt.date(2026, 1, 5)
    path = written(tmp_path, frame)
    for kind in ("card", "trees"):
        with pytest.raises(DaihouError, match="visits alone tells the outcome") as found:
            train(home, text, "design.yaml", (kind,), day, quiet, path)
        assert found.value.place == "features, visits"
    looked = text.replace("name: visits, kind: number", "name: visits, kind: number, checked: true")
    (model,) = train(home, looked, "design.yaml", ("card",), day, quiet, path)
    assert "visits" in model.model.asked


def test_a_design_of_a_table_needs_its_file_and_one_of_runs_takes_none(tmp_path: Path) -> None:
    home = open_home(tmp_path / "home", {})
    day = dt.date(2026, 1, 5)
    with pytest.raises(DaihouError, match="takes its sample from a table"):
        train(home, DESIGN, "design.yaml", ("card",), day, quiet)
    of_runs = DESIGN.replace(
        "table: {id: id, observed_on: day, bad: bad, group: who}",
        "runs: {observe: {from: 2025-01-31, to: 2025-06-30}, window_months: 3, population: loans >= 1, bad: worst_dpd >= 90}",
    )
    with pytest.raises(DaihouError, match="takes its sample from runs"):
        train(home, of_runs, "design.yaml", ("card",), day, quiet, written(tmp_path, rows(10)))
