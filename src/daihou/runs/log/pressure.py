"""Whether more can be taken in: how much of the log waits for the lake, and what room the disk has. All ways in ask here, so that all say the same."""

from __future__ import annotations

import shutil
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from daihou.runs.log.store import LogError

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.book.home import Home
    from daihou.runs.log.log import Log

    State = Literal["ok", "slow", "full"]

PLACE: Final = "lake"
"""Under which the log notes how far it was brought: for a quick look here, the truth is in the lake."""
SLOW_ROWS: Final = 400_000
"""So many rows wait when what brings them to the lake has fallen behind by about ten turns: senders are told to slow down."""
FULL_ROWS: Final = 2_000_000
"""So many rows wait when nothing brings them any more; the stream holds all of them in memory, about half a gigabyte."""
SLOW_FREE: Final = 2 << 30
"""Bytes free on the disk below which senders are told to slow down: a night's run writes about as much."""
FULL_FREE: Final = 256 << 20
"""Bytes free below which nothing is taken in: what has been accepted must still find room in the lake, the register and the journal."""
ROWS_A_SECOND: Final = 20_000
"""What two cores bring to a lake of some million rows, said with caution; how long senders are asked to wait rests on it."""
LEAST_SECONDS: Final = 1
MOST_SECONDS: Final = 60
LOOK_SECONDS: Final = 1.0
"""Between two looks: to look costs more than to take in a row."""


@dataclass(frozen=True, slots=True)
class Pressure:
    """How the log stood when it was looked at last, at most a second ago."""

    state: State
    """ok: send; slow: taken in, but wait before more; full: nothing is taken in now."""
    retry_after: int
    """Seconds that a sender should wait; 0 where it need not."""
    waiting: int
    """Rows that are not in the lake yet."""
    size: int
    """Bytes of the log on the disk."""
    free: int
    """Bytes free on the disk of the home."""


_seen: dict[Path, tuple[float, Pressure]] = {}
_looking = threading.Lock()


def pressure(home: Home, log: Log) -> Pressure:
    """How the log of a home stands, and what to tell who sends; cheap enough to be asked for every request."""
    now = time.monotonic()
    known = _seen.get(home.path)
    if known is not None and now - known[0] < LOOK_SECONDS:
        return known[1]
    with _looking:
        known = _seen.get(home.path)
        if known is None or now - known[0] >= LOOK_SECONDS:
            known = _seen[home.path] = time.monotonic(), look(home, log)
    return known[1]


def look(home: Home, log: Log) -> Pressure:
    """The same, looked at now."""
    size = sum(path.stat().st_size for path in log.store.path.parent.glob(f"{log.store.path.name}*"))
    free = shutil.disk_usage(home.path).free
    try:
        waiting = max(log.last() - log.place(PLACE), 0)
    except LogError:
        return Pressure("full", LEAST_SECONDS, 0, size, free)
    return Pressure(*decided(waiting, free), waiting, size, free)


def decided(waiting: int, free: int) -> tuple[State, int]:
    """What senders are told where so many rows wait and so many bytes are free, and for how many seconds."""
    if free < FULL_FREE or waiting >= FULL_ROWS:
        return "full", MOST_SECONDS if free < FULL_FREE else _seconds(waiting - SLOW_ROWS)
    if free < SLOW_FREE or waiting >= SLOW_ROWS:
        return "slow", _seconds(waiting - SLOW_ROWS)
    return "ok", 0


def _seconds(rows: int) -> int:
    """How long so many rows take to reach the lake."""
    return min(max(-(-rows // ROWS_A_SECOND), LEAST_SECONDS), MOST_SECONDS)
