"""A book large enough to train on, run at all its month ends but the last two."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from blinded import blinder
from daihou.book.days import month_ends
from daihou.book.home import Home, open_home
from daihou.book.intake import deliver
from daihou.runs.nightly import run_all
from daihou.simulation.book import simulate
from daihou.simulation.parameters import shipped
from once import once

if TYPE_CHECKING:
    import pytest

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


def built(factory: pytest.TempPathFactory) -> Path:
    """The folder of the home and its month ends: read it, never write to it."""

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

    return once(factory, "scoring", build)


def at(folder: Path, home: Path | None = None) -> Scoring:
    """The home of such a folder, or a copy of it."""
    ends = [dt.date.fromisoformat(one) for one in (folder / "ends").read_text("utf-8").split()]
    return Scoring(open_home(home or folder / "home", {"DAIHOU_PROFILE": "online"}), ends)


def copied(folder: Path, target: Path) -> Scoring:
    """A copy of the home to work in."""
    return at(folder, shutil.copytree(folder / "home", target))
