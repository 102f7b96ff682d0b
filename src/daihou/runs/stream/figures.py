"""How the processes of the log fare, a row a minute and process: what the stream page and the metrics tell."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3

    from daihou.runs.log.log import Log

KEPT_MINUTES: Final = 48 * 60
EDGES_MS: Final = (1, 2, 5, 10, 15, 20, 30, 50, 75, 100, 150, 200, 300, 500, 1_000, 2_000, 5_000, 10_000, 60_000)
"""Upper edges of the classes in which latencies are counted; what is beyond the last is in a class of its own."""


@dataclass(slots=True)
class Figures:
    """One minute of one process: `stream/0/1`, `flush`, `kafka/TOPIC`."""

    name: str
    minute: int
    """Minutes since 1970."""
    events: int = 0
    batches: int = 0
    busy_ms: float = 0.0
    said: int = 0
    """Transitions of signals."""
    refused: int = 0
    lag: int = 0
    """Events that waited, when last looked at."""
    classes: list[int] = field(default_factory=lambda: [0] * (len(EDGES_MS) + 1))
    """Events by the time from being accepted to being judged, classed by EDGES_MS."""
    error: str = ""
    """The last thing that went wrong; empty where nothing did."""

    def took(self, milliseconds: float, events: int) -> None:
        """Count the latency of some events."""
        place = next((at for at, edge in enumerate(EDGES_MS) if milliseconds <= edge), len(EDGES_MS))
        self.classes[place] += events

    def percentile(self, share: float) -> float | None:
        """The upper edge of the class in which so large a share of the events was done; None without events, infinite beyond the last edge."""
        return percentile(self.classes, share)


def percentile(classes: list[int], share: float) -> float | None:
    """The same of classes summed over minutes."""
    wanted, seen = sum(classes) * share, 0
    if not sum(classes):
        return None
    for place, count in enumerate(classes):
        seen += count
        if seen >= wanted:
            return float(EDGES_MS[place]) if place < len(EDGES_MS) else float("inf")
    return float("inf")


def note(connection: sqlite3.Connection, figures: Figures) -> None:
    """Write the figures of a minute within a transaction of the log, in place of what was noted of it before."""
    body = json.dumps(asdict(figures))
    connection.execute("INSERT OR REPLACE INTO figures VALUES (?, ?, ?)", (figures.name, figures.minute, body))
    connection.execute("DELETE FROM figures WHERE minute < ?", (figures.minute - KEPT_MINUTES,))


def read(log: Log, since_minute: int) -> list[Figures]:
    """The figures of all processes from a minute on, in order of time."""
    rows = log.store.rows("SELECT body FROM figures WHERE minute >= ? ORDER BY minute, name", (since_minute,))
    return [Figures(**json.loads(body)) for (body,) in rows]
