"""A run brings the log to the lake before it reads; one that seals closes its date in the log first, and opens it again where it fails."""

from __future__ import annotations

import datetime as dt
import shutil
from typing import TYPE_CHECKING

import pytest

from books.harbour import END, LATER
from daihou.book import business_date, lake
from daihou.book.home import open_home
from daihou.book.intake import journal
from daihou.runs import store
from daihou.runs.log.flushing import through
from daihou.runs.nightly import run, run_all
from runs.log.conftest import Sender, payment

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.book.home import Home

NOON = dt.datetime(2026, 5, 4, 4, tzinfo=dt.UTC)
PAID = payment("new", "A1", "52.00", paid_on="2026-04-30")


def silent(_step: str, _done: int, _all: int) -> None:
    """Show nothing."""


@pytest.fixture
def home(built: Path, tmp_path: Path) -> Home:
    """Harbour Branch after the night of 2026-04-30, to work in."""
    return open_home(shutil.copytree(built, tmp_path / "home"), {})


def days_late(home: Home, loan: str, day: dt.date) -> int:
    rows = store.read(home, "snapshots", day, day).to_pylist()
    return int(next(row["dpd"] for row in rows if row["loan_id"] == loan))


def test_a_run_measures_what_was_in_the_log(home: Home, tmp_path: Path) -> None:
    sender = Sender(home, tmp_path)
    run_all(home, [(LATER, LATER)], silent)
    assert days_late(home, "A1", LATER) == 65
    sender.door.take("payments", [PAID], "api:1", NOON)
    run_all(home, [(LATER, LATER)], silent)
    assert days_late(home, "A1", LATER) == 0
    assert through(home, sender.log) == 1
    assert sender.log.closed_through() == END.isoformat()  # it sealed nothing


def test_what_comes_after_the_date_was_closed_is_known_on_the_next(home: Home, tmp_path: Path) -> None:
    sender = Sender(home, tmp_path)
    sender.door.take("payments", [PAID], "api:1", NOON)
    came: list[dt.date] = []

    def progress(step: str, _done: int, _all: int) -> None:
        if step == "write" and not came:
            later = {**PAID, "payment_id": "Plater"}
            taken = sender.door.take("payments", [later], "api:1", NOON)
            came.extend(taken.judged.facts["known_on"].to_pylist())

    run(home, LATER, LATER, progress)
    assert came == [LATER + dt.timedelta(days=1)]
    assert days_late(home, "A1", LATER) == 0
    assert business_date.sealed_through(home) == LATER
    assert sender.log.closed_through() == LATER.isoformat()
    assert through(home, sender.log) == 1  # the other is for the next night
    known = lake.read(home, "payments", ["payment_id", "known_on"]).read_all().to_pylist()
    assert {"payment_id": "Pnew", "known_on": LATER} in known


def test_a_run_that_fails_opens_its_date_again(home: Home, tmp_path: Path) -> None:
    sender = Sender(home, tmp_path)

    def progress(step: str, _done: int, _all: int) -> None:
        if step == "write":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(home, LATER, LATER, progress)
    assert business_date.sealed_through(home) == END
    assert sender.log.closed_through() == END.isoformat()
    taken = sender.door.take("payments", [PAID], "api:1", NOON)
    assert taken.judged.facts["known_on"].to_pylist() == [LATER]
    run(home, LATER, LATER, silent)
    assert days_late(home, "A1", LATER) == 0


def test_a_run_of_other_dates_does_not_wait_for_an_intake(home: Home, tmp_path: Path) -> None:
    sender = Sender(home, tmp_path)
    sender.door.take("payments", [PAID], "api:1", NOON)
    with journal.locked(home):
        run_all(home, [(END, LATER)], silent)
    assert through(home, sender.log) == 0
