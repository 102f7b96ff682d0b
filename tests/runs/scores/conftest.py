"""A book large enough to train on, run at all its month ends but the last two."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from blinded import blinder
from daihou.book.days import month_ends
from daihou.book.home import Home, open_home
from daihou.book.intake import deliver
from daihou.runs.nightly import run_all
from daihou.simulation.book import simulate
from daihou.simulation.parameters import shipped
from once import once

LOANS, MONTHS = 1_500, 14
DESIGN = """
id: watch_3m
name: {en: Watch score, zh: 监测评分}
subject: SUBJECT
runs:
  observe: {from: FROM, to: TO}
  window_months: 3
  population: POPULATION
  bad: BAD
split: {out_of_time_from: LATER, out_of_sample: 0.3}
features:
FEATURES
seed: 7
"""


def quiet(_step: str, _done: int, _all: int) -> None:
    """Show nothing."""


@dataclass(frozen=True)
class Scoring:
    """A home and its month ends; the last two are not run."""

    home: Home
    ends: list[dt.date]

    def design(self, subject: str = "borrower", **more: str) -> str:
        """A design over its runs."""
        of = {
            "borrower": (
                "loans >= 1",
                "worst_dpd >= 30",
                ["worst_dpd", "worst_dpd_12m", "loans", "exposure", "applications_3m"],
            ),
            "loan": (
                "months_on_book >= 1",
                "dpd >= 30",
                ["dpd", "max_dpd_6m", "late_days_3m", "paid_to_due_3m", "annual_rate", "product"],
            ),
        }[subject]
        told = {
            "SUBJECT": subject, "FROM": str(self.ends[2]), "TO": str(self.ends[-6]), "LATER": str(self.ends[-8]), "POPULATION": of[0], "BAD": of[1],
            "FEATURES": "\n".join(f"  - name: {name}" for name in of[2]), **more,
        }  # fmt: skip
        text = DESIGN
        for key, value in told.items():
            text = text.replace(key, value)
        return text


def policies(home: Home, **values: str) -> None:
    """Let a home have a policy of its own, with other values."""
    text = Path("src/daihou/policies/common/scores.yaml").read_text("utf-8")
    for name, value in {"fewest_bad": "10", "fewest_of_segment": "10", "fewest_bad_in_bin": "3", **values}.items():
        line = next(line for line in text.splitlines() if line.strip().startswith(f"{name}:"))
        text = text.replace(f"{line}\n", f"      {name}: {value}\n")
    (home.path / "policies").mkdir(exist_ok=True)
    (home.path / "policies" / "scores.yaml").write_text(text, "utf-8")


@pytest.fixture(scope="session")
def built_to_score(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home: read it, never write to it."""

    def build(folder: Path) -> None:
        made = simulate(shipped("online"), LOANS, MONTHS, 3, folder / "sent", quiet)
        home = open_home(folder / "home", {"DAIHOU_PROFILE": "online"})
        for table in made.rows:
            deliver(
                home,
                [Path(file) for file in made.files(table)],
                table,
                today=made.last_on,
                progress=quiet,
                blinder=blinder(home),
            )
        ends = month_ends(made.first_on, made.last_on)
        (folder / "ends").write_text("\n".join(map(str, ends)), "utf-8")
        policies(home)
        run_all(home, [(end, end) for end in ends[:-2]], quiet)

    return once(tmp_path_factory, "scoring", build)


@pytest.fixture
def ends(built_to_score: Path) -> list[dt.date]:
    """The month ends of the book."""
    return [dt.date.fromisoformat(one) for one in (built_to_score / "ends").read_text("utf-8").split()]


@pytest.fixture
def to_read(built_to_score: Path, ends: list[dt.date]) -> Scoring:
    """The home to look at."""
    return Scoring(open_home(built_to_score / "home", {"DAIHOU_PROFILE": "online"}), ends)


@pytest.fixture
def to_work(built_to_score: Path, ends: list[dt.date], tmp_path: Path) -> Scoring:
    """The home to work in."""
    return Scoring(
        open_home(shutil.copytree(built_to_score / "home", tmp_path / "home"), {"DAIHOU_PROFILE": "online"}), ends
    )


@pytest.fixture(scope="session")
def built_in_force(built_to_score: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home with a card of loans as champion and trees in its shadow, after one more night: read it, never write to it."""

    def build(folder: Path) -> None:
        from runs.scores.acting import approved

        ends = [dt.date.fromisoformat(one) for one in (built_to_score / "ends").read_text("utf-8").split()]
        home = open_home(shutil.copytree(built_to_score / "home", folder / "home"), {"DAIHOU_PROFILE": "online"})
        scoring = Scoring(home, ends)
        approved(scoring, scoring.design("loan"))
        approved(scoring, scoring.design("loan"), "trees", "shadow")
        run_all(home, [(ends[-2], ends[-2])], quiet)

    return once(tmp_path_factory, "in_force", build)


@pytest.fixture
def in_force(built_in_force: Path, ends: list[dt.date]) -> Scoring:
    """That home to look at."""
    return Scoring(open_home(built_in_force / "home", {"DAIHOU_PROFILE": "online"}), ends)


@pytest.fixture
def in_force_to_work(built_in_force: Path, ends: list[dt.date], tmp_path: Path) -> Scoring:
    """That home to work in."""
    return Scoring(
        open_home(shutil.copytree(built_in_force / "home", tmp_path / "home"), {"DAIHOU_PROFILE": "online"}), ends
    )
