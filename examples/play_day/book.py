"""A book cut at a day: what was known before it, as files to take in, and what became known on it, as events in the order of the clock."""

from __future__ import annotations

import datetime as dt
import json
import zlib
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAY: Final = "day.jsonl"
CLOCK: Final = "clock"
"""A column that says at what time of the day a row became known; it is no part of the row."""
OPENS_SECONDS: Final = 8 * 3600
SPAN_SECONDS: Final = 12 * 3600
"""Rows without a time of their own are spread over so long, by a number made of what they say."""


@dataclass(frozen=True, slots=True)
class Book:
    """Tables by the contract, each with `known_on`, in the order in which to take them in."""

    tables: dict[str, pl.DataFrame]
    zone: str
    currency: str


@dataclass(frozen=True, slots=True)
class Event:
    """One fact on its way."""

    second: int
    """Of the day."""
    table: str
    row: dict[str, Any]


def moved(book: Book, days: int) -> Book:
    """The same book so many days later, plans, births and all: the day that is played becomes today."""
    return Book(
        {name: _moved(table, dt.timedelta(days=days)) for name, table in book.tables.items()}, book.zone, book.currency
    )


def _moved(table: pl.DataFrame, by: dt.timedelta) -> pl.DataFrame:
    dated = [name for name, kind in table.schema.items() if kind == pl.Date or isinstance(kind, pl.Datetime)]
    return table.with_columns(pl.col(name) + by for name in dated)


def before(book: Book, day: dt.date) -> dict[str, pl.DataFrame]:
    """By table what was known before a day."""
    cut = {
        name: table.filter(pl.col("known_on") < day).drop(CLOCK, strict=False) for name, table in book.tables.items()
    }
    return {name: table for name, table in cut.items() if table.height}


def on(book: Book, day: dt.date) -> list[Event]:
    """What became known on a day, by the clock; of the same second a table that others refer to first."""
    found = [
        Event(_second(row, book.zone), name, _said(row))
        for name, table in book.tables.items()
        for row in table.filter(pl.col("known_on") == day).iter_rows(named=True)
    ]
    places = {name: place for place, name in enumerate(book.tables)}
    return sorted(found, key=lambda one: (one.second, places[one.table]))


def _second(row: dict[str, Any], zone: str) -> int:
    """The second of the day at which a row became known: by its clock, its own moment, or else by a number made of its loan."""
    if row.get(CLOCK) is not None:
        clock: dt.time = row[CLOCK]
        return clock.hour * 3600 + clock.minute * 60 + clock.second
    for value in row.values():
        if isinstance(value, dt.datetime):
            local = value.astimezone(ZoneInfo(zone))
            return local.hour * 3600 + local.minute * 60 + local.second
    named = str(row.get("loan_id") or next(iter(row.values())))
    return OPENS_SECONDS + zlib.crc32(named.encode()) % SPAN_SECONDS


def _said(row: dict[str, Any]) -> dict[str, Any]:
    """A row as JSON takes it, amounts as text; when it is known, whoever receives it says."""
    return {name: _text(value) for name, value in row.items() if value is not None and name not in (CLOCK, "known_on")}


def _text(value: Any) -> Any:
    if isinstance(value, dt.date):  # a datetime too
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else value


def write(folder: Path, history: dict[str, pl.DataFrame], events: list[Event]) -> list[Path]:
    """Write both into a folder; the files of the history, in order."""
    (folder / "history").mkdir(parents=True)
    paths = []
    for name, table in history.items():
        paths.append(folder / "history" / f"{name}.parquet")
        table.write_parquet(paths[-1])
    with (folder / DAY).open("w", encoding="utf-8") as file:
        for one in events:
            file.write(
                json.dumps({"second": one.second, "table": one.table, "row": one.row}, ensure_ascii=False) + "\n"
            )
    return paths


def read(folder: Path) -> Iterator[Event]:
    """The events of a folder, in order."""
    with (folder / DAY).open(encoding="utf-8") as file:
        for line in file:
            yield Event(**json.loads(line))
