"""Taking in a table of the vault: its rows are judged like others, then handed to a sink. Nothing of them is written on the way.

The file is read twice, once to judge all of it and once to hand over what is good, so that no copy is staged and a file that cannot be
read to its end leaves nothing behind. Killed while handing over, the same file sent again finds what is kept and does the rest; the
register counts it once it is all there. Quarantine holds where a bad row stands and what is wrong with it, not what stood in it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from daihou.book.errors import DaihouError
from daihou.book.intake.notes import Notes
from daihou.book.intake.settle import Settled
from daihou.book.intake.sinks import HIDDEN, ROWS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa

    from daihou.book.contracts import Table
    from daihou.book.intake.mapping import FileMapping
    from daihou.book.intake.order import Order
    from daihou.book.intake.readers import Source
    from daihou.book.intake.rows import Judge
    from daihou.book.intake.sinks import Sink
    from daihou.book.intake.staging import Staging

Numbers = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Read:
    """What reading the file once has told: its rows, why some are bad, and which good ones say again, or otherwise, what an earlier row said."""

    rows: int
    reasons: Counter[str]
    again: Numbers
    otherwise: Numbers


def sink_for(table: Table, mapping: FileMapping, sinks: Mapping[str, Sink]) -> Sink | None:
    """Return the sink of a table of the vault, None of any other; DaihouError where there is none, or a copy would be written."""
    if not table.vault:
        return None
    if table.name not in sinks:
        raise DaihouError(
            f"Table {table.name} names people: the lake does not hold it, and there is no vault here to keep it in.",
            "Send it with `daihou intake`, which hands it to the vault.",
            "--table",
            zh=(
                f"表 {table.name} 含个人身份信息，数据湖不予保存，而此处没有可存放的保险库。",
                "请用 `daihou intake` 报送，数据将进入保险库。",
            ),
        )
    if mapping.select is not None:
        raise DaihouError(
            f"`select:` would write a copy of the file to the disk, and table {table.name} names people.",
            "Prepare the file where it comes from; renaming columns needs no select.",
            f"{mapping.place}, select",
            zh=(
                f"`select:` 会在磁盘上写出文件副本，而表 {table.name} 含个人身份信息。",
                "请在源系统中整理文件；只改列名不需要 select。",
            ),
        )
    return sinks[table.name]


def read(order: Order, judge: Judge, source: Source, rejects: Staging) -> Read:
    """Judge every row of the file; bad ones go to `rejects`, good ones nowhere yet."""
    rows = 0
    reasons: Counter[str] = Counter()
    seen: list[pl.DataFrame] = []
    for good, bad, count, done in _judged(judge, source):
        rejects.add(bad)
        reasons.update(bad.column("reason").to_pylist())
        judge.notes.remember(bad)
        rows += count
        order.progress("reading", done, source.total)
        key, values = [*judge.table.key, "known_on"], [name for name in good.columns if name != "row"]
        seen.append(good.select("row", pl.struct(key).hash().alias("key"), pl.struct(values).hash().alias("said")))
    again, otherwise = _twice(pl.concat(seen)) if seen else (np.zeros(0, np.int64), np.zeros(0, np.int64))
    return Read(rows, reasons, again, otherwise)


def hand_over(order: Order, judge: Judge, source: Source, found: Read, rejects: Staging, *, retry: bool) -> Settled:
    """Put the good rows into the sink and return what is committed beside it, which is the quarantine alone, closed here."""
    if order.sink is None:
        raise ValueError("a table of the vault has a sink")
    handed = new = unchanged = 0
    refused: list[int] = []
    known: list[Any] = []
    for good, _bad, _count, _done in _judged(replace(judge, notes=Notes()), source):
        rows = good.filter(~pl.col("row").is_in(np.concatenate([found.again, found.otherwise])))
        for batch in rows.iter_slices(ROWS):
            kept = order.sink.put(batch.drop("row"))
            gone = batch.filter(pl.col(judge.table.key[0]).is_in(list(kept.refused)))["row"].to_list()
            handed, new, unchanged = handed + batch.height, new + kept.new, unchanged + kept.unchanged
            refused += gone
            order.progress("committing", handed, found.rows)
        known += [rows["known_on"].min(), rows["known_on"].max()] if rows.height else []
    reasons: Counter[str] = Counter()
    for reason, numbers in (("duplicate_key", found.otherwise), ("erased", np.array(refused, np.int64))):
        if count := len(numbers):
            reasons[reason] = count
            key, lines = [judge.table.key[0]] * count, judge.notes.lines(numbers)
            table = judge.quarantine(numbers, lines, key, [HIDDEN] * count, [reason] * count, [None] * count)
            rejects.add(table)
            judge.notes.remember(table)
    files = [] if retry else rejects.close()
    known_from, known_to = min(known, default=None), max(known, default=None)
    unchanged += len(found.again)
    return Settled((("quarantine", files),), new, unchanged, reasons=reasons, known_from=known_from, known_to=known_to)


def _judged(judge: Judge, source: Source) -> Iterator[tuple[pl.DataFrame, pa.Table, int, int]]:
    """Yield the good rows of each chunk, the bad ones as quarantine, how many rows there were, and how much is read."""
    first = 1
    for chunk in source.chunks():
        good, bad, count = judge.chunk(chunk, first)
        first += chunk.cells.height + len(chunk.broken)
        yield pl.DataFrame(pl.from_arrow(good)), bad, count, chunk.done


def _twice(seen: pl.DataFrame) -> tuple[Numbers, Numbers]:
    """Return the rows that repeat an earlier row of their key and day, and those that say something else than the first one."""
    later = seen.filter(pl.col("row") != pl.col("row").first().over("key"))
    first = seen.unique("key", keep="first", maintain_order=True).select("key", pl.col("said").alias("first_said"))
    compared = later.join(first, on="key", maintain_order="left")
    same = compared["said"] == compared["first_said"]
    return compared.filter(same)["row"].to_numpy(), compared.filter(~same)["row"].to_numpy()
