"""Rows that come one by one or in small batches, not as a file: judged as those of a file are, without looking at the lake.

What only the lake can tell (a key used before, a reversal of a reversal) is found when they are brought there.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl
import pyarrow as pa

from daihou.book import contracts, lake, money
from daihou.book.intake.headers import check_forbidden
from daihou.book.intake.knowledge import Knowledge
from daihou.book.intake.mapping import FileMapping
from daihou.book.intake.notes import Notes
from daihou.book.intake.plainly import plainly
from daihou.book.intake.readers import Chunk
from daihou.book.intake.rows import Judge
from daihou.book.intake.translate import plan

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from daihou.book.contracts import Table
    from daihou.book.home import Settings
    from daihou.book.intake.blinding import Blinder
    from daihou.book.intake.translate import Plan

FEW: Final = 64
"""So many rows are looked at one by one; of more, whole columns are cheaper."""
USUAL_DECIMALS: Final = 2
_HALVES: Final = re.compile(r"[\ud800-\udfff]")
"""Halves of characters that JSON wrote as two: no file can hold them, so they are judged as bytes that are no text."""
_SYSTEM: Final = ("known_on", "batch", "row", "assumed", "backfill", "attributes")


@dataclass(frozen=True, slots=True)
class By:
    """What rows are judged by."""

    settings: Settings
    today: dt.date
    """The open business date: rows that say nothing else are known on it."""
    sealed_through: dt.date | None
    source: str
    """Who sent them, as the quarantine names it in place of a file."""
    mapping: FileMapping = field(default_factory=FileMapping)
    blinder: Blinder | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """Rows told apart; `row` is the place of each in what was sent, from 1."""

    facts: pa.Table
    """Good rows in the lake's schema; `batch` is 0."""
    rejects: pa.Table
    """Bad rows as the quarantine keeps them; `batch` is 0."""


def judge(table_name: str, rows: Sequence[dict[str, Any]], by: By) -> Judged:
    """Tell good rows from bad ones; DaihouError where the table is unknown or its rows hold columns that the lake may not keep.

    Numbers should come as text or Decimal, never through a float: `json.loads(text, parse_float=str, parse_int=str)`.
    """
    table = contracts.table(table_name)
    facts = lake.schema(table.name)
    if len(rows) <= FEW and not by.mapping.rules and money.exponent(by.settings.base_currency) == USUAL_DECIMALS:
        found = [plainly(table, row) for row in rows]
        if all(one is not None for one in found):
            return Judged(_plain(found, by, facts), lake.schema("quarantine").empty_table())  # type: ignore[arg-type]  # none is None
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = pl.DataFrame(
        {_whole(name.strip()): [_text(row.get(name)) for row in rows] for name in names},
        dict.fromkeys([_whole(name.strip()) for name in names], pl.String),
    )
    how = plan(by.mapping, table, cells.columns)
    check_forbidden(table, how, by.source, may_blind=by.blinder is not None)
    judge_ = _judge(table, how, tuple(cells.columns), by)
    good, bad, _count = judge_.chunk(Chunk(cells, np.arange(1, len(rows) + 1, dtype=np.int64)), 1)
    return Judged(good, bad)


def _judge(table: Table, how: Plan, names: tuple[str, ...], by: By) -> Judge:
    knowledge = Knowledge(None, by.today, by.sealed_through, backfill=False, zone=by.settings.timezone)
    return Judge(
        table, how, lambda _names: how, frozenset(names), knowledge, by.settings.base_currency, 0, "", by.source, spreadsheet=False, notes=Notes(),
        replace=False, blinder=by.blinder,
    )  # fmt: skip


def _plain(rows: Sequence[dict[str, Any]], by: By, schema: pa.Schema) -> pa.Table:
    """Rows recognised as good, with what intake adds."""
    count = len(rows)
    system = {
        "known_on": [by.today] * count, "batch": [0] * count, "row": list(range(1, count + 1)), "assumed": [False] * count, "backfill": [False] * count,
        "attributes": [None] * count,
    }  # fmt: skip
    arrays = [
        pa.array(system[field.name] if field.name in _SYSTEM else [row[field.name] for row in rows], field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _text(value: Any) -> str | None:
    """A value of JSON as the text of a cell."""
    if value is None:
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return _whole(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))


def _whole(text: str) -> str:
    """A text with what stands for something unreadable in place of halves of characters."""
    return _HALVES.sub("\ufffd", text)
