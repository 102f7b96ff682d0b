"""`daihou models` from the first design to the watch, as its users type it; and what each command refuses."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import polars as pl
import pytest
from python_calamine import CalamineWorkbook

import scoring_home

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Daihou
    from scoring_home import Scoring


@pytest.fixture
def scoring(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Scoring:
    found = scoring_home.copied(scoring_home.built(tmp_path_factory), tmp_path / "home")
    (tmp_path / "design.yaml").write_text(found.design("loan"), "utf-8")
    return found


def now(monkeypatch: pytest.MonkeyPatch, day: dt.date) -> None:
    monkeypatch.setenv("DAIHOU_NOW", f"{day}T18:00:00+08:00")


def test_a_model_goes_from_a_design_to_the_watch_by_commands(
    scoring: Scoring, daihou: Daihou, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ends = scoring.ends
    now(monkeypatch, ends[-3] + dt.timedelta(days=1))
    assert daihou("models", "list").out.startswith("No model yet")
    trained = daihou("models", "train", "design.yaml", "--by", "ann", "--note", "first")
    assert trained.code == 0, trained.err
    assert "watch_3m v1" in trained.out
    assert "watch_3m v2" in trained.out
    again = daihou("models", "train", "design.yaml", "--check")
    assert again.code == 0
    assert [line.rpartition(": ")[2] for line in again.out.splitlines()] == ["watch_3m v1", "watch_3m v2"]
    assert "waits for approval" not in daihou("models", "list").out

    early = daihou("models", "approve", "watch_3m", "--version", "1", "--by", "bob")
    assert (early.code, "was not validated" in early.err) == (2, True)
    judged = daihou("models", "validate", "watch_3m", "--version", "1", "--by", "ann", "-o", "report.html")
    assert judged.code == 0, judged.err
    assert "Out of time" in judged.out
    assert (tmp_path / "report.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    assert "waits for approval" in daihou("models", "list").out

    own = daihou("models", "approve", "watch_3m", "--version", "1", "--by", "Ann")
    assert (own.code, "cannot approve it" in own.err) == (2, True)
    assert daihou("models", "approve", "watch_3m", "--version", "1", "--by", "bob").code == 0

    now(monkeypatch, ends[-2])
    ran = daihou("run", "--as-of", str(ends[-2]))
    assert ran.code in (0, 1), ran.err
    watched = daihou("models", "monitor")
    assert "watch_3m v1  champion" in watched.out
    assert "PSI of the score" in watched.out
    assert "default rate" in watched.out
    scored = daihou("models", "score", "watch_3m", "--version", "1", "--reasons", "-o", "scores.csv")
    assert scored.code in (0, 1), scored.err
    rows = pl.read_csv(tmp_path / "scores.csv")
    assert {"subject_id", "score", "pd", "why", "reasons"} <= set(rows.columns)
    exported = daihou("export", "scores", "--as-of", str(ends[-2]), "--known-on", str(ends[-2]), "-o", "e.parquet")
    assert exported.code == 0, exported.err
    assert pl.read_parquet(tmp_path / "e.parquet").height == rows.height

    assert daihou("models", "retire", "watch_3m", "--version", "1", "--by", "bob").code == 0
    assert "retired" in daihou("models", "list").out


def test_a_card_is_printed_and_written_and_the_numbers_agree(
    scoring: Scoring, daihou: Daihou, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    now(monkeypatch, scoring.ends[-3] + dt.timedelta(days=1))
    assert daihou("models", "train", "design.yaml").code == 0
    printed = daihou("models", "show", "watch_3m", "--version", "1").out
    assert daihou("models", "show", "watch_3m", "--version", "1", "-o", "card.json").code == 0
    assert daihou("models", "show", "watch_3m", "--version", "1", "-o", "card.xlsx").code == 0
    stated = json.loads((tmp_path / "card.json").read_text("utf-8"))
    assert f"base points {stated['body']['base']}" in printed
    sheet = CalamineWorkbook.from_path(str(tmp_path / "card.xlsx")).get_sheet_by_index(0).to_python()
    first = stated["body"]["characteristics"][0]
    of_first = [row for row in sheet if row[1] == first["input"]["name"]]
    assert [row[3] for row in of_first if isinstance(row[3], float)] == [
        points
        for points, good, bad in zip(first["points"], first["evidence"]["good"], first["evidence"]["bad"], strict=True)
        if good + bad
    ]
    trees = daihou("models", "show", "watch_3m", "--version", "2", "-o", "trees.xlsx")
    assert (trees.code, "is no card" in trees.err) == (2, True)
    report = daihou("models", "show", "watch_3m", "--version", "1", "-o", "report.pdf")
    assert (report.code, "was not validated" in report.err) == (2, True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("bad: dpd >= 30", "bad: dpd >= 30 or"), "design.yaml, runs.bad"),
        (("- name: dpd\n", "- name: dpdd\n"), "There is no measure called dpdd. "),
        (("seed: 7", "sead: 7"), "sead: is no key of a design"),
        (("bad: dpd >= 30", "bad: dpd >= 5000"), "All "),
        (("window_months: 3", "window_months: three"), "'three' is not a whole number"),
    ],
)
def test_a_design_that_does_not_fit_is_refused_with_its_place(
    scoring: Scoring,
    daihou: Daihou,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    change: tuple[str, str],
    message: str,
) -> None:
    now(monkeypatch, scoring.ends[-3] + dt.timedelta(days=1))
    text = scoring.design("loan").replace(*change)
    assert text != scoring.design("loan")
    (tmp_path / "design.yaml").write_text(text, "utf-8")
    found = daihou("models", "train", "design.yaml")
    assert found.code == 2
    assert message.strip() in found.err
    assert daihou("models", "list").out.startswith("No model yet")


def test_a_design_that_ships_has_the_dates_of_the_home(scoring: Scoring, daihou: Daihou, tmp_path: Path) -> None:
    names = daihou("models", "design").out.split()
    assert names == ["behaviour_loan"]
    assert daihou("models", "design", names[0], "-o", "own.yaml").code == 0
    text = (tmp_path / "own.yaml").read_text("utf-8")
    assert f"from: {scoring.ends[0]}" in text
    assert f"to: {scoring.ends[-9]}" in text
    missing = daihou("models", "design", "nothing")
    assert (missing.code, "Designs are: behaviour_loan" in missing.err) == (2, True)


def test_an_overlay_is_proposed_and_agreed_by_two(
    scoring: Scoring, daihou: Daihou, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = scoring.ends[-3] + dt.timedelta(days=1)
    now(monkeypatch, day)
    assert daihou("models", "train", "design.yaml", "--kind", "card").code == 0
    words = (
        "models",
        "overlay",
        "propose",
        "watch_3m",
        "--multiplier",
        "1.3",
        "--from",
        str(day),
        "--to",
        str(day + dt.timedelta(days=60)),
    )
    assert daihou(*words, "--by", "ann").code == 2  # no reason
    assert daihou(*words, "--by", "ann", "--note", "a harder year").code == 0
    assert daihou("models", "overlay", "agree", "watch_3m", "1", "--by", "ann").code == 2
    agreed = daihou("models", "overlay", "agree", "watch_3m", "1", "--by", "bob")
    assert "× 1.3" in agreed.out
    assert daihou("models", "overlay", "list").out.count("watch_3m 1") == 2
