"""A behaviour score of the real used-car book through runs: trained, approved by another person, in force, and watched while the book turns."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from daihou.book.home import open_home
from daihou.runs import store
from examples.test_auto_loans import ROOT, taken

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.book.home import Home

__all__ = ["taken"]
DESIGN = ROOT / "examples" / "auto_loans" / "score.yaml"
ID = "used_car_6m"
AFTER = [dt.date(2020, 4, 30), dt.date(2020, 5, 31)]


def command(*words: str, home: Path, on: dt.date, fine: tuple[int, ...] = (0,)) -> str:
    """What a command of `daihou` prints at noon of a day, as a process of its own."""
    settings = {name: value for name, value in os.environ.items() if not name.startswith(("DAIHOU", "DJANGO"))}
    settings |= {"DAIHOU_HOME": str(home), "DAIHOU_LANG": "en", "COLUMNS": "200", "DAIHOU_NOW": f"{on}T12:00:00+08:00"}
    called = [sys.executable, "-c", "from daihou.cli.main import main; main()", *words]
    ran = subprocess.run(called, env=settings, capture_output=True, text=True, check=False, encoding="utf-8")
    assert ran.returncode in fine, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def scored(taken: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, dict[str, str]]:
    """The book in a home of its own, with a champion and its shadow in force from April 2020; what each command printed."""
    folder = tmp_path_factory.mktemp("scores") / "home"
    shutil.copytree(taken[0].path, folder)
    trained_on = dt.date(2020, 3, 31)
    said = {"train": command("models", "train", str(DESIGN), "--by", "ana", home=folder, on=trained_on)}
    for number in ("1", "2"):
        said[number] = command(
            "models", "validate", ID, "--version", number, "--by", "bruno", home=folder, on=trained_on
        )
    said["own"] = command(
        "models", "approve", ID, "--version", "1", "--by", "ana", home=folder, on=trained_on, fine=(2,)
    )
    for number, role in (("1", "champion"), ("2", "shadow")):
        from_on = ("--version", number, "--as", role, "--from", "2020-04-01")
        command("models", "approve", ID, *from_on, "--by", "bruno", home=folder, on=trained_on)
    for day in AFTER:
        command("run", "--as-of", str(day), home=folder, on=day)
        said[str(day)] = command("models", "monitor", ID, "--as-of", str(day), home=folder, on=day, fine=(0, 1))
    return open_home(folder, {}), said


def test_nobody_approves_a_model_of_his_own(scored: Any) -> None:
    assert "champion from" not in scored[1]["own"]


def test_it_ranks_later_months_of_loans_well(scored: Any) -> None:
    # docs/examples/behaviour_scores.md tells 0.94 for both.
    for number in ("1", "2"):
        line = next(line for line in scored[1][number].splitlines() if "Out of time" in line)
        assert 0.92 < float(line.split("AUC ")[1].split(" ")[0]) < 0.96
        assert "9,404 / 224" in line


def test_each_live_loan_of_a_run_is_scored_by_both_and_riskier_loans_fell_behind(scored: Any) -> None:
    home, _ = scored
    first, last = AFTER
    told = pl.DataFrame(pl.from_arrow(store.read(home, "scores", first, first)))
    assert dict(told.group_by("role").len().rows()) == {"champion": told.height // 2, "shadow": told.height // 2}
    assert told["pd"].drop_nulls().is_between(0, 1, closed="none").all()
    later = pl.DataFrame(pl.from_arrow(store.read(home, "snapshots", last, last))).select("loan_id", "dpd")
    champion = told.filter((pl.col("role") == "champion") & pl.col("score").is_not_null()).join(later, left_on="subject_id", right_on="loan_id")  # fmt: skip
    worst = champion["score"] <= champion["score"].quantile(0.1)
    assert champion.filter(worst)["dpd"].mean() > 10 * champion.filter(~worst)["dpd"].mean()  # type: ignore[operator]


def test_the_watch_turns_red_when_the_spring_of_2020_is_in_the_window(scored: Any) -> None:
    """Loans observed in November 2019 had their window until May 2020: about twice as many defaulted as were expected."""
    before, after = (scored[1][str(day)] for day in AFTER)
    of = "default rate 2019-11-30"
    assert of not in before
    line = next(line for line in after.splitlines() if of in line)
    assert line.rstrip().endswith("red")
