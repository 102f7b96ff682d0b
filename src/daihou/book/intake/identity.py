"""Which delivery a file is: the hash of its content, table, mapping and options, and what came of it before."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from daihou.book import lake
from daihou.book.intake.reasons import REASONS

if TYPE_CHECKING:
    from daihou.book.home import Home
    from daihou.book.intake.order import Order


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier delivery of the same file; `outstanding` are rows that may pass now that other facts are in."""

    batch: int
    rows: int
    quarantined: dict[str, int]
    """Rows still in quarantine, by reason."""
    outstanding: frozenset[int]


def identity(sha256: str, order: Order) -> str:
    """Return the id of a delivery: the same file with another mapping or other options is another delivery."""
    said = [sha256, order.table.name, order.mapping.sha256, str(order.known_on), order.replace, order.backfill]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def identity_of_stretch(table: str, first: int, last: int) -> str:
    """Return the id of a stretch of the log: which rows of a table, by their first and last place."""
    return hashlib.sha256(json.dumps(["log", table, first, last]).encode()).hexdigest()


def earlier(home: Home, table: str, delivery: str) -> Earlier | None:
    """Return what came of the same delivery before, or None."""
    registered = _rows(home, "deliveries", delivery, ["batch", "rows", "report"])
    if not registered:
        return None
    first, *later = sorted(registered, key=lambda row: int(row["batch"]))
    said = json.loads(first["report"])
    quarantined: dict[str, int] = said["quarantined"]
    outstanding: frozenset[int] = frozenset()
    if not said["replace"] and any(REASONS[reason].retried for reason in quarantined):
        outstanding = _outstanding(home, table, delivery, {row["batch"] for row in later})
        if not outstanding:
            quarantined = {reason: count for reason, count in quarantined.items() if not REASONS[reason].retried}
    return Earlier(first["batch"], first["rows"], quarantined, outstanding)


def _outstanding(home: Home, table: str, delivery: str, later: set[int]) -> frozenset[int]:
    quarantined = _rows(home, "quarantine", delivery, ["row", "reason"])
    rows = {row["row"] for row in quarantined if REASONS[row["reason"]].retried}
    paths = lake.files(home, table)
    if later and paths:
        taken = pq.read_table(paths, columns=["row"], filters=[("batch", "in", later)])
        rows.difference_update(taken.column("row").to_pylist())
    return frozenset(rows)


def _rows(home: Home, table: str, delivery: str, columns: list[str]) -> list[dict[str, Any]]:
    paths = lake.files(home, table)
    found: list[dict[str, Any]] = (
        pq.read_table(paths, columns=columns, filters=[("delivery", "=", delivery)]).to_pylist() if paths else []
    )
    return found
