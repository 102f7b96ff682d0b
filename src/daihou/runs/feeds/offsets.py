"""How far each partition was read, in the log's own database: written in the transaction that appends its rows, so that no message is lost or comes twice."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from daihou.runs.stream.figures import EDGES_MS, Figures, note

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from daihou.runs.log.log import Log

Partition = tuple[str, int]
"""Topic and number."""


class MovedError(Exception):
    """Somebody else has read on a partition meanwhile: what was read here is not written, and begins again where the log stands."""


@dataclass(frozen=True, slots=True)
class Stand:
    """How a partition stands."""

    next: int
    """The offset to be read next."""
    newest: int
    """The offset behind the newest message, when last looked at."""
    lost: int
    """Messages that no longer existed when they were to be read."""

    @property
    def lag(self) -> int:
        """How many offsets wait."""
        return max(self.newest - self.next, 0)


def stands(log: Log, topics: Iterable[str]) -> dict[Partition, Stand]:
    """How the partitions of some topics stand that were ever read."""
    wanted = set(topics)
    rows = log.store.rows("SELECT topic, partition, next, newest, lost FROM offsets ORDER BY topic, partition")
    return {(topic, number): Stand(*rest) for topic, number, *rest in rows if topic in wanted}


def advance(
    connection: sqlite3.Connection,
    known: Mapping[Partition, int | None],
    to: Mapping[Partition, int],
    newest: Mapping[Partition, int],
) -> None:
    """Note within a transaction of the log how far partitions were read; MovedError where one does not stand where it is known to stand."""
    for (topic, number), offset in to.items():
        found = connection.execute(
            "SELECT next FROM offsets WHERE topic = ? AND partition = ?", (topic, number)
        ).fetchone()
        if (None if found is None else found[0]) != known[topic, number]:
            raise MovedError
        connection.execute(
            "INSERT INTO offsets VALUES (?, ?, ?, ?, 0) ON CONFLICT (topic, partition) DO UPDATE SET next = excluded.next, newest = excluded.newest",
            (topic, number, offset, max(newest.get((topic, number), 0), offset)),
        )


def skip(connection: sqlite3.Connection, partition: Partition, known: int | None, to: int, newest: int) -> int:
    """Note within a transaction that messages before an offset are gone; how many were never read. MovedError as above."""
    lost = max(to - known, 0) if known is not None else 0
    advance(connection, {partition: known}, {partition: to}, {partition: newest})
    connection.execute("UPDATE offsets SET lost = lost + ? WHERE topic = ? AND partition = ?", (lost, *partition))
    return lost


def lag(connection: sqlite3.Connection, topic: str) -> int:
    """How many offsets of a topic wait, whoever reads its partitions."""
    (found,) = connection.execute(
        "SELECT coalesce(sum(max(newest - next, 0)), 0) FROM offsets WHERE topic = ?", (topic,)
    ).fetchone()
    return int(found)


def count(connection: sqlite3.Connection, topic: str, came: Figures) -> None:
    """Add to the figures of a topic's minute within a transaction: several feeds may share it. `came.minute` is the minute; its `lag` is looked up."""
    name = f"kafka/{topic}"
    found = connection.execute("SELECT body FROM figures WHERE name = ? AND minute = ?", (name, came.minute)).fetchone()
    total = Figures(name, came.minute) if found is None else Figures(**json.loads(found[0]))
    total.events += came.events
    total.batches += came.batches
    total.busy_ms += came.busy_ms
    total.refused += came.refused
    total.classes = [old + new for old, new in zip(total.classes, came.classes, strict=True)]
    total.error = came.error or total.error
    total.lag = lag(connection, topic)
    note(connection, total)


def classes(seconds: Sequence[float]) -> list[int]:
    """Latencies counted by the classes of the figures; clocks that go apart make none negative."""
    milliseconds = np.maximum(np.array(seconds, np.float64) * 1000, 0)
    found: list[int] = np.bincount(np.searchsorted(EDGES_MS, milliseconds), minlength=len(EDGES_MS) + 1).tolist()
    return found


__all__ = ["MovedError", "Partition", "Stand", "advance", "classes", "count", "lag", "skip", "stands"]
