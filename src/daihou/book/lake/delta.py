"""Reading and appending Delta tables of a home's lake: by file list, by version, one commit at a time."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, Transaction
from deltalake.transaction import AddAction, RemoveAction

from daihou.book.errors import DaihouError
from daihou.book.lake.schema import in_schema, schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from daihou.book.home import Home

APP: Final = "intake"
"""Name under which a batch leaves its mark in each table it commits to, so that a repeated commit is seen."""
LOG: Final = "log"
"""Name under which rows that came by the log leave the place up to which they are in, in the very commit that holds them."""
KEPT: Final = PostCommitHookProperties(create_checkpoint=True, cleanup_expired_logs=False)
"""Every hundred commits are summed up, so that opening a table does not read them all; none is forgotten, as runs are built again from any version."""

READ_ROWS: Final = 262_144


def delta(home: Home, table: str, version: int | None = None) -> DeltaTable | None:
    """Return a table of the lake, as of a version if given, or None where nothing was ever stored in it."""
    folder = home.lake / table
    if not (folder / "_delta_log").is_dir() or not DeltaTable.is_deltatable(str(folder)):
        return None
    try:
        return DeltaTable(str(folder), version=version)
    except Exception as error:
        raise DaihouError(
            f"Table {table} cannot be opened: {error}",
            "Restore the lake from a backup.",
            str(folder),
            zh=(f"表 {table} 无法打开：{error}", "请从备份恢复数据湖。"),
        ) from error


def version(home: Home, table: str) -> int | None:
    """Return the newest version of a table, or None where nothing was ever stored in it."""
    found = delta(home, table)
    return None if found is None else found.version()


def files(home: Home, table: str, version: int | None = None) -> list[Path]:
    """Return the Parquet files of a table as of a version (newest if not given), in order of name."""
    found = delta(home, table, version)
    return [] if found is None else sorted(Path(unquote(uri.removeprefix("file://"))) for uri in found.file_uris())


def stamp(table: Path) -> str:
    """What names exactly how a table stands, found without opening it: the newest entry of its log, by its whole path; empty where nothing was ever stored."""
    try:
        return max((str(path) for path in (table / "_delta_log").iterdir() if path.suffix == ".json"), default="")
    except FileNotFoundError:
        return ""


def versions(home: Home, tables: Sequence[str]) -> dict[str, int]:
    """Return the newest version of each of some tables that has any."""
    found = {table: version(home, table) for table in tables}
    return {table: number for table, number in found.items() if number is not None}


def files_as_of(home: Home, table: str, at: Mapping[str, int]) -> list[Path]:
    """Return the files of a table at the version that `at` names for it, none where it names none."""
    return files(home, table, at[table]) if table in at else []


def read(
    home: Home, table: str, columns: Sequence[str] | None = None, version: int | None = None
) -> pa.RecordBatchReader:
    """Return a streaming reader over a table's rows, empty where nothing was ever stored in it.

    A column that the contract did not have when a file was written is empty in its rows.
    """
    names = list(columns) if columns is not None else schema(table).names
    wanted = pa.schema([schema(table).field(name) for name in names])
    paths = files(home, table, version)

    def batches() -> Iterator[pa.RecordBatch]:
        for path in paths:
            with pq.ParquetFile(path) as parquet:
                held = [name for name in names if name in parquet.schema_arrow.names]
                for batch in parquet.iter_batches(READ_ROWS, columns=held):
                    yield in_schema(batch, wanted) if len(held) < len(names) else batch.select(names).cast(wanted)

    return pa.RecordBatchReader.from_batches(wanted, batches())


def transaction(home: Home, table: str, app: str = APP, version: int | None = None) -> int:
    """Return the last batch committed to a table through `commit_files` (or the place of the log), 0 if none."""
    found = delta(home, table, version)
    return 0 if found is None else found.transaction_version(app) or 0


def commit_files(
    home: Home, table: str, paths: Sequence[Path], batch: int, metadata: Mapping[str, str], place: int | None = None
) -> None:
    """Move Parquet files of a batch into a table and add them in one commit; `place` is that of the log up to which their rows came.

    Safe to repeat after a crash at any point: files already moved are found in place,
    and a batch already committed is left alone.
    """
    if transaction(home, table) >= batch or not paths:
        return
    folder = home.lake / table
    found = delta(home, table) or _create(home, table)
    actions: list[AddAction | RemoveAction] = []
    for path in paths:
        target = folder / path.name
        if path.exists():
            path.replace(target)
        actions.append(addition(target))
    marks = [Transaction(APP, batch), *([] if place is None else [Transaction(LOG, place)])]
    properties = CommitProperties(custom_metadata=dict(metadata), app_transactions=marks)
    found.create_write_transaction(
        actions, "append", schema(table), commit_properties=properties, post_commithook_properties=KEPT
    )


def append(
    home: Home, table: str, rows: pa.Table | pa.RecordBatchReader, metadata: Mapping[str, str] | None = None
) -> None:
    """Append rows to a table in one commit, for small registers written outside a batch."""
    found = delta(home, table) or _create(home, table)
    name = f"v{found.version() + 1:07d}-{os.urandom(6).hex()}.parquet"
    target = home.lake / table / name
    reader = rows.to_reader() if isinstance(rows, pa.Table) else rows
    with pq.ParquetWriter(target, schema(table), compression="zstd") as writer:
        for chunk in reader:
            writer.write_batch(chunk.cast(schema(table)))
    properties = CommitProperties(custom_metadata=dict(metadata or {}))
    found.create_write_transaction(
        [addition(target)], "append", schema(table), commit_properties=properties, post_commithook_properties=KEPT
    )


def last_batch(home: Home) -> int:
    """Return the number of the last delivery registered, 0 if none."""
    return transaction(home, "deliveries")


def _create(home: Home, table: str) -> DeltaTable:
    folder = home.lake / table
    folder.mkdir(parents=True, exist_ok=True)
    return DeltaTable.create(str(folder), schema(table), mode="ignore", name=table)


def addition(path: Path, *, data_change: bool = True) -> AddAction:
    """A file of a table's folder as a commit adds it; `data_change` says whether it brings rows that were not there."""
    return AddAction(path.name, path.stat().st_size, {}, 0, data_change=data_change, stats=_statistics(path))


def _statistics(path: Path) -> str:
    """Return a file's Delta statistics: rows, and least and greatest date or number of each such column."""
    footer = pq.read_metadata(path)
    least: dict[str, object] = {}
    greatest: dict[str, object] = {}
    for index in range(footer.num_columns):
        name = footer.schema.column(index).name
        spans = [footer.row_group(group).column(index).statistics for group in range(footer.num_row_groups)]
        if not spans or any(span is None or not span.has_min_max for span in spans):
            continue
        low, high = min(span.min for span in spans), max(span.max for span in spans)
        if isinstance(low, bool) or not isinstance(low, date | int):
            continue
        least[name] = low if isinstance(low, int) else low.isoformat()
        greatest[name] = high if isinstance(high, int) else high.isoformat()
    return json.dumps({"numRecords": footer.num_rows, "minValues": least, "maxValues": greatest, "nullCount": {}})
