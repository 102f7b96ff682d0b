"""Judging a chunk of rows by itself: typed and dated good rows, and bad rows with why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
import pyarrow as pa

from daihou.book import contracts, lake
from daihou.book.intake.cells import typed
from daihou.book.intake.reasons import message
from daihou.book.intake.rowrules import between_columns, decimals
from daihou.book.intake.sinks import HIDDEN
from daihou.book.intake.translate import Plan, translate

if TYPE_CHECKING:
    from collections.abc import Callable

    from daihou.book.contracts import Table
    from daihou.book.intake.blinding import Blinder
    from daihou.book.intake.cells import Mask, Problem
    from daihou.book.intake.knowledge import Knowledge
    from daihou.book.intake.notes import Notes
    from daihou.book.intake.readers import Broken, Chunk, Lines

_EXTRA: Final = "extra:"


@dataclass(frozen=True, slots=True)
class Judge:
    """Everything a chunk is judged by."""

    table: Table
    plan: Plan
    replan: Callable[[tuple[str, ...]], Plan]
    """The plan of a chunk whose columns are not those at the start of the file (JSON lines)."""
    names: frozenset[str]
    """The columns at the start of the file."""
    knowledge: Knowledge
    base_currency: str
    batch: int
    delivery: str
    file: str
    spreadsheet: bool
    notes: Notes
    replace: bool
    only: frozenset[int] | None = None
    """Rows to take from a file sent again; None takes all."""
    blinder: Blinder | None = None
    """Makes raw texts into what may be kept; None where the file holds none."""

    def chunk(self, chunk: Chunk, first: int) -> tuple[pa.Table, pa.Table, int]:
        """Return good rows in the lake's schema, bad rows as quarantine, and how many rows there were.

        `first` is the number of the chunk's first row in its file. Rows without any cell are no rows.
        """
        self.notes.place(first, chunk.lines)
        same = self.names.issuperset(chunk.cells.columns)
        cells = translate(chunk.cells, self.plan if same else self.replan(tuple(chunk.cells.columns)))
        numbers = np.arange(first, first + cells.height, dtype=np.int64)
        full = (
            ~cells.select(pl.all_horizontal(pl.all().is_null())).to_series().to_numpy() if cells.width else numbers < 0
        )
        if self.only is not None:
            full &= np.isin(numbers, list(self.only))
        if not full.all():
            cells, numbers, lines = cells.filter(pl.Series(full)), numbers[full], chunk.lines[full]
        else:
            lines = chunk.lines
        cells, damaged = (cells, []) if self.blinder is None else self.blinder.blind(self.table, cells)
        good, bad, problems = self._judged(cells, damaged)
        facts = self._facts(good.filter(pl.Series(~bad)), cells.filter(pl.Series(~bad)), numbers[~bad])
        rejects = self._rejects(cells, numbers, lines, problems, bad)
        broken = self._broken(chunk.broken, first + chunk.cells.height) if self.only is None else []
        return facts, pa.concat_tables([rejects, *broken]), len(numbers) + (len(chunk.broken) if broken else 0)

    def _judged(self, cells: pl.DataFrame, damaged: list[Problem]) -> tuple[pl.DataFrame, Mask, list[Problem]]:
        columns, problems = [], [*damaged]
        for column in (*(self.table.columns if self.table.vault else self.table.stored), contracts.KNOWN_ON):
            text = cells[column.name] if column.name in cells.columns else _empty(column.name, cells.height)
            value, found = typed(text, column, spreadsheet=self.spreadsheet)
            columns.append(value)
            problems += found
            self._note(column, value)
        rows = pl.DataFrame(columns)
        problems += between_columns(self.table, rows)
        too_fine, fine = decimals(self.table, rows, self.base_currency)
        self.notes.fine |= fine
        rows, undated = self.knowledge.settle(self.table, rows)
        problems += [*too_fine, *undated]
        bad = np.zeros(rows.height, np.bool_)
        for problem in problems:
            bad |= problem.rows
        self.notes.future += int((rows["known_on"] > self.knowledge.today).sum())
        return rows, bad, problems

    def _note(self, column: contracts.Column, value: pl.Series) -> None:
        if column.extensible:
            listed = {choice.code for choice in column.choices}
            if listed:
                unlisted = value.value_counts().filter(~pl.col(column.name).is_in(listed))
                self.notes.codes.update(
                    {f"{column.name}={code}": count for code, count in unlisted.iter_rows() if code}
                )
        if column.name in ("annual_rate", "penalty_rate"):
            self.notes.per_cent += int((value >= 1).sum())

    def _facts(self, rows: pl.DataFrame, cells: pl.DataFrame, numbers: Lines) -> pa.Table:
        """Return good rows in the lake's schema; of a table of the vault its own columns, for the sink."""
        if self.table.vault:
            names = ["row", *(column.name for column in self.table.columns), "known_on"]
            return rows.with_columns(pl.Series("row", numbers, pl.Int64)).select(names).to_arrow()
        extra = [name for name in cells.columns if name.startswith(_EXTRA)]
        attributes = json_objects(cells.select(pl.col(name).alias(name.removeprefix(_EXTRA)) for name in extra))
        height = rows.height
        full = rows.with_columns(
            pl.Series("row", numbers, pl.Int64),
            pl.lit(self.batch, pl.Int64).alias("batch"),
            attributes if extra else _empty("attributes", height),
        )
        schema = lake.schema(self.table.name)
        return full.select(schema.names).to_arrow().cast(schema)

    def _rejects(
        self, cells: pl.DataFrame, numbers: Lines, lines: Lines, problems: list[Problem], bad: Mask
    ) -> pa.Table:
        """Return each bad row once, with its first problem in contract order."""
        if not bad.any():
            return lake.schema("quarantine").empty_table()
        first = np.full(len(bad), -1, np.int64)
        for place, problem in reversed(list(enumerate(problems))):
            first[problem.rows] = place
        places = np.flatnonzero(bad)
        columns = [problems[first[at]].column for at in places]
        reasons = [problems[first[at]].reason for at in places]
        chosen = cells.filter(pl.Series(bad))
        raws = json_objects(chosen.rename({name: name.removeprefix(_EXTRA) for name in chosen.columns}))
        texts = {name: chosen[name].to_list() for name in set(columns) if name in chosen.columns}
        values = [texts[name][at] if name in texts else None for at, name in enumerate(columns)]
        return self.quarantine(numbers[bad], lines[bad], columns, values, reasons, raws.to_list())

    def _broken(self, broken: tuple[Broken, ...], first: int) -> list[pa.Table]:
        if not broken:
            return []
        numbers = np.arange(first, first + len(broken), dtype=np.int64)
        lines = np.asarray([one.line for one in broken], np.int64)
        raws = pl.DataFrame({"line": [one.text for one in broken]})
        values: list[str | None] = [one.text[:200] for one in broken]
        reasons = [one.reason for one in broken]
        hidden = self.table.vault or any(column.becomes for column in self.table.columns)  # the line is raw text
        columns = [""] * len(broken)
        return [self._quarantine(numbers, lines, columns, values, reasons, json_objects(raws).to_list(), hidden=hidden)]

    def quarantine(
        self,
        numbers: Lines,
        lines: Lines,
        columns: list[str],
        values: list[str | None],
        reasons: list[str],
        raws: list[str | None],
    ) -> pa.Table:
        """Return rows of the quarantine table; of a table of the vault without what stood in them."""
        return self._quarantine(numbers, lines, columns, values, reasons, raws, hidden=self.table.vault)

    def _quarantine(
        self,
        numbers: Lines,
        lines: Lines,
        columns: list[str],
        values: list[str | None],
        reasons: list[str],
        raws: list[str | None],
        *,
        hidden: bool,
    ) -> pa.Table:
        if hidden:
            values = [None if value is None else HIDDEN for value in values]
            raws = [None] * len(raws)
        texts = {pair: message(pair[1], pair[0]) for pair in set(zip(columns, reasons, strict=True))}
        messages = [texts[pair] for pair in zip(columns, reasons, strict=True)]
        count = len(numbers)
        return pa.table(
            {
                "batch": pa.array(np.full(count, self.batch, np.int64)),
                "delivery": [self.delivery] * count,
                "table": [self.table.name] * count,
                "file": [self.file] * count,
                "row": pa.array(numbers),
                "line": pa.array(lines),
                "column": columns,
                "value": values,
                "reason": reasons,
                "message_en": [pair[0] for pair in messages],
                "message_zh": [pair[1] for pair in messages],
                "raw": raws,
            },
            schema=lake.schema("quarantine"),
        )


def _empty(name: str, height: int) -> pl.Series:
    return pl.Series(name, [None], pl.String).new_from_index(0, height)


def json_objects(cells: pl.DataFrame) -> pl.Series:
    """Return each row of text cells as a JSON object of its filled cells, null where none is filled."""
    if not cells.width:
        return _empty("attributes", cells.height)
    members = [
        pl.when(pl.col(name).is_not_null()).then(
            pl.struct(name).struct.json_encode().str.strip_prefix("{").str.strip_suffix("}")
        )
        for name in cells.columns
    ]
    body = pl.concat_str(members, separator=",", ignore_nulls=True)
    return cells.select(
        pl.when(body != "").then(pl.concat_str([pl.lit("{"), body, pl.lit("}")])).alias("attributes")
    ).to_series()
