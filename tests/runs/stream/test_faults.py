"""The worker of the stream killed, for real and at every step: what it says is said once, and what stands is what an undisturbed worker says."""

from __future__ import annotations

import os
import random
import signal
import time
from typing import TYPE_CHECKING

import pytest

from daihou.runs.log.door import Door
from daihou.runs.log.flushing import flush
from daihou.runs.log.log import Log
from daihou.runs.stream.worker import Worker
from laws import live
from runs.stream.proof import EVENTS, child, played_in, said_once, send, sending, standing, undisturbed

if TYPE_CHECKING:
    from pathlib import Path

SOAK = os.environ.get("DAIHOU_SOAK") == "1"


@pytest.mark.parametrize("step", ["saying", "said"])
def test_killed_at_every_step_it_says_everything_once(evening: Path, tmp_path: Path, step: str) -> None:
    expected = undisturbed(evening, tmp_path / "calm", 5)
    home = live.copied(evening, tmp_path / "home")
    played = played_in(home, 5)
    send(home, played)
    log = Log(home.path / "log.sqlite3")
    for count in (1, 2, 3):
        assert child(home, played, step=step, count=count).wait(120) == -signal.SIGKILL
        time.sleep(0.3)  # its lease runs out
    assert child(home, played).wait(120) == 0
    assert log.place("stream/0/1") == log.last()
    assert standing(log, played.day) == expected
    said_once(log)


def test_killed_at_random_moments_under_load_it_says_everything_once(evening: Path, tmp_path: Path) -> None:
    expected = undisturbed(evening, tmp_path / "calm", 6)
    home = live.copied(evening, tmp_path / "home")
    played = played_in(home, 6)
    chance = random.Random(1)  # noqa: S311 - to play, not to hide
    log = Log(home.path / "log.sqlite3")
    kills = 50 if SOAK else 3
    working = child(home, played)
    for number, _ in enumerate(sending(home, played, EVENTS)):
        if number % max(EVENTS // kills, 1) == 0:
            time.sleep(chance.uniform(0.0, 2.5))
            working.kill()
            working.wait()
            time.sleep(0.25)
            working = child(home, played)
    working.kill()
    working.wait()
    time.sleep(0.3)
    assert child(home, played).wait(120) == 0
    assert standing(log, played.day) == expected
    said_once(log)


def test_an_event_of_a_loan_does_not_take_back_what_was_said_of_the_loan(evening: Path, tmp_path: Path) -> None:
    home = live.copied(evening, tmp_path / "home")
    played = played_in(home, 1)
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


def test_a_row_that_the_lake_refuses_is_taken_back(evening: Path, tmp_path: Path) -> None:
    home = live.copied(evening, tmp_path / "home")
    played = played_in(home, 1)
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
