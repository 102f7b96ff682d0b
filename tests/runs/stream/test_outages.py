"""The log that cannot be written for a while: the worker waits, says so, and goes on; what it says is said once, and what stands is what a rebuild says."""

from __future__ import annotations

import resource
import sqlite3
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from daihou.runs.log.log import Log, open_log
from daihou.runs.log.store import FILE
from daihou.runs.stream.figures import read
from laws import live
from runs.log.conftest import until
from runs.stream.proof import EVENTS, NAME, child, ended, played_in, rebuilt, said_once, send, standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from daihou.book.home import Home

GONE_SECONDS = 1.5
"""Several times the patience of the child."""


@contextmanager
def _locked(home: Home, _worker: int) -> Iterator[None]:
    """Somebody else is writing and does not come to an end: a backup, a repair by hand."""
    other = sqlite3.connect(home.path / FILE, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    yield
    other.execute("ROLLBACK")
    other.close()


@contextmanager
def _full(_home: Home, worker: int) -> Iterator[None]:
    """The worker finds no room on the disk."""
    before = resource.prlimit(worker, resource.RLIMIT_FSIZE)
    resource.prlimit(worker, resource.RLIMIT_FSIZE, (0, before[1]))
    yield
    resource.prlimit(worker, resource.RLIMIT_FSIZE, before)


def _judged_all(log: Log) -> bool:
    return log.place(NAME) == log.last()


@pytest.mark.parametrize(("gone", "wrong"), [(_locked, "locked"), (_full, "disk")])
def test_while_the_log_cannot_be_written_the_worker_waits_and_then_says_everything_once(
    evening: Path, tmp_path: Path, gone: Callable[[Home, int], AbstractContextManager[None]], wrong: str
) -> None:
    home = live.copied(evening, tmp_path / "home")
    played, log = played_in(home, 7), open_log(home)
    working = child(home, played, done=False, speed=0.0, heard=True)
    send(home, played, EVENTS // 2)
    until(lambda: _judged_all(log), 120)
    with gone(home, working.pid):  # nothing waits: it cannot renew its lease, nor note its figures
        time.sleep(GONE_SECONDS)
    until(lambda: any(wrong in one.error for one in read(log, 0)))
    send(home, played, EVENTS // 2)
    with gone(home, working.pid):  # much waits
        assert not _judged_all(log)
        time.sleep(GONE_SECONDS)
        assert not _judged_all(log)
    until(lambda: _judged_all(log), 120)
    assert "the stream waits for the log" in ended(working)
    assert standing(log, played.day) == rebuilt(home, tmp_path / "copy", played.now, played.day)
    said_once(log)


def test_a_log_that_was_moved_away_and_back_loses_nothing(evening: Path, tmp_path: Path) -> None:
    home = live.copied(evening, tmp_path / "home")
    played, log = played_in(home, 8), open_log(home)
    working = child(home, played, done=False, speed=0.0)
    send(home, played, EVENTS // 2)
    until(lambda: _judged_all(log), 120)
    away = tmp_path / "away"
    away.mkdir()
    files = list(home.path.glob(f"{FILE}*"))
    for file in files:
        file.rename(away / file.name)
    time.sleep(GONE_SECONDS)
    assert working.poll() is None
    for file in files:
        assert not file.exists()  # nobody put an empty log in its place
        (away / file.name).rename(file)
    send(home, played, EVENTS // 2)
    until(lambda: _judged_all(log), 120)
    ended(working)
    assert standing(log, played.day) == rebuilt(home, tmp_path / "copy", played.now, played.day)
    said_once(log)
