"""From staged rows to what is committed: rejected and unchanged rows out, cancellations in, the register row."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from daihou.book import lake
from daihou.book.intake import against, plans
from daihou.book.intake.lookup import looked_up
from daihou.book.intake.rows import json_objects
from daihou.book.intake.staging import GROUP_ROWS, Staging

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from pathlib import Path

    from daihou.book.intake.lookup import Coming, Lookup
    from daihou.book.intake.order import Order
    from daihou.book.intake.report import FileReport
    from daihou.book.intake.rows import Judge

Mask = np.ndarray[Any, np.dtype[np.bool_]]
Codes = np.ndarray[Any, np.dtype[np.int16]]

_FEW_ROWS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Settled:
    """What is committed, table by table, and what it amounts to; `new` includes `cancelled`."""

    files: tuple[tuple[str, list[Path]], ...]
    new: int = 0
    unchanged: int = 0
    waiting: int = 0
    cancelled: int = 0
    reasons: Counter[str] | None = None
    known_from: date | None = None
    known_to: date | None = None


def settle(
    order: Order, judge: Judge, staged: list[Path], rejects: Staging, folder: Path, *, retry: bool, coming: Coming | None = None
) -> Settled:  # fmt: skip
    """Check staged rows against the lake and return the files to commit; bad rows go to `rejects`, closed here.

    On a retry, rows that are still bad are in quarantine already and are not written again. `coming` are loans that go into the lake together with the rows.
    """
    if not staged:
        return Settled((("quarantine", [] if retry else rejects.close()),))
    with looked_up(order.home, order.table, judge.batch, staged, folder, coming) as lookup:
        against.check(lookup, fine=judge.notes.fine, by_event=order.known_on == "event")
        cancelled = lake.schema(order.table.name).empty_table()
        if order.replace and order.covered is not None:
            plans.check(lookup, order.covered, _broken_loans(rejects))
            cancelled = plans.cancelled(lookup)
        rejected = _rejected(lookup)
        gone = rejected.codes >= 0
        unchanged = _mark(lookup, "SELECT row FROM unchanged WHERE row NOT IN (SELECT row FROM rejected)", gone)
        waiting = against.waiting(lookup)
        known_from, known_to = lookup.run("SELECT min(known_on), max(known_on) FROM staged")[0]
    reasons = rejected.counts() if rejected.pairs else Counter[str]()
    if reasons:
        _quarantine(judge, staged, rejected, rejects)
    facts = staged
    left_out = int(gone.sum())
    new = sum(pq.read_metadata(path).num_rows for path in staged) - left_out + cancelled.num_rows
    if left_out or cancelled.num_rows:
        facts = _kept(judge, staged, gone, cancelled, folder)
    files = ((order.table.name, facts), ("quarantine", [] if retry else rejects.close()))
    return Settled(
        files,
        new,
        unchanged,
        waiting,
        cancelled.num_rows,
        reasons,
        known_from,
        known_to,
    )


@dataclass(frozen=True, slots=True)
class _Rejected:
    """Why rows are rejected: by row number the place in `pairs` of (column, reason), -1 where a row is not."""

    codes: Codes
    pairs: list[tuple[str, str]]

    def counts(self) -> Counter[str]:
        """Return rows by reason."""
        found = np.bincount(self.codes[self.codes >= 0], minlength=len(self.pairs))
        total: Counter[str] = Counter()
        for (_, reason), count in zip(self.pairs, found, strict=True):
            total[reason] += int(count)
        return total


def _rejected(lookup: Lookup) -> _Rejected:
    """Return why rows are rejected, each with the first reason found; two bytes a row."""
    codes = np.full(lookup.number('SELECT max("row") FROM staged') + 1, -1, np.int16)
    pairs = lookup.run("SELECT DISTINCT col, reason FROM rejected ORDER BY ALL")
    lookup.run("CREATE TEMP TABLE pairs (code SMALLINT, col VARCHAR, reason VARCHAR)")
    for code, pair in enumerate(pairs):
        lookup.run("INSERT INTO pairs VALUES (?, ?, ?)", [code, *pair])
    first = "SELECT row, arg_min(code, place) AS code FROM rejected JOIN pairs USING (col, reason) GROUP BY row"
    for batch in lookup.connection.sql(first).to_arrow_reader(_FEW_ROWS):
        codes[batch.column("row").to_numpy()] = batch.column("code").to_numpy()
    return _Rejected(codes, [(column, reason) for column, reason in pairs])


def _mark(lookup: Lookup, query: str, rows: Mask) -> int:
    """Set the rows a query yields, and return how many they are."""
    count = 0
    for batch in lookup.connection.sql(query).to_arrow_reader(_FEW_ROWS):
        rows[batch.column("row").to_numpy()] = True
        count += batch.num_rows
    return count


def _groups(paths: list[Path], rows: int) -> Iterator[pa.Table]:
    for path in paths:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(rows):
                yield pa.Table.from_batches([batch])


def _kept(judge: Judge, staged: list[Path], gone: Mask, cancelled: pa.Table, folder: Path) -> list[Path]:
    kept = Staging(folder, f"b{judge.batch:07d}-{judge.table.name}-kept", lake.schema(judge.table.name))
    for rows in _groups(staged, GROUP_ROWS):
        kept.add(rows.filter(pa.array(~gone[rows.column("row").to_numpy()])))
    kept.add(cancelled)
    return kept.close()


def _quarantine(judge: Judge, staged: list[Path], rejected: _Rejected, rejects: Staging) -> None:
    for rows in _groups(staged, _FEW_ROWS):
        codes = rejected.codes[rows.column("row").to_numpy()]
        chosen = rows.filter(pa.array(codes >= 0))
        if not chosen.num_rows:
            continue
        numbers = chosen.column("row").to_numpy()
        found = [rejected.pairs[code] for code in codes[codes >= 0]]
        columns, reasons = [pair[0] for pair in found], [pair[1] for pair in found]
        cells = _as_text(judge, chosen)
        texts = {name: cells[name].to_list() for name in set(columns) if name in cells.columns}
        values = [texts[name][at] if name in texts else None for at, name in enumerate(columns)]
        attributes = pl.Series(chosen.column("attributes").to_pylist(), dtype=pl.String)
        raws = json_objects(cells)
        raws = (raws.str.strip_suffix("}") + "," + attributes.str.strip_prefix("{")).fill_null(raws)
        table = judge.quarantine(numbers, judge.notes.lines(numbers), columns, values, reasons, raws.to_list())
        rejects.add(table)
        judge.notes.remember(table)


def _as_text(judge: Judge, rows: pa.Table) -> pl.DataFrame:
    """Return typed rows as the text a lender would send; known_on only where the file gave it."""
    names = [*judge.table.names, *([] if "known_on" in judge.plan.absent else ["known_on"])]
    frame = pl.DataFrame(pl.from_arrow(rows.select(names)))
    columns = []
    for name, kind in frame.schema.items():
        text = pl.col(name).cast(pl.String)
        if isinstance(kind, pl.Decimal):
            text = text.str.replace(r"(\.\d*?)0+$", "$1").str.strip_suffix(".")
        elif isinstance(kind, pl.Datetime):
            text = pl.col(name).dt.to_string("%Y-%m-%dT%H:%M:%S%.f+00:00")
        columns.append(text.alias(name))
    return frame.select(columns)


def _broken_loans(rejects: Staging) -> list[str]:
    """Return the loans that rows already rejected name, as far as they can be read."""
    found = set()
    for rows in rejects.so_far():
        for raw in rows.column("raw").to_pylist():
            loan_id = json.loads(raw or "{}").get("loan_id")
            if loan_id:
                found.add(loan_id)
    return sorted(found)


def said(
    delivery: str, report: FileReport, today: date, settled: Settled, *, known_on: date | Literal["event"] | None = None, replace: bool = False,
    backfill: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """The row of the register that a batch gets, with the options that it came by."""
    more = {
        "quarantined": report.quarantined,
        "warnings": report.warnings,
        "cancelled": report.cancelled,
        "known_on": str(known_on) if known_on else None,
        "replace": replace,
        "backfill": backfill,
    }
    return {
        "batch": report.batch,
        "delivery": delivery,
        "table": report.table,
        "file": report.file,
        "rows": report.rows,
        "new": report.new,
        "unchanged": report.unchanged,
        "waiting": report.waiting,
        "quarantined": sum(report.quarantined.values()),
        "known_from": settled.known_from,
        "known_to": settled.known_to,
        "received_on": today,
        "report": json.dumps(more, ensure_ascii=False),
    }


def register(rows: Sequence[dict[str, Any]], batch: int, folder: Path) -> tuple[str, list[Path]]:
    """Stage rows of the register, of batches up to one."""
    stage = Staging(folder, f"b{batch:07d}-deliveries", lake.schema("deliveries"))
    stage.add(pa.Table.from_pylist(list(rows), schema=lake.schema("deliveries")))
    return "deliveries", stage.close()
