"""Killed at every step and at any moment, with full disks and a lake that is away: every accepted row is in the lake once, in order."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from daihou.runs.log.flushing import through
from daihou.runs.log.keeper import Keeper
from runs.log.conftest import NOW, loan, payment, until
from runs.log.proof import whole

if TYPE_CHECKING:
    from runs.log.conftest import Sender

SOAK = os.environ.get("DAIHOU_SOAK") == "1"
STEPS = (
    "staging",
    "checking loans",
    "checking payments",
    "refusing",
    "deciding",
    "committing loans",
    "committing payments",
    "committing quarantine",
    "registering",
    "clearing",
)


def started(what: str, *words: object) -> subprocess.Popen[str]:
    child = [sys.executable, str(Path(__file__).with_name("children.py")), what, *map(str, words)]
    return subprocess.Popen(child, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ended(what: str, *words: object) -> tuple[int, str, str]:
    """The code with which a child ended, and what it said."""
    with started(what, *words) as process:
        said, wrong = process.communicate(timeout=60)
        return process.returncode, said, wrong


def ready(process: subprocess.Popen[str]) -> subprocess.Popen[str]:
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n", process.communicate()
    return process


def some_rows(sender: Sender) -> list[str]:
    """Good rows of two tables, one the door refuses, one the lake refuses."""
    sender.send("payments", payment(0), payment("bad", amount="much"))
    sender.send("loans", loan(1), loan(2))
    sender.send("payments", payment(1), payment(0, amount="2.00"), payment(2))
    return ["P0", "P1", "P2"]


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_the_next_flush_ends_as_if_nothing_had_been(sender: Sender, step: str) -> None:
    accepted = some_rows(sender)
    code, _, wrong = ended("flushing", sender.home.path, step)
    assert code == 9, wrong
    assert sender.rows("payments", "payment_id") in ([], accepted)  # never half
    sender.flush()
    whole(sender, accepted)
    assert sender.refused() == [(6, "duplicate_key")]


def test_what_a_killed_flush_decided_an_intake_finishes(sender: Sender) -> None:
    accepted = some_rows(sender)
    assert ended("flushing", sender.home.path, "committing quarantine")[0] == 9
    assert sender.file("loans", [loan(3)]).batch == 4
    assert sender.flush().rows == 0
    assert sender.rows("payments", "payment_id") == accepted
    assert sender.rows("deliveries", "batch") == [1, 2, 3, 4]
    assert sender.refused() == [(6, "duplicate_key")]
    assert through(sender.home, sender.log) == sender.log.last()


def test_killed_at_random_moments_while_others_append(sender: Sender, tmp_path: Path) -> None:
    dice = random.Random(20_260_301)  # noqa: S311 - moments, not secrets
    sender.send("loans", loan(1))
    sender.send("payments", payment(0))
    answered = tmp_path / "answered.txt"
    rounds = 50 if SOAK else 4
    appenders: list[subprocess.Popen[str]] = []
    for number in range(rounds):
        if number % 3 == 0:  # an appender dies as well, in the middle of whatever it does
            for old in appenders:
                old.kill()
                old.communicate()
            appenders = [started("appending", sender.home.path, f"a{number}", answered)]
        flushers = [started("flushing", sender.home.path, "", 20), started("flushing", sender.home.path, "", 300)]
        for process in (*flushers, *(appenders if number % 3 == 0 else [])):
            ready(process)
        time.sleep(dice.uniform(0.02, 0.6))
        for process in flushers:
            process.kill()
            process.communicate()
    for old in appenders:
        old.kill()
        old.communicate()
    sender.flush()
    accepted = answered.read_text().split("\n")[:-1]
    assert len(accepted) > 100
    whole(sender, [*accepted, "P0"])


def test_when_the_disk_is_full_the_sender_is_told_and_nothing_accepted_is_lost(sender: Sender) -> None:
    sender.send("loans", loan(1))
    room = 400_000
    *accepted, last = ended("filling", sender.home.path, room)[1].splitlines()
    assert last.startswith("LogError: The log cannot be written")
    assert "Is the disk full" in last
    assert accepted
    sender.send("payments", payment(1))  # there is room again
    sender.flush()
    whole(sender, ["first", *accepted, "P1"])


@pytest.mark.parametrize("room", [0, 600, 4_000])
def test_a_flush_that_finds_no_room_leaves_everything_for_the_next(sender: Sender, room: int) -> None:
    accepted = some_rows(sender)
    code, _, wrong = ended("cramped", sender.home.path, room)
    assert code == 1
    assert "Error" in wrong
    sender.flush()
    whole(sender, accepted)


def test_while_the_lake_is_away_rows_are_accepted_and_they_come_when_it_is_back(sender: Sender) -> None:
    accepted = some_rows(sender)
    lake, away = sender.home.lake, sender.home.path / "away"
    sender.flush()
    lake.rename(away)
    lake.write_text("no folder")
    keeper = Keeper(sender.home, lambda: NOW, flush_seconds=0.0)
    stop = threading.Event()
    working = threading.Thread(target=keeper.run, args=(stop,))
    working.start()
    sender.send("payments", payment(7))
    until(lambda: bool(keeper.trouble))
    lake.unlink()
    away.rename(lake)
    until(lambda: sender.log.place("lake") == sender.log.last())
    stop.set()
    working.join(30)
    assert not keeper.trouble
    whole(sender, [*accepted, "P7"])
