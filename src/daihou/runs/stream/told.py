"""What the stream said: transitions of signals in the order in which they were said, each with its number."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from daihou.runs.log.log import Log

Transition = Literal["opened", "cleared", "ended", "withdrawn", "resumed"]
"""As the night says it; `withdrawn`: it was opened today and does not hold any more; `resumed`: what was cleared, ended or withdrawn today stands again."""
Standing = Transition
STANDS: Final = ("opened", "resumed")


@dataclass(frozen=True, slots=True)
class Told:
    """One transition."""

    seq: int
    as_of: dt.date
    """The business date that it was said of."""
    signal_id: str
    transition: Transition
    place: int
    """Of the newest event that had come when it was said."""
    accepted_at: float
    """When the oldest event of the batch that brought it was accepted, in seconds since 1970."""
    at: float
    """When it was said."""
    row: dict[str, Any]
    """The columns of a run's `signals` (watch.tables.SIGNALS) by name, without the dates; `opened_on` an ISO text."""

    @property
    def stands(self) -> bool:
        """Whether the signal is open after it."""
        return self.transition in STANDS


@dataclass(frozen=True, slots=True)
class Saying:
    """One transition before it has a number."""

    as_of: dt.date
    signal_id: str
    transition: Transition
    row: dict[str, Any]
    standing: Standing | None = None
    """What stands of the rule and subject afterwards, of a rule that the night judges too: as the night would say it; `withdrawn`, `resumed`: nothing."""


def say(connection: sqlite3.Connection, sayings: Sequence[Saying], place: int, accepted_at: float, now: float) -> None:
    """Write transitions within a transaction of the log."""
    connection.executemany(
        "INSERT INTO signals (as_of, signal_id, transition, place, accepted_at, at, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (
                one.as_of.isoformat(),
                one.signal_id,
                one.transition,
                place,
                accepted_at,
                now,
                json.dumps(one.row, ensure_ascii=False, default=str),
            )
            for one in sayings
        ],
    )


def read(log: Log, after: int, most: int = 1_000) -> list[Told]:
    """Transitions behind a number, in order."""
    rows = log.store.rows(
        "SELECT seq, as_of, signal_id, transition, place, accepted_at, at, body FROM signals WHERE seq > ? ORDER BY seq LIMIT ?",
        (after, most),
    )
    return [_read(row) for row in rows]


def of_day(log: Log, day: dt.date) -> dict[str, Told]:
    """By signal the last that was said of each on a business date."""
    rows = log.store.rows(
        "SELECT seq, as_of, signal_id, transition, place, accepted_at, at, body FROM signals WHERE as_of = ? ORDER BY seq",
        (day.isoformat(),),
    )
    return {row[2]: _read(row) for row in rows}


def last(log: Log) -> int:
    """The number of the newest; 0 before the first."""
    return int(log.store.rows("SELECT coalesce(max(seq), 0) FROM signals")[0][0])


def _read(row: tuple[Any, ...]) -> Told:
    seq, as_of, signal_id, transition, place, accepted_at, at, body = row
    return Told(seq, dt.date.fromisoformat(as_of), signal_id, transition, place, accepted_at, at, json.loads(body))
