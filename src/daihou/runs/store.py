"""What runs write: Delta tables beside the facts, one partition a pair of dates, replaced whole and in one commit."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import CommitProperties, DeltaTable
from deltalake.transaction import AddAction, RemoveAction

from daihou.book.errors import DaihouError
from daihou.monitoring.arrears import snapshot

if TYPE_CHECKING:
    from daihou.book.home import Home

PAIR: Final = ("as_of", "known_on")
ROW_GROUP: Final = 131_072

COVERAGE: Final = pa.schema(
    [
        ("as_of", pa.date32()), ("known_on", pa.date32()), ("kind", pa.string()), ("subject", pa.string()), ("reason", pa.string()),
        ("currency", pa.string()), ("loans", pa.int64()), ("ours", pa.int64()), ("theirs", pa.int64()),
    ]
)  # fmt: skip
"""kind: state (one row a state and currency), unmeasured (one a loan), break (one a loan or fact), tie (one a total compared)."""

RUNS: Final = pa.schema(
    [
        ("as_of", pa.date32()), ("known_on", pa.date32()), ("batch", pa.int64()), ("lake", pa.string()), ("rules", pa.string()),
        ("kernels", pa.string()), ("loans", pa.int64()), ("unmeasured", pa.int64()), ("breaks", pa.int64()),
    ]
)  # fmt: skip
"""The record by which a run can be built again: the last batch it saw, the lake's versions, its policies and its arithmetic."""


def _plain(schema: pa.Schema) -> pa.Schema:
    """The same columns without dictionaries, as Delta names types."""
    return pa.schema([pa.field(f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type) for f in schema])


SCHEMAS: Final = {"snapshots": _plain(snapshot.SCHEMA), "coverage": COVERAGE, "runs": RUNS}


def open_table(home: Home, name: str) -> DeltaTable | None:
    """A table that runs write; None before the first run."""
    folder = home.lake / name
    return DeltaTable(str(folder)) if (folder / "_delta_log").is_dir() else None


def files(home: Home, name: str, as_of: dt.date, known_on: dt.date) -> list[Path]:
    """The files of one pair of dates."""
    table = open_table(home, name)
    if table is None:
        return []
    filters = [("as_of", "=", as_of.isoformat()), ("known_on", "=", known_on.isoformat())]
    return sorted(Path(unquote(uri.removeprefix("file://"))) for uri in table.file_uris(file_pruning_predicate=filters))


def pairs(home: Home) -> list[tuple[dt.date, dt.date]]:
    """The pairs of dates that runs have written, in order."""
    table = open_table(home, "runs")
    if table is None:
        return []
    return sorted(
        (dt.date.fromisoformat(row["as_of"]), dt.date.fromisoformat(row["known_on"])) for row in table.partitions()
    )


class Writer:
    """One Parquet file of a partition on its way: batches gathered into row groups of good size."""

    def __init__(self, path: Path, schema: pa.Schema, rows: int = ROW_GROUP) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.rows = 0
        self._enough = rows
        self._schema = pa.schema([field for field in schema if field.name not in PAIR])
        coded = [
            field.name for field in self._schema if pa.types.is_dictionary(field.type) or pa.types.is_int32(field.type)
        ]
        self._file = pq.ParquetWriter(path, self._schema, compression="zstd", compression_level=1, use_dictionary=coded)
        self._waiting: list[pa.RecordBatch] = []
        self._count = 0

    def add(self, batch: pa.RecordBatch) -> None:
        """Take a batch."""
        self._waiting.append(batch.select(self._schema.names))
        self._count += len(batch)
        self.rows += len(batch)
        if self._count >= self._enough:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            table = pa.Table.from_batches(self._waiting).unify_dictionaries()
            self._file.write_table(table, row_group_size=2 * ROW_GROUP)
            self._waiting, self._count = [], 0

    def close(self) -> None:
        """Write what waits and finish the file."""
        self._flush()
        self._file.close()


def partition_path(home: Home, name: str, as_of: dt.date, known_on: dt.date, part: str) -> Path:
    """Where a file of a partition goes."""
    return home.lake / name / f"as_of={as_of}" / f"known_on={known_on}" / part


def fresh_name() -> str:
    """A file name nobody has used."""
    return f"{os.urandom(8).hex()}.parquet"


def commit(
    home: Home, name: str, as_of: dt.date, known_on: dt.date, paths: list[Path], metadata: dict[str, str]
) -> None:
    """Put files in place of whatever the pair of dates held; until then nobody sees them."""
    folder = home.lake / name
    table = open_table(home, name)
    if table is None:
        folder.mkdir(parents=True, exist_ok=True)
        table = DeltaTable.create(str(folder), SCHEMAS[name], mode="ignore", name=name, partition_by=list(PAIR))
    values: dict[str, str | None] = {"as_of": as_of.isoformat(), "known_on": known_on.isoformat()}
    replaced = files(home, name, as_of, known_on)
    actions: list[AddAction | RemoveAction] = [
        RemoveAction(
            str(old.relative_to(folder)),
            data_change=True,
            deletion_timestamp=0,
            size=old.stat().st_size,
            partition_values=values,
        )
        for old in replaced
    ]
    for path in paths:
        rows = pq.read_metadata(path).num_rows
        stats = json.dumps({"numRecords": rows, "minValues": {}, "maxValues": {}, "nullCount": {}})
        actions.append(
            AddAction(str(path.relative_to(folder)), path.stat().st_size, values, 0, data_change=True, stats=stats)
        )
    properties = CommitProperties(custom_metadata=metadata)
    table.create_write_transaction(
        actions, "append", SCHEMAS[name], partition_by=list(PAIR), commit_properties=properties
    )


def replace_rows(
    home: Home, name: str, as_of: dt.date, known_on: dt.date, rows: pa.Table, metadata: dict[str, str]
) -> None:
    """Replace a small partition by some rows."""
    writer = Writer(partition_path(home, name, as_of, known_on, fresh_name()), SCHEMAS[name])
    for batch in rows.to_batches():
        writer.add(batch)
    writer.close()
    commit(home, name, as_of, known_on, [writer.path], metadata)


def read(home: Home, name: str, as_of: dt.date, known_on: dt.date) -> pa.Table:
    """The rows of a pair of dates; DaihouError where no run wrote it."""
    paths = files(home, name, as_of, known_on)
    if not paths:
        written = pairs(home)
        has = ", ".join(f"{a} (known on {k})" for a, k in written[-5:]) or "none yet"
        raise DaihouError(
            f"No run wrote {as_of} as known on {known_on}.",
            f"Run `daihou run --as-of {as_of} --known-on {known_on}`. Written lately: {has}.",
        )
    schema = SCHEMAS[name]
    tables = []
    for path in paths:
        table = pq.read_table(path, partitioning=None)
        for position, (field, value) in enumerate((("as_of", as_of), ("known_on", known_on))):
            table = table.add_column(position, field, pa.repeat(pa.scalar(value, pa.date32()), len(table)))
        tables.append(table.select(schema.names).cast(schema))
    return pa.concat_tables(tables)
