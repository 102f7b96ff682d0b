"""The ledger of a home: opened for reading, and brought up to the lake by rebuilding the shards whose facts changed."""

from __future__ import annotations

import fcntl
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa

from daihou.book import lake
from daihou.book.errors import DaihouError
from daihou.book.ledger import staged
from daihou.book.ledger.build import build
from daihou.book.ledger.files import (
    FORMAT,
    SHARDS,
    Pointer,
    clean,
    damaged,
    index_path,
    read_pointer,
    shard_name,
    staged_folder,
    write_pointer,
)
from daihou.book.ledger.shard import Shard, read, write
from daihou.book.ledger.stage import connect, index_loans, stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from daihou.book.home import Home

    Progress = Callable[[str, int, int], None]
    """Called with a step's name, how much of it is done and how much there is."""

TABLES = tuple(staged.COLUMNS)
WORKERS = 2
TRIES = 5


@dataclass(frozen=True, slots=True)
class Ledger:
    """A ledger as it stood when it was opened; later refreshes do not disturb it."""

    folder: Path
    pointer: Pointer
    shards: dict[int, Shard]
    index: pa.Table
    """Every loan's shard and place there, in order of loan_id."""

    @property
    def loans(self) -> int:
        """How many loans are known at all."""
        return self.pointer.loans

    def find(self, loan_id: str) -> tuple[int, int] | None:
        """The shard of a loan and its place there; None for an unknown loan."""
        if not self.pointer.loans:
            return None
        table = self.index
        ids = table["loan_id"].chunk(0)
        low, high = 0, len(ids)
        wanted = loan_id.encode()
        while low < high:
            middle = (low + high) // 2
            if ids[middle].as_py().encode() < wanted:
                low = middle + 1
            else:
                high = middle
        if low == len(ids) or ids[low].as_py() != loan_id:
            return None
        return int(table["shard"][low].as_py()), int(table["ix"][low].as_py())


def open_ledger(folder: Path) -> Ledger:
    """Map the ledger in force."""
    for _ in range(TRIES):
        pointer = read_pointer(folder)
        try:
            shards = {int(number): read(folder / name) for number, name in pointer.shards.items()}
            index = _read_index(folder, pointer.generation) if pointer.generation else _no_loans()
        except FileNotFoundError as error:
            if read_pointer(folder) == pointer:
                named = [folder / name for name in pointer.shards.values()] + [index_path(folder, pointer.generation)]
                raise damaged(next((path for path in named if not path.exists()), folder)) from error
            continue  # replaced and cleaned away between the pointer and its files
        return Ledger(folder, pointer, shards, index)
    raise DaihouError("The ledger keeps changing while it is opened.", "Try again.", str(folder))


def refresh(
    home: Home, progress: Progress, versions: Mapping[str, int] | None = None, folder: Path | None = None
) -> Ledger:
    """Bring the ledger up to the lake and open it; only shards with new facts are rebuilt.

    `versions` names older versions of the lake's tables, for a pinned run; such a ledger needs a `folder` of its own.
    """
    folder = folder or home.ledger
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder):
        before = read_pointer(folder)
        current = _versions(home) if versions is None else dict(versions)
        files = {table: lake.files(home, table, current[table]) if table in current else [] for table in TABLES}
        if before.lake == current and before.generation:
            return open_ledger(folder)
        gone = any(set(before.files.get(table, ())) - {path.name for path in files[table]} for table in TABLES)
        if gone or not before.generation:
            before = Pointer()
            shutil.rmtree(folder / "staged", ignore_errors=True)
        pointer = _update(folder, before, files, replace(before, lake=current), progress)
        write_pointer(folder, pointer)
        clean(folder, pointer, before)
    return open_ledger(folder)


def _versions(home: Home) -> dict[str, int]:
    """The newest version of each table, read before its files: what is committed meanwhile belongs to the next refresh."""
    found = {table: lake.version(home, table) for table in TABLES}
    return {table: version for table, version in found.items() if version is not None}


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _read_index(folder: Path, generation: int) -> pa.Table:
    return pa.ipc.open_file(pa.memory_map(str(index_path(folder, generation)))).read_all()


def _update(
    folder: Path, before: Pointer, files: Mapping[str, list[Path]], pointer: Pointer, progress: Progress
) -> Pointer:
    generation = before.generation + 1
    new = {
        table: [path for path in paths if path.name not in set(before.files.get(table, ()))]
        for table, paths in files.items()
    }
    steps = len(TABLES) + 1
    progress("stage", 0, steps)
    db = connect(folder)
    try:
        index = _read_index(folder, before.generation) if before.generation else None
        if new["loans"] or index is None:
            index, _ = index_loans(db, index, new["loans"]) if new["loans"] else (_no_loans(), 0)
        index = index.combine_chunks()
        _write_index(folder, generation, index)
        db.register("loan_index", index)
        touched: set[int] = set()
        waiting: dict[str, int] = {}
        for step, table in enumerate(TABLES, 1):
            progress("stage", step, steps)
            shards, waits = stage(db, folder, table, new[table], generation)
            touched |= shards
            if waits:
                waiting[table] = waits
    finally:
        db.close()
    progress("stage", steps, steps)
    built = _build_shards(
        folder, index, sorted(touched & set(index["shard"].unique().to_pylist())), generation, progress
    )
    shards_now = before.shards | {str(shard): shard_name(shard, generation) for shard in built}
    refused = {k: v for k, v in before.refused.items() if int(k) not in built} | {
        str(k): v for k, v in built.items() if v
    }
    return replace(
        pointer, format=FORMAT, generation=generation, files={table: [p.name for p in paths] for table, paths in files.items()},
        shards=shards_now, loans=len(index), waiting=waiting, refused=refused,
    )  # fmt: skip


def _no_loans() -> pa.Table:
    return pa.table(
        {"loan_id": pa.array([], pa.string()), "shard": pa.array([], pa.uint8()), "ix": pa.array([], pa.int32())}
    )


def _write_index(folder: Path, generation: int, index: pa.Table) -> None:
    with pa.OSFile(str(index_path(folder, generation)), "wb") as sink, pa.ipc.new_file(sink, index.schema) as writer:
        writer.write_table(index)


def _build_shards(
    folder: Path, index: pa.Table, shards: list[int], generation: int, progress: Progress
) -> dict[int, list[list[Any]]]:
    """Build and write shards; returns the facts each of them refused."""
    frame = pl.from_arrow(index)
    assert isinstance(frame, pl.DataFrame)  # noqa: S101 - for the type checker
    ids = {int(key[0]): part.sort("ix")["loan_id"] for key, part in frame.partition_by("shard", as_dict=True).items()}
    refused: dict[int, list[list[Any]]] = {}
    progress("build", 0, len(shards))

    def one(shard: int) -> None:
        built = build(ids[shard], {table: _staged(folder, table, shard) for table in TABLES})
        write(folder / shard_name(shard, generation), built)
        refused[shard] = [list(row) for row in built.refused.select("table", "batch", "row", "reason").iter_rows()]

    with ThreadPoolExecutor(WORKERS) as pool:
        for done, _ in enumerate(pool.map(one, shards), 1):
            progress("build", done, len(shards))
    return refused


def _staged(folder: Path, table: str, shard: int) -> pl.DataFrame:
    schema = staged.schema(table)
    parts = sorted((staged_folder(folder, table) / f"shard={shard}").glob("*.parquet"))
    if not parts:
        return pl.DataFrame(schema=schema)
    frame = pl.read_parquet(parts, hive_partitioning=False)
    return frame.select([_staged_column(frame, name).cast(kind) for name, kind in schema.items()])


def _staged_column(frame: pl.DataFrame, name: str) -> pl.Expr:
    """A column as it was staged; a decimal as the whole number of ten-thousandths that it is stored as."""
    return pl.col(name).to_physical() if frame.schema[name].is_decimal() else pl.col(name)


__all__ = ["SHARDS", "Ledger", "open_ledger", "refresh"]
