"""The worker of the stream killed, for real and at every step: what it says is said once, and what stands is what an undisturbed worker says."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import pytest

from daihou.runs.log.door import Door
from daihou.runs.log.flushing import flush
from daihou.runs.log.log import Log
from daihou.runs.stream.worker import Worker
from laws import live

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.book.home import Home

SOAK = os.environ.get("DAIHOU_SOAK") == "1"
EVENTS: Final = 80
CHILD: Final = """
import datetime as dt, os, signal, sys, threading, time
from pathlib import Path
from daihou.book.home import open_home
import daihou.runs.stream.worker as stream
home, moment, step, count = open_home(Path(sys.argv[1]), {}), dt.datetime.fromisoformat(sys.argv[2]), sys.argv[3], int(sys.argv[4])
seen, began = [0], time.time()
def told(name):
    if name == step:
        seen[0] += 1
        if seen[0] >= count:
            os.kill(os.getpid(), signal.SIGKILL)
stream.MOST, stream.LEASE_SECONDS = 7, 0.2
clock = lambda: moment + dt.timedelta(seconds=time.time() - float(sys.argv[5]))
stream.Worker(home, clock=clock, step=told).run(threading.Event(), until_done=True)
"""
BEGAN: Final = time.time()


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return live.built(tmp_path_factory)


def _sent(home: Home, seed: int) -> live.Live:
    played = live.Live(home, random.Random(seed))  # noqa: S311 - to play, not to hide
    door = Door(home)
    for _ in range(EVENTS):
        for table, row in played.event():
            door.take(table, [row], "api:fault", played.now)
    return played


def _child(home: Home, played: live.Live, step: str = "", count: int = 0) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-c", CHILD, str(home.path), played.now.isoformat(), step, str(count), str(BEGAN)]
    return subprocess.Popen(words, cwd=os.getcwd(), env={**os.environ, "PYTHONPATH": "tests"})  # noqa: PTH109 - our own words


def _standing(log: Log, day: object) -> dict[tuple[str, str], tuple[str, str]]:
    rows = log.store.rows(
        "SELECT rule_id, subject_id, signal_id, transition FROM standing WHERE as_of = ?", (str(day),)
    )
    return {
        (rule, subject): (signal_id, stands)
        for rule, subject, signal_id, stands in rows
        if stands not in ("withdrawn", "resumed")
    }


def _undisturbed(built: Path, to: Path, seed: int) -> dict[tuple[str, str], tuple[str, str]]:
    home = live.copied(built, to)
    played = _sent(home, seed)
    worker = Worker(home, clock=lambda: played.now)
    worker.open()
    while worker.once():
        pass
    assert worker._figures.error == ""
    return _standing(worker.log, played.day)


def _said_once(log: Log) -> None:
    """Of no signal the same is said twice in a row, and each begins with what can be said of it first."""
    said: dict[str, list[str]] = {}
    for signal_id, transition in log.store.rows("SELECT signal_id, transition FROM signals ORDER BY seq"):
        said.setdefault(signal_id, []).append(transition)
    for signal_id, course in said.items():
        assert course[0] in ("opened", "cleared", "ended"), (signal_id, course)
        assert all(one != other for one, other in pairwise(course)), (signal_id, course)


@pytest.mark.parametrize("step", ["saying", "said"])
def test_killed_at_every_step_it_says_everything_once(built: Path, tmp_path: Path, step: str) -> None:
    expected = _undisturbed(built, tmp_path / "calm", 5)
    home = live.copied(built, tmp_path / "home")
    played = _sent(home, 5)
    log = Log(home.path / "log.sqlite3")
    for count in (1, 2, 3):
        child = _child(home, played, step, count)
        assert child.wait(120) == -signal.SIGKILL
        time.sleep(0.3)  # its lease runs out
    assert _child(home, played).wait(120) == 0
    assert log.place("stream/0/1") == log.last()
    assert _standing(log, played.day) == expected
    _said_once(log)


def test_killed_at_random_moments_under_load_it_says_everything_once(built: Path, tmp_path: Path) -> None:
    expected = _undisturbed(built, tmp_path / "calm", 6)
    home = live.copied(built, tmp_path / "home")
    played = live.Live(home, random.Random(6))  # noqa: S311 - to play, not to hide
    door, chance = Door(home), random.Random(1)  # noqa: S311 - as above
    log = Log(home.path / "log.sqlite3")
    kills = 50 if SOAK else 3
    child = _child(home, played)
    for number in range(EVENTS):
        for table, row in played.event():
            door.take(table, [row], "api:fault", played.now)
        if number % max(EVENTS // kills, 1) == 0:
            time.sleep(chance.uniform(0.0, 2.5))
            child.kill()
            child.wait()
            time.sleep(0.25)
            child = _child(home, played)
    child.kill()
    child.wait()
    time.sleep(0.3)
    assert _child(home, played).wait(120) == 0
    assert _standing(log, played.day) == expected
    _said_once(log)


def test_an_event_of_a_loan_does_not_take_back_what_was_said_of_the_loan(built: Path, tmp_path: Path) -> None:
    home = live.copied(built, tmp_path / "home")
    played = live.Live(home, random.Random(1))  # noqa: S311 - to play, not to hide
    door, worker = Door(home), Worker(home, clock=lambda: played.now)
    worker.open()
    loan = played.loans[0][0]
    change = {
        "change_id": "X1",
        "loan_id": loan,
        "kind": "acceleration",
        "effective_on": str(played.day),
        "principal": "50",
        "interest": "0",
    }
    door.take("changes", [change], "api:fault", played.now)
    worker.once()
    before = worker.day.standing()
    assert ("R-036", loan) in before
    event = {"event_id": "E1", "subject_id": loan, "happened_at": played.now.isoformat(), "kind": "application"}
    door.take("events", [event], "api:fault", played.now)
    worker.once()
    assert ("R-036", loan) in worker.day.standing()


def test_a_row_that_the_lake_refuses_is_taken_back(built: Path, tmp_path: Path) -> None:
    home = live.copied(built, tmp_path / "home")
    played = live.Live(home, random.Random(1))  # noqa: S311 - to play, not to hide
    door, worker = Door(home), Worker(home, clock=lambda: played.now)
    worker.open()
    (first, _), (other, _) = played.loans[:2]
    before = worker.hot.loans([other])["paid_amount"][0]
    row = {"payment_id": "P-1", "paid_on": str(played.day), "amount": "10.00"}
    for loan in (first, other):  # the lake lets an id belong to one loan
        door.take("payments", [row | {"loan_id": loan}], "api:fault", played.now)
    worker.once()
    assert worker.hot.loans([other])["paid_amount"][0] == before + 1_000
    assert flush(home, played.now, played.day).quarantined == 1
    worker.look()
    assert worker.hot.loans([other])["paid_amount"][0] == before
