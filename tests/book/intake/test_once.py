"""Each file whole or not at all: sent twice, sent at once, killed at any step."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from daihou.book import lake
from daihou.book.errors import DaihouError
from daihou.book.intake import deliver
from daihou.book.intake.journal import locked

if TYPE_CHECKING:
    from book.conftest import Desk

Payments = Callable[..., str]
STEPS = (
    "hashing",
    "staging",
    "checking",
    "deciding",
    "committing payments",
    "committing quarantine",
    "registering",
    "clearing",
)
TABLES = ("payments", "quarantine", "deliveries")
ROWS = (
    ("P1", "L1", "2026-02-01", "1"),
    ("P2", "L1", "soon", "1"),
    ("P3", "L1", "2026-02-01", "3"),
    ("P3", "L1", "2026-02-01", "4"),
)

INTAKE = """
import os, sys
from datetime import date
from pathlib import Path
from daihou.book.home import open_home
from daihou.book.intake import deliver

def step(name):
    if name == sys.argv[3]:
        os._exit(9)  # as kill -9: nothing is cleaned up

deliver(open_home(Path(sys.argv[1]), {}), [Path(sys.argv[2])], "payments", today=date(2026, 3, 1), step=step)
"""


def content(desk: Desk) -> dict[str, list[dict[str, object]]]:
    """All that the lake holds, but for the file's name."""
    return {table: lake.read(desk.home, table).read_all().to_pylist() for table in TABLES}


def files(desk: Desk) -> list[str]:
    return sorted(str(path.relative_to(desk.home.lake)) for path in desk.home.lake.rglob("*.parquet"))


def test_the_same_file_twice_changes_nothing(desk: Desk, payments: Payments) -> None:
    text = payments(*ROWS)
    first = desk.send("payments", text)
    before, on_disk = content(desk), files(desk)
    again = desk.send("payments", text, "other name.csv")
    assert again.seen_before
    assert again.quarantined == first.quarantined
    assert (again.new, again.unchanged) == (0, 2)
    assert (content(desk), files(desk)) == (before, on_disk)


def test_the_same_file_with_another_mapping_is_another_delivery(desk: Desk, payments: Payments) -> None:
    text = payments(*ROWS)
    desk.send("payments", text)
    report = desk.send("payments", text, mapping_file=desk.map("columns: {channel: {constant: bank}}"))
    assert not report.seen_before
    assert report.quarantined == {"duplicate_key": 3, "bad_date": 1}


def test_every_batch_has_its_number_and_its_register_row(desk: Desk, payments: Payments) -> None:
    desk.send("payments", payments(ROWS[0]), "a.csv")
    desk.send("payments", payments(ROWS[1]), "b.csv")
    desk.send("payments", payments(ROWS[2]), "c.csv")
    assert desk.rows("deliveries", "batch", "file", "new", "quarantined") == [
        (1, "a.csv", 1, 0),
        (2, "b.csv", 0, 1),
        (3, "c.csv", 1, 0),
    ]
    assert desk.rows("payments", "batch") == [1, 3]
    assert lake.last_batch(desk.home) == 3


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_the_next_call_ends_as_if_nothing_had_been(
    desk: Desk, payments: Payments, step: str
) -> None:
    path = desk.write("file.csv", payments(*ROWS))
    killed = [sys.executable, "-c", INTAKE, str(desk.home.path), str(path), step]
    assert subprocess.run(killed, check=False).returncode == 9
    after_kill = desk.rows("payments", "payment_id")
    assert after_kill in ([], ["P1", "P3"])  # never half
    desk.send("payments", path)
    assert desk.rows("payments", "payment_id", "batch") == [("P1", 1), ("P3", 1)]
    assert sorted(desk.rows("quarantine", "row", "reason")) == [(2, "bad_date"), (4, "duplicate_key")]
    assert desk.rows("deliveries", "batch", "new", "quarantined") == [(1, 2, 2)]
    assert not any(desk.home.staging.glob("*"))
    assert len(files(desk)) == len(TABLES)  # nothing orphaned


def test_another_file_finishes_what_was_killed(desk: Desk, payments: Payments) -> None:
    path = desk.write("file.csv", payments(*ROWS))
    killed = [sys.executable, "-c", INTAKE, str(desk.home.path), str(path), "registering"]
    assert subprocess.run(killed, check=False).returncode == 9
    report = desk.send("payments", payments(("P9", "L1", "2026-02-01", "9")), "next.csv")
    assert report.batch == 2
    assert desk.rows("deliveries", "batch", "file") == [(1, "file.csv"), (2, "next.csv")]


def test_an_error_on_the_way_leaves_nothing(desk: Desk, payments: Payments) -> None:
    def step(name: str) -> None:
        if name == "checking":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        desk.send("payments", payments(*ROWS), step=step)
    assert not desk.home.lake.exists()
    assert not any(desk.home.staging.glob("*"))


def test_one_intake_at_a_time(desk: Desk, payments: Payments) -> None:
    with locked(desk.home), pytest.raises(DaihouError, match="Another intake or nightly run"):
        desk.send("payments", payments(*ROWS))
    assert desk.send("payments", payments(*ROWS)).new == 2


def test_a_killed_intake_holds_no_lock(desk: Desk, payments: Payments) -> None:
    path = desk.write("file.csv", payments(*ROWS))
    holder = [
        sys.executable,
        "-c",
        INTAKE.replace("os._exit(9)", "import time; time.sleep(60)"),
        str(desk.home.path),
        str(path),
        "checking",
    ]
    with subprocess.Popen(holder) as process:
        deadline = time.monotonic() + 30
        while not any(desk.home.staging.glob("*/*")) and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.3)
        with pytest.raises(DaihouError, match=str(process.pid)):
            desk.send("payments", path)
        process.kill()
    assert desk.send("payments", path).new == 2


def test_of_several_files_those_before_a_bad_one_are_in(desk: Desk, payments: Payments) -> None:
    good, bad = desk.write("good.csv", payments(ROWS[0])), desk.write("bad.csv", "nothing,known\n1,2\n")
    with pytest.raises(DaihouError, match="Required column missing") as caught:
        deliver(desk.home, [good, Path(bad)], "payments", today=__import__("datetime").date(2026, 3, 1))
    assert "1 file(s) before it were taken in" in caught.value.remedy
    assert desk.rows("payments", "payment_id") == ["P1"]
