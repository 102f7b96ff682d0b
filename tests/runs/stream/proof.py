"""A worker in a process, what is sent to it, and what must hold of all it said whatever happened in between."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

from daihou.book.home import open_home
from daihou.runs.log.door import Door
from daihou.runs.stream.worker import Worker
from laws import live

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from daihou.book.home import Home
    from daihou.runs.log.log import Log

    Standing = dict[tuple[str, str], tuple[str, str]]
    """By rule and subject the signal, and how it stands."""

EVENTS: Final = 80
BEGAN: Final = time.time()
NAME: Final = "stream/0/1"
STARTED: Final[list[subprocess.Popen[str]]] = []
"""Children of the test in hand."""


def played_in(home: Home, seed: int) -> live.Live:
    """Events of a day to be sent to a home."""
    return live.Live(home, random.Random(seed))  # noqa: S311 - to play, not to hide


def sending(home: Home, played: live.Live, count: int, now: dt.datetime | None = None) -> Iterator[None]:
    """Send so many events, one by one; the door's clock stands still."""
    door = Door(home)
    for _ in range(count):
        for table, row in played.event():
            door.take(table, [row], "api:fault", now or played.now)
        yield


def send(home: Home, played: live.Live, count: int = EVENTS, now: dt.datetime | None = None) -> None:
    """Send so many events."""
    for _ in sending(home, played, count, now):
        pass


def child(
    home: Home,
    played: live.Live,
    *,
    step: str = "",
    count: int = 0,
    done: bool = True,
    speed: float = 1.0,
    most: int = 7,
    heard: bool = False,
) -> subprocess.Popen[str]:
    """A worker in a process of its own; its clock begins with the day's and can be set by `set_ahead`. What it writes to stderr can be `heard`."""
    words = (
        home.path,
        played.now.isoformat(),
        BEGAN,
        speed,
        _ahead(home),
        "done" if done else "told",
        most,
        step,
        count,
    )
    script = str(Path(__file__).with_name("children.py"))
    started = subprocess.Popen(
        [sys.executable, script, *map(str, words)], stderr=subprocess.PIPE if heard else None, text=True
    )
    STARTED.append(started)
    return started


def ended(working: subprocess.Popen[str]) -> str:
    """Tell a worker to end; what it had to say, if it is heard."""
    working.terminate()
    _, said = working.communicate(timeout=60)
    assert working.returncode == 0
    return said or ""


def set_ahead(home: Home, by: dt.timedelta) -> None:
    """Set the clock of children: so much ahead of what it would be."""
    fresh = _ahead(home).with_suffix(".new")
    fresh.write_text(str(by.total_seconds()))
    fresh.replace(_ahead(home))


def _ahead(home: Home) -> Path:
    return home.path / "ahead.txt"


def standing(log: Log, day: dt.date) -> Standing:
    """What stands of a day: what the night would say."""
    rows = log.store.rows(
        "SELECT rule_id, subject_id, signal_id, transition FROM standing WHERE as_of = ?", (str(day),)
    )
    return {
        (rule, subject): (signal_id, stands)
        for rule, subject, signal_id, stands in rows
        if stands not in ("withdrawn", "resumed")
    }


def undisturbed(evening: Path, to: Path, seed: int) -> Standing:
    """What stands when nothing happens to the worker."""
    home = live.copied(evening, to)
    played = played_in(home, seed)
    send(home, played)
    return judged(home, played.now, played.day)


def rebuilt(home: Home, to: Path, now: dt.datetime, day: dt.date, after: int = 0) -> Standing:
    """What stands when a worker that knows nothing reads the ledger and the whole log of a copy of the home, and judges what came behind a place."""
    with Door(home).log.store.writing():  # whole, as nobody writes meanwhile
        copy = live.copied(home.path, to)
    log = Door(open_home(to, {})).log
    with log.store.writing() as connection:
        for table in ("standing", "signals", "leases"):
            connection.execute(f"DELETE FROM {table}")
        connection.execute("UPDATE places SET place = ? WHERE name = ?", (after, NAME))
    return judged(copy, now, day)


def judged(home: Home, now: dt.datetime, day: dt.date) -> Standing:
    """What stands of a day once a worker has judged all that waits."""
    worker = Worker(home, clock=lambda: now)
    worker.open()
    while worker.once():
        pass
    assert worker._figures.error == ""
    return standing(worker.log, day)


def said_once(log: Log) -> None:
    """On a date the same is said of no signal twice in a row, and each begins with what can be said of it first.

    Another date is judged from the same memory until a night comes between, so it may say of a signal what the date before said.
    """
    said: dict[tuple[str, str], list[str]] = {}
    for as_of, signal_id, transition in log.store.rows("SELECT as_of, signal_id, transition FROM signals ORDER BY seq"):
        said.setdefault((as_of, signal_id), []).append(transition)
    for signal, course in said.items():
        assert course[0] in ("opened", "cleared", "ended"), (signal, course)
        assert all(one != other for one, other in pairwise(course)), (signal, course)
