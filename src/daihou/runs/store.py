"""What runs write: Delta tables beside the facts, one partition a pair of dates.

A pair's record in `runs` names the files of its other tables. It is committed last and alone decides what is read, so that all of
them change in one step, whenever a run is killed. Each table is a whole Delta table for other readers too.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable, Schema
from deltalake.transaction import AddAction, RemoveAction

from daihou.book.errors import DaihouError
from daihou.monitoring import snapshot
from daihou.runs import cubes, rollups
from daihou.runs.borrowers import columns as borrowers
from daihou.runs.scores import snapshots as models
from daihou.runs.scores import tables as scores
from daihou.runs.watch import tables as watch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from daihou.book.home import Home

    Pair = tuple[dt.date, dt.date]

PAIR: Final = ("as_of", "known_on")
RECORD: Final = "runs"
CHECKPOINT_EVERY: Final = 20
"""Commits after which the log of a table is summed up, so that opening it does not read them all."""
ROW_GROUP: Final = 131_072

COVERAGE: Final = pa.schema(
    [
        ("as_of", pa.date32()), ("known_on", pa.date32()), ("kind", pa.string()), ("subject", pa.string()), ("reason", pa.string()),
        ("currency", pa.string()), ("loans", pa.int64()), ("ours", pa.int64()), ("theirs", pa.int64()),
    ]
)  # fmt: skip
"""kind: state (one row a state and currency), unmeasured (one a loan), break (one a loan or fact), tie (one a total compared),
waiting (one a table), default (one a product that the profile does not name, though it names others)."""

RUNS: Final = pa.schema(
    [
        ("as_of", pa.date32()), ("known_on", pa.date32()), ("batch", pa.int64()), ("lake", pa.string()), ("rules", pa.string()),
        ("kernels", pa.string()), ("loans", pa.int64()), ("unmeasured", pa.int64()), ("breaks", pa.int64()),
        ("files", pa.string()), ("rulebook", pa.string()), ("register", pa.int64()), ("follows", pa.date32()), ("said", pa.bool_()),
        ("silent", pa.string()),
    ]
)  # fmt: skip
"""The record by which a run can be built again: the last batch it saw, the lake's versions, its policies and its arithmetic;
and the names of the files that it wrote, by table. Of its watch: the digest of the rules, the version of their register, the date whose
memory it followed, whether it spoke for its date (`said`), as the first run of a date by its own knowledge does, and what it told of data
gone silent (`silent`, a JSON list of sentences, each in English and Chinese)."""


def _plain(schema: pa.Schema) -> pa.Schema:
    """The same columns without dictionaries, as Delta names types."""
    return pa.schema([pa.field(f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type) for f in schema])


SCHEMAS: Final = {
    "snapshots": _plain(snapshot.SCHEMA),
    "coverage": COVERAGE,
    **cubes.SCHEMAS,
    **rollups.SCHEMAS,
    "borrower_snapshots": borrowers.SCHEMA,
    models.TABLE: models.SCHEMA,
    **scores.SCHEMAS,
    **watch.SCHEMAS,
    "runs": RUNS,
}


@contextmanager
def locked(home: Home) -> Iterator[None]:
    """Let one run at a time write into a home; waits for the one at work."""
    with (home.path / "runs.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def open_table(home: Home, name: str) -> DeltaTable | None:
    """A table that runs write; None before the first run."""
    folder = home.lake / name
    return DeltaTable(str(folder)) if (folder / "_delta_log").is_dir() else None


def record(home: Home, as_of: dt.date, known_on: dt.date) -> dict[str, Any] | None:
    """The record of a pair of dates; None where no run wrote it."""
    for path in _committed(home, RECORD, [(as_of, known_on)])[as_of, known_on]:
        return _record(path, as_of, known_on)
    return None


def _record(path: Path, as_of: dt.date, known_on: dt.date) -> dict[str, Any]:
    (row,) = pq.read_table(path, partitioning=None).to_pylist()
    return {**row, "as_of": as_of, "known_on": known_on, "files": json.loads(row.get("files") or "{}")}


def files(home: Home, name: str, as_of: dt.date, known_on: dt.date) -> list[Path]:
    """The files of one pair of dates, as its record names them."""
    if name == RECORD:
        return _committed(home, RECORD, [(as_of, known_on)])[as_of, known_on]
    found = record(home, as_of, known_on)
    return [] if found is None else _named(home, found, name)


def files_of(home: Home, name: str, chosen: Sequence[Pair]) -> dict[Pair, list[Path]]:
    """The files of many pairs of dates, as their records name them, with the log of the records opened once."""
    found = {}
    for pair, records in _committed(home, RECORD, chosen).items():
        found[pair] = _named(home, _record(records[0], *pair), name) if records else []
    return found


def _named(home: Home, found: dict[str, Any], name: str) -> list[Path]:
    return [
        partition_path(home, name, found["as_of"], found["known_on"], file) for file in found["files"].get(name, [])
    ]


def _committed(home: Home, name: str, chosen: Sequence[Pair]) -> dict[Pair, list[Path]]:
    """The files that the Delta log gives for some pairs of dates."""
    table = open_table(home, name)
    return {pair: [] for pair in chosen} if table is None else _given(table, chosen)


def _given(table: DeltaTable, chosen: Sequence[Pair]) -> dict[Pair, list[Path]]:
    found: dict[Pair, list[Path]] = {pair: [] for pair in chosen}
    for uri in sorted(table.file_uris()):
        path = Path(unquote(uri.removeprefix("file://")))
        as_of, known_on = (dt.date.fromisoformat(part.partition("=")[2]) for part in path.parts[-3:-1])
        if (as_of, known_on) in found:
            found[as_of, known_on].append(path)
    return found


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


def put(home: Home, written: Mapping[Pair, Mapping[str, list[Path]]], rows: Mapping[Pair, dict[str, Any]]) -> None:
    """Put the files of runs in place of whatever their pairs of dates held, with the records last; until then nobody reads them.

    Files of runs that were stopped go; those of the run before stay for who still reads them.
    """
    old = _committed(home, RECORD, list(written))
    before = {pair: _record(paths[0], *pair) for pair, paths in old.items() if paths}
    for name in dict.fromkeys(name for of_pair in written.values() for name in of_pair):
        commit(home, name, {pair: of_pair[name] for pair, of_pair in written.items()})
    records = {}
    for pair, of_pair in written.items():
        named = {name: [path.name for path in paths] for name, paths in of_pair.items()}
        row = pa.Table.from_pylist([{**rows[pair], "files": json.dumps(named)}], RUNS)
        records[pair] = [write(home, RECORD, *pair, [row])]
    commit(home, RECORD, records)
    for pair, of_pair in written.items():
        known = before.get(pair)
        for name, paths in {**of_pair, RECORD: records[pair]}.items():
            kept = {*paths, *(old[pair] if name == RECORD else _named(home, known, name) if known else [])}
            for path in partition_path(home, name, *pair, "").glob("*.parquet"):
                if path not in kept:
                    path.unlink(missing_ok=True)


def commit(home: Home, name: str, by_pair: Mapping[Pair, list[Path]]) -> None:
    """Put files in the Delta log in place of those that it gives for their pairs of dates, all in one step; those in both stay as they are."""
    folder = home.lake / name
    table = open_table(home, name)
    if table is None:
        folder.mkdir(parents=True, exist_ok=True)
        table = DeltaTable.create(str(folder), SCHEMAS[name], mode="ignore", name=name, partition_by=list(PAIR))
    _add_columns(table, SCHEMAS[name])
    actions: list[AddAction | RemoveAction] = []
    for (as_of, known_on), olds in _given(table, list(by_pair)).items():
        values: dict[str, str | None] = {"as_of": as_of.isoformat(), "known_on": known_on.isoformat()}
        actions += [
            RemoveAction(
                str(path.relative_to(folder)), data_change=True, deletion_timestamp=0, size=path.stat().st_size, partition_values=values
            )
            for path in olds
            if path not in by_pair[as_of, known_on]
        ]  # fmt: skip
        for path in by_pair[as_of, known_on]:
            if path in olds:
                continue
            rows = pq.read_metadata(path).num_rows
            stats = json.dumps({"numRecords": rows, "minValues": {}, "maxValues": {}, "nullCount": {}})
            actions.append(
                AddAction(str(path.relative_to(folder)), path.stat().st_size, values, 0, data_change=True, stats=stats)
            )
    table.create_write_transaction(actions, "append", SCHEMAS[name], partition_by=list(PAIR))
    if table.version() % CHECKPOINT_EVERY == CHECKPOINT_EVERY - 1:
        DeltaTable(str(folder)).create_checkpoint()


def _add_columns(table: DeltaTable, schema: pa.Schema) -> None:
    """Give a table made by an earlier version the columns that came since; its old rows have none of them."""
    held = {field.name for field in table.schema().fields}
    missing = [field for field in Schema.from_arrow(schema).fields if field.name not in held]
    if missing:
        table.alter.add_columns(missing)


def write(home: Home, name: str, as_of: dt.date, known_on: dt.date, parts: Iterable[pa.Table]) -> Path:
    """Write the rows of tables into a file of a partition, which nobody sees until it is put in place."""
    writer = Writer(partition_path(home, name, as_of, known_on, fresh_name()), SCHEMAS[name])
    for part in parts:
        for batch in part.to_batches():
            writer.add(batch)
    writer.close()
    return writer.path


def read(home: Home, name: str, as_of: dt.date, known_on: dt.date) -> pa.Table:
    """The rows of a pair of dates; DaihouError where no run wrote it."""
    paths = files(home, name, as_of, known_on)
    if not paths and record(home, as_of, known_on) is not None:
        raise DaihouError(
            f"The run of {as_of} as known on {known_on} was made by an earlier version, without {name}.",
            f"Run it again: `daihou run --as-of {as_of} --known-on {known_on}`.",
            zh=(
                f"数据日期 {as_of}、知悉日期 {known_on} 的跑批结果由旧版本生成，不含 {name}。",
                f"请重新运行：`daihou run --as-of {as_of} --known-on {known_on}`。",
            ),
        )
    if not paths:
        written = pairs(home)
        has = ", ".join(f"{a} (known on {k})" for a, k in written[-5:]) or "none yet"
        raise DaihouError(
            f"No run wrote {as_of} as known on {known_on}.",
            f"Run `daihou run --as-of {as_of} --known-on {known_on}`. Written lately: {has}.",
            zh=(
                f"没有数据日期 {as_of}、知悉日期 {known_on} 的跑批结果。",
                f"请运行 `daihou run --as-of {as_of} --known-on {known_on}`。最近的结果：{has}。",
            ),
        )
    return pa.concat_tables(
        [_conformed(pq.read_table(path, partitioning=None), SCHEMAS[name], as_of, known_on) for path in paths]
    )


def _conformed(table: pa.Table, schema: pa.Schema, as_of: dt.date, known_on: dt.date) -> pa.Table:
    """The rows of a file with its pair of dates; columns that came after it was written are empty."""
    dates = {"as_of": as_of, "known_on": known_on}
    columns = [
        pa.repeat(pa.scalar(dates[field.name], field.type), len(table)) if field.name in dates
        else table[field.name].cast(field.type) if field.name in table.column_names
        else pa.nulls(len(table), field.type)
        for field in schema
    ]  # fmt: skip
    return pa.table(columns, schema=schema)
