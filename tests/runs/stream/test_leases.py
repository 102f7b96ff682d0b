"""A share of the borrowers has one worker at a time, whatever stood still; and what was refused while nobody worked is taken back."""

from __future__ import annotations

import gc
import os
import signal
import time
import weakref
from typing import TYPE_CHECKING

import pytest

from daihou.runs.log.door import Door
from daihou.runs.log.flushing import flush
from daihou.runs.log.log import Log, LostError, open_log, still_held
from daihou.runs.stream.worker import Worker
from laws import live
from runs.log.conftest import until
from runs.stream.proof import EVENTS, NAME, child, ended, played_in, rebuilt, said_once, send, standing

if TYPE_CHECKING:
    from pathlib import Path


def test_a_worker_that_stood_still_while_another_took_over_says_nothing_again(evening: Path, tmp_path: Path) -> None:
    home = live.copied(evening, tmp_path / "home")
    played, log = played_in(home, 5), open_log(home)
    first = child(home, played, done=False, heard=True)
    send(home, played, EVENTS // 4)
    until(lambda: log.place(NAME) == log.last(), 120)
    os.kill(first.pid, signal.SIGSTOP)
    time.sleep(0.5)  # its lease runs out
    send(home, played, EVENTS - EVENTS // 4)
    second = child(home, played, done=False)
    until(lambda: log.place(NAME) == log.last(), 120)
    os.kill(first.pid, signal.SIGCONT)
    send(home, played, EVENTS // 4)
    until(lambda: log.place(NAME) == log.last(), 120)
    assert "another worker took stream/0/1 over" in ended(first)
    ended(second)
    said_once(log)
    assert standing(log, played.day) == rebuilt(home, tmp_path / "copy", played.now, played.day)


def test_what_was_said_of_a_row_that_the_lake_refused_while_nobody_worked_is_withdrawn(
    evening: Path, tmp_path: Path
) -> None:
    home = live.copied(evening, tmp_path / "home")
    played = played_in(home, 1)
    door, worker = Door(home), Worker(home, clock=lambda: played.now)
    worker.open()
    (first, _), (other, _) = played.loans[:2]
    row = {
        "change_id": "X1",
        "kind": "acceleration",
        "effective_on": str(played.day),
        "principal": "50",
        "interest": "0",
    }
    for loan in (first, other):  # the lake lets an id belong to one loan
        door.take("changes", [row | {"loan_id": loan}], "api:fault", played.now)
    worker.once()
    assert {("R-036", first), ("R-036", other)} <= standing(door.log, played.day).keys()
    assert flush(home, played.now, played.day).quarantined == 1
    Worker(home, clock=lambda: played.now).open()
    assert ("R-036", first) in standing(door.log, played.day)
    assert ("R-036", other) not in standing(door.log, played.day)


def test_a_share_that_was_taken_over_and_given_back_is_lost_and_a_clock_set_back_frees_it(tmp_path: Path) -> None:
    log = Log(tmp_path / "log.sqlite3")
    assert log.lease("share", "A", 100.0, 10.0)
    assert not log.lease("share", "B", 99.9, 10.0)  # asked a moment before, answered a moment after
    assert log.lease("share", "B", 111.0, 10.0)
    log.release("share", "B")
    assert not log.renew("share", "A", 130.0)
    with log.store.writing() as connection, pytest.raises(LostError):
        still_held(connection, "share", "A")
    assert log.lease("share", "A", 5_000.0, 10.0)
    assert log.lease("share", "B", 100.0, 10.0)  # nobody holds a share for so long: the clock was set back


def test_a_book_that_was_opened_anew_leaves_nothing_behind(evening: Path, tmp_path: Path) -> None:
    home = live.copied(evening, tmp_path / "home")
    played = played_in(home, 3)
    worker = Worker(home, clock=lambda: played.now)
    worker.open()
    gc.disable()
    try:
        before = weakref.ref(worker.hot)
        worker._begin(worker.day.as_of)
        assert before() is None
    finally:
        gc.enable()
