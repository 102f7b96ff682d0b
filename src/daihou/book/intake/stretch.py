"""Rows that come by the log instead of in a file: a stretch of it is laid down in batches, one a table, by what settles a file.

They were judged one by one when they came; what only the lake can tell of them is found here.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl
import pyarrow as pa

from daihou.book import contracts, lake
from daihou.book.intake import settle
from daihou.book.intake.identity import identity_of_stretch
from daihou.book.intake.knowledge import Knowledge
from daihou.book.intake.lookup import Coming
from daihou.book.intake.mapping import FileMapping
from daihou.book.intake.notes import Notes
from daihou.book.intake.order import Order
from daihou.book.intake.report import FileReport
from daihou.book.intake.rowrules import decimals
from daihou.book.intake.rows import Judge
from daihou.book.intake.staging import Staging
from daihou.book.intake.translate import plan

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from daihou.book.home import Home

LOANS: Final = "loans"
NAME: Final = "log {first}-{last}"
"""What stands in the registers in place of a file's name: the first and last place of the rows."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows of one contract table between two places of the log, in order; `row` of a row at place p becomes p - first + 1."""

    table: str
    """Of rows refused when they came what they were sent as, which need not be a table."""
    rows: pa.Table
    """Good ones in the lake's schema of the table, or those refused when they came as the quarantine keeps them."""
    places: np.ndarray[Any, np.dtype[np.int64]]
    """Of each row."""
    refused: bool = False
    """Whether they were refused when they came."""

    @property
    def first(self) -> int:
        """The place of the first row."""
        return int(self.places[0])

    @property
    def last(self) -> int:
        """The place of the last row."""
        return int(self.places[-1])

    @property
    def delivery(self) -> str:
        """Its id as a delivery."""
        return identity_of_stretch(self.table, self.first, self.last)

    @property
    def name(self) -> str:
        """What stands for a file's name."""
        return NAME.format(first=self.first, last=self.last)

    @property
    def numbers(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Of each row its number within the stretch, from 1."""
        return self.places - (self.first - 1)


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that the lake did not take."""

    place: int
    table: str
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Laid:
    """What is to be committed of some stretches, and what it amounts to."""

    files: tuple[tuple[str, list[Path]], ...]
    """By table, in the order in which they are committed; the register last."""
    reports: tuple[FileReport, ...]
    """One a batch, in order of batch."""
    refused: tuple[Refused, ...]


def lay_down(
    home: Home, stretches: Sequence[Stretch], batch: int, folder: Path, today: dt.date, step: Callable[[str], None]
) -> Laid:
    """Stage stretches of the log, all up to one place, in batches from a number on: loans first, what was refused when it came last."""
    began = time.perf_counter()
    last = batch + len(stretches) - 1
    rejects = Staging(folder, f"b{last:07d}-quarantine", lake.schema("quarantine"))
    files: list[tuple[str, list[Path]]] = []
    reports: list[FileReport] = []
    registered: list[dict[str, Any]] = []
    loans: tuple[int, list[Path]] = (0, [])
    good = sorted((one for one in stretches if not one.refused), key=lambda one: one.table != LOANS)
    for number, stretch in enumerate(good, batch):
        step(f"checking {stretch.table}")
        order, judge = _order(home, stretch, today, step), _judge(home, stretch, number, today)
        staged = _staged(stretch, number, folder)
        coming = None if stretch.table == LOANS else Coming(loans[1], loans[0] - stretch.first)
        settled = settle.settle(order, judge, staged, rejects, folder, retry=False, coming=coming)
        paths = dict(settled.files)[stretch.table]
        if stretch.table == LOANS:
            loans = stretch.first, paths
        files.append((stretch.table, paths))
        reports.append(_report(stretch, number, settled, judge.notes.warnings(), began))
        registered.append(settle.said(stretch.delivery, reports[-1], today, settled))
    refused = _refused(rejects)
    for number, stretch in enumerate((one for one in stretches if one.refused), batch + len(good)):
        rejects.add(_kept(stretch, number))
        settled = settle.Settled((), reasons=Counter(stretch.rows["reason"].to_pylist()))
        reports.append(_report(stretch, number, settled, (), began))
        registered.append(settle.said(stretch.delivery, reports[-1], today, settled))
    files += [("quarantine", rejects.close()), settle.register(registered, last, folder)]
    return Laid(tuple(files), tuple(reports), refused)


def _order(home: Home, stretch: Stretch, today: dt.date, step: Callable[[str], None]) -> Order:
    return Order(
        home, contracts.table(stretch.table), FileMapping(), None, today, None, replace=False, backfill=False, covered=None,
        progress=lambda *_: None, step=step,
    )  # fmt: skip


def _judge(home: Home, stretch: Stretch, batch: int, today: dt.date) -> Judge:
    """What the rows of a batch are told by; where they stood is their place in the log."""
    table = contracts.table(stretch.table)
    how = plan(FileMapping(), table, table.names)
    knowledge = Knowledge(None, today, None, backfill=False, zone=home.settings.timezone)
    notes = Notes()
    notes.place(1, np.arange(stretch.first, stretch.last + 1))
    rows = pl.DataFrame(pl.from_arrow(stretch.rows))
    notes.fine = decimals(table, rows, home.settings.base_currency)[1]
    notes.future = int((rows["known_on"] > today).sum())
    return Judge(
        table, how, lambda _names: how, frozenset(table.names), knowledge, home.settings.base_currency, batch,
        stretch.delivery, stretch.name, spreadsheet=False, notes=notes, replace=False,
    )  # fmt: skip


def _staged(stretch: Stretch, batch: int, folder: Path) -> list[Path]:
    schema = lake.schema(stretch.table)
    stage = Staging(folder, f"b{batch:07d}-{stretch.table}", schema)
    stage.add(_numbered(stretch, batch).cast(schema))
    return stage.close()


def _kept(stretch: Stretch, batch: int) -> pa.Table:
    """Rows refused when they came, as rows of their batch: who sent them and where they stood in what was sent stays."""
    schema = lake.schema("quarantine")
    rows = _numbered(stretch, batch)
    delivery = pa.repeat(stretch.delivery, rows.num_rows)
    return rows.set_column(rows.schema.get_field_index("delivery"), "delivery", delivery).cast(schema)


def _numbered(stretch: Stretch, batch: int) -> pa.Table:
    rows = stretch.rows
    columns = {"batch": pa.array(np.full(rows.num_rows, batch, np.int64)), "row": pa.array(stretch.numbers)}
    for name, values in columns.items():
        rows = rows.set_column(rows.schema.get_field_index(name), name, values)
    return rows


def _report(
    stretch: Stretch, batch: int, settled: settle.Settled, warnings: tuple[str, ...], began: float
) -> FileReport:
    reasons = dict((settled.reasons or Counter[str]()).most_common())
    return FileReport(
        stretch.name, stretch.table, batch, stretch.rows.num_rows, settled.new, settled.unchanged, settled.waiting, reasons, (), warnings,
        time.perf_counter() - began,
    )  # fmt: skip


def _refused(rejects: Staging) -> tuple[Refused, ...]:
    """What the lake did not take of rows that had been good by themselves; where they stood is their place."""
    names = ["line", "table", "column", "reason"]
    return tuple(Refused(*row.values()) for rows in rejects.so_far() for row in rows.select(names).to_pylist())
