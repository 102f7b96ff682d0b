"""How often a program may ask and how much it may send: shares of time that all web processes of the machine keep together.

Each limit of a program is one number, the moment up to which what it sent has used its rate up (GCRA, ATM Forum TM 4.0). The numbers lie in a small
mapped file of the home, 32 bytes a program, so that a look costs microseconds: neither a query nor a write to the disk that anybody waits for. A lock of
the file keeps processes apart. The clock is the machine's, counted from its start; a number left from before a restart is taken for a full wait at most.
Several machines that share one database each keep limits of their own.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

FILE: Final = "limits.bin"
_SLOT: Final = struct.Struct("<d")
_WIDTH: Final = 32
"""Bytes of a program: its requests, its rows, its turns while the log is behind, and room for one more."""
_GROWS: Final = 4096
"""The file grows by so many bytes at a time."""

REQUESTS: Final = 0
ROWS: Final = 1
TURNS: Final = 2


@dataclass(frozen=True, slots=True)
class Limit:
    """So much a second on the long run, and so much at once."""

    per_second: float
    at_once: float


@dataclass(frozen=True, slots=True)
class Left:
    """What is left after asking for something."""

    allowed: bool
    remaining: int
    """How much could be had at once now."""
    wait_seconds: float
    """How long until what was asked for may be had; 0 where it was."""
    reset_seconds: float
    """How long until all of it is there again."""


class Shares:
    """The numbers of all programs; any number of threads and processes may ask at once."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._thread = threading.Lock()
        self._map: mmap.mmap | None = None

    def take(self, program: int, which: int, limit: Limit, cost: float, now: float) -> Left:
        """Take a share where there is one: `now` is in seconds of the machine's clock."""
        offset = program * _WIDTH + which * _SLOT.size
        with self._thread:
            mapped = self._mapped(offset + _SLOT.size)
            fcntl.lockf(self._file, fcntl.LOCK_EX, _SLOT.size, offset)
            try:
                (used_until,) = _SLOT.unpack_from(mapped, offset)
                until, left = spent(used_until, limit, cost, now)
                _SLOT.pack_into(mapped, offset, until)
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN, _SLOT.size, offset)
        return left

    def _mapped(self, size: int) -> mmap.mmap:
        if self._map is None or len(self._map) < size:
            whole = max(-(-size // _GROWS) * _GROWS, os.fstat(self._file).st_size)
            if os.fstat(self._file).st_size < whole:
                os.truncate(self._file, whole)
            self._map = mmap.mmap(self._file, whole)
        return self._map


def spent(used_until: float, limit: Limit, cost: float, now: float) -> tuple[float, Left]:
    """Until when the rate is used up after asking for a share, and what is left of it."""
    most = limit.at_once / limit.per_second
    start = min(max(used_until, now), now + most)
    end = start + cost / limit.per_second
    allowed = end - now <= most + 1e-9
    until = end if allowed else start
    return until, Left(
        allowed=allowed,
        remaining=max(0, int((most - (until - now)) * limit.per_second + 1e-6)),
        wait_seconds=0.0 if allowed else end - now - most,
        reset_seconds=until - now,
    )
