"""The registers of intake as the desk reads them: batches and what of them is in quarantine, kept until the lake changes."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa
from django.conf import settings

from daihou.book import contracts, lake

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daihou.book.home import Home


@dataclass(frozen=True, slots=True)
class Batch:
    """One file as it was taken in."""

    batch: int
    delivery: str
    table: str
    file: str
    rows: int
    new: int
    unchanged: int
    waiting: int
    quarantined: int
    known_from: dt.date | None
    known_to: dt.date | None
    received_on: dt.date
    reasons: Mapping[str, int] = field(default_factory=dict)
    """Rows in quarantine by reason."""
    warnings: tuple[str, ...] = ()
    cancelled: int = 0
    known_on: str = ""
    """The option given: a date, `event`, or nothing."""
    replace: bool = False
    backfill: bool = False


@dataclass(frozen=True, slots=True)
class Freshness:
    """How fresh a table is: its last delivery, its newest fact and knowledge, its rows, and the days since the last delivery."""

    table: str
    rows: int | None
    """None where the lake does not hold them: a table of the vault."""
    newest_on: dt.date | None
    """Of the date by which its facts happen; None where they have none, or it was left empty throughout."""
    known_to: dt.date | None
    received_on: dt.date
    batch: int
    deliveries: int

    def age_days(self, today: dt.date) -> int:
        """Business days gone by on the calendar since the last delivery."""
        return (today - self.received_on).days


def _home() -> Home:
    home: Home = settings.HOME
    return home


def deliveries() -> pl.DataFrame:
    """The register of deliveries, newest first."""
    return _deliveries(_home(), lake.version(_home(), "deliveries"))


@lru_cache(maxsize=2)
def _deliveries(home: Home, version: int | None) -> pl.DataFrame:
    rows = lake.read(home, "deliveries", version=version).read_all() if version is not None else None
    frame = pl.from_arrow(rows if rows is not None else lake.schema("deliveries").empty_table())
    assert isinstance(frame, pl.DataFrame)  # noqa: S101 - a table, never a column
    return frame.sort("batch", descending=True)


def batch_of(row: Mapping[str, Any]) -> Batch:
    """A row of the register as a batch."""
    said = json.loads(row["report"] or "{}")
    return Batch(
        **{name: value for name, value in row.items() if name != "report"},
        reasons=said.get("quarantined") or {},
        warnings=tuple(said.get("warnings") or ()),
        cancelled=said.get("cancelled") or 0,
        known_on=said.get("known_on") or "",
        replace=bool(said.get("replace")),
        backfill=bool(said.get("backfill")),
    )


def batches(table: str = "", *, with_bad: bool = False) -> pl.DataFrame:
    """The batches of a table, or those with rows in quarantine."""
    found = deliveries()
    if table:
        found = found.filter(pl.col("table") == table)
    return found.filter(pl.col("quarantined") > 0) if with_bad else found


def same_delivery(delivery: str) -> list[int]:
    """The batches that a delivery's files came to; the very same file sent again may have several."""
    return deliveries().filter(pl.col("delivery") == delivery)["batch"].sort().to_list()


def count_by(frame: pl.DataFrame, name: str) -> list[tuple[str, int]]:
    """Rows in quarantine by one of their facets, most first."""
    found = frame.group_by(name).agg(pl.col("rows").sum()).sort("rows", name, descending=True)
    return [(str(value or ""), rows) for value, rows in found.iter_rows()]


def batch(number: int) -> Batch | None:
    """One batch by its number."""
    rows = deliveries().filter(pl.col("batch") == number).to_dicts()
    return batch_of(rows[0]) if rows else None


def freshness() -> tuple[Freshness, ...]:
    """Every table that something was delivered to, in the order of the contract."""
    return _freshness(_home(), lake.version(_home(), "deliveries"))


@lru_cache(maxsize=2)
def _freshness(home: Home, version: int | None) -> tuple[Freshness, ...]:
    by_table = {
        row["table"]: row
        for row in _deliveries(home, version)
        .group_by("table")
        .agg(pl.col("batch").max(), pl.col("received_on").max(), pl.len().alias("deliveries"))
        .to_dicts()
    }
    found = []
    for name, declared in contracts.TABLES.items():
        if name in by_table:
            rows, newest_on, known_to = _extent(home, name, declared.own_on)
            row = by_table[name]
            found.append(
                Freshness(name, rows, newest_on, known_to, row["received_on"], row["batch"], row["deliveries"])
            )
    return tuple(found)


def _extent(home: Home, table: str, own_on: str | None) -> tuple[int | None, dt.date | None, dt.date | None]:
    """Rows, the greatest own date and the greatest known_on of a table, from the log alone."""
    log = lake.delta(home, table)
    if log is None:
        return None, None, None
    files = pa.table(log.get_add_actions(flatten=True))

    def greatest(column: str | None) -> dt.date | None:
        name = f"max.{column}"
        values = [value for value in files[name].to_pylist() if value] if name in files.column_names else []
        newest = max(values, default=None)
        # A moment counts by the lender's own day.
        return newest.astimezone(home.settings.zone).date() if isinstance(newest, dt.datetime) else newest

    return sum(files["num_records"].to_pylist()), greatest(own_on), greatest("known_on")


def facets() -> pl.DataFrame:
    """Rows in quarantine by table, reason, batch, file and column."""
    return _facets(_home(), lake.version(_home(), "quarantine"))


@lru_cache(maxsize=2)
def _facets(home: Home, version: int | None) -> pl.DataFrame:
    by = ["table", "reason", "batch", "file", "column"]
    paths = lake.files(home, "quarantine", version) if version is not None else []
    if not paths:
        schema = {"table": pl.String, "reason": pl.String, "batch": pl.Int64, "file": pl.String, "column": pl.String}
        return pl.DataFrame(schema={**schema, "rows": pl.UInt32})
    return pl.scan_parquet(paths).group_by(by).agg(pl.len().alias("rows")).collect().sort(by)
