"""What intake would make of the start of a file: its columns matched, its first rows judged by themselves. Nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from daihou.book import lake
from daihou.book.errors import DaihouError
from daihou.book.intake.deliver import _allowed, _judge
from daihou.book.intake.headers import check_select
from daihou.book.intake.readers import Chunk, _delimiter, open_source
from daihou.book.intake.translate import plan

if TYPE_CHECKING:
    import pyarrow as pa

    from daihou.book.intake.content import Content
    from daihou.book.intake.order import Order
    from daihou.book.intake.readers import Layout, Lines, Source
    from daihou.book.intake.translate import Plan

ROWS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Preview:
    """The start of a file as sent, and what would come of it."""

    content: Content
    delimiter: str | None
    """Of a text file, between its cells."""
    names: tuple[str, ...]
    """Its columns, as its header names them."""
    cells: pl.DataFrame
    """The first rows as sent, all text."""
    lines: Lines
    whole: bool
    """Whether these are all of its rows."""
    how: Plan
    judged: int = 0
    """How many rows were judged; 0 where a mapping's query makes the rows, which runs only when the file is taken in."""
    rejects: pa.Table | None = None
    """Of these, what would go to quarantine, as rows of that register. What only the lake can tell is not looked at."""
    warnings: tuple[str, ...] = ()
    refused: DaihouError | None = None
    """Why nothing of the file could be taken in."""


def preview(order: Order, content: Content, rows: int = ROWS) -> Preview:
    """Look at the first rows of a file as `deliver` would; DaihouError where it cannot be read at all."""
    layout = order.mapping.layout
    content = replace(content, encoding=layout.encoding or content.encoding)
    source = open_source(content, layout)
    start, whole = _start(source, rows)
    found = Preview(
        content,
        _seen_delimiter(content, layout),
        source.names,
        start.cells,
        start.lines,
        whole,
        plan(order.mapping, order.table, source.names),
    )
    if order.mapping.select is not None:
        try:
            check_select(order.table, found.how, f"{order.mapping.place}, select")
        except DaihouError as error:
            return replace(found, refused=error)
        return found
    try:
        # The very judge of `deliver`, so that a preview never says anything else than the delivery will.
        judge = _judge(order, content, source, "", 0, None)
        _good, bad, judged = judge.chunk(start, 1)
    except DaihouError as error:
        return replace(found, rejects=lake.schema("quarantine").empty_table(), refused=error)
    return replace(found, judged=judged, rejects=bad, warnings=judge.notes.warnings())


def _seen_delimiter(content: Content, layout: Layout) -> str | None:
    if content.format != "csv" or layout.delimiter:
        return layout.delimiter
    with content.path.open(encoding=content.encoding, errors="replace") as file:
        return _delimiter(next(islice(file, layout.header_line - 1, None), ""))


def _start(source: Source, rows: int) -> tuple[Chunk, bool]:
    """The first rows of a source as one chunk, and whether there are no others."""
    cells: list[pl.DataFrame] = []
    lines: list[Lines] = []
    broken = []
    found, whole = 0, True
    for chunk in source.chunks():
        if found >= rows:
            whole = False
            break
        taken = rows - found
        cells.append(chunk.cells.head(taken))
        lines.append(chunk.lines[:taken])
        last = int(lines[-1][-1]) if chunk.cells.height > taken else None
        broken += [one for one in chunk.broken if last is None or one.line < last]
        found += cells[-1].height
        whole = last is None
    empty = pl.DataFrame(schema=dict.fromkeys(source.names, pl.String))
    return Chunk(
        pl.concat(cells, how="diagonal") if cells else empty,
        np.concatenate(lines) if lines else np.zeros(0, np.int64),
        tuple(broken),
    ), whole


def check_order(order: Order) -> None:
    """DaihouError where `deliver` would refuse what is asked, whatever the files hold."""
    _allowed(
        order.table,
        order.known_on,
        order.sealed_through,
        replace=order.replace,
        backfill=order.backfill,
        covered=order.covered or (lambda *_: set()),  # whoever takes the files in knows what is covered
    )
