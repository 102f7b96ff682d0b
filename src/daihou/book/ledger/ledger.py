"""The ledger of a home: opened for reading, and brought up to the lake by rebuilding the shards whose facts changed."""

from __future__ import annotations

import fcntl
import itertools
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import polars as pl

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
    waiting_name,
    write_pointer,
)
from daihou.book.ledger.shard import Shards, settle, write
from daihou.book.ledger.stage import INDEX, bucket, generation_of, index_loans, stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
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
    shards: Shards
    index: pl.DataFrame
    """Every loan's shard and place there, in order of loan_id."""

    @property
    def loans(self) -> int:
        """How many loans are known at all."""
        return self.pointer.loans

    def find(self, loan_id: str) -> tuple[int, int] | None:
        """The shard of a loan and its place there; None for an unknown loan."""
        ids = self.index["loan_id"]
        at = ids.search_sorted(loan_id)
        if at == len(ids) or ids[at] != loan_id:
            return None
        return self.index["shard"][at], self.index["ix"][at]


def open_ledger(folder: Path, wanted: Pointer | None = None) -> Ledger:
    """Map the ledger in force, or that of a pointer lately in force."""
    for _ in range(TRIES):
        pointer = wanted or read_pointer(folder)
        try:
            shards = Shards(dict(sorted((int(number), folder / name) for number, name in pointer.shards.items())))
            index = _read_index(folder, pointer.generation)
        except FileNotFoundError as error:
            if wanted or read_pointer(folder) == pointer:
                named = [folder / name for name in pointer.shards.values()] + [index_path(folder, pointer.generation)]
                raise damaged(next((path for path in named if not path.exists()), folder)) from error
            continue  # replaced and cleaned away between the pointer and its files
        return Ledger(folder, pointer, shards, index)
    raise DaihouError(
        "The ledger keeps changing while it is opened.",
        "Try again.",
        str(folder),
        zh=("账本在打开期间不断变化。", "请重试。"),
    )


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
        # Read before the files: what is committed meanwhile belongs to the next refresh.
        current = (
            lake.versions(home, TABLES) if versions is None else {t: v for t, v in versions.items() if t in TABLES}
        )
        files = {table: lake.files_as_of(home, table, current) for table in TABLES}
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


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _read_index(folder: Path, generation: int) -> pl.DataFrame:
    """Every loan's shard and place there; mapped, not read."""
    return pl.read_ipc(index_path(folder, generation)) if generation else pl.DataFrame(schema=INDEX)


def _update(
    folder: Path, before: Pointer, files: Mapping[str, list[Path]], pointer: Pointer, progress: Progress
) -> Pointer:
    generation = before.generation + 1
    new = {
        table: [path for path in paths if path.name not in set(before.files.get(table, ()))]
        for table, paths in files.items()
    }
    steps = sum(len(paths) for paths in new.values()) + 1
    done = itertools.count(1)
    progress("stage", 0, steps)
    index = _read_index(folder, before.generation)
    if new["loans"]:
        index = index_loans(index, new["loans"])
    index.rechunk().write_ipc(index_path(folder, generation))
    touched: set[int] = set()
    waiting: dict[str, int] = {}
    for table in TABLES:
        shards, waits = stage(
            folder, table, new[table], generation, index, lambda: progress("stage", min(next(done), steps), steps)
        )
        touched |= shards
        if waits:
            waiting[table] = waits
    progress("stage", steps, steps)
    hosts = {int(shard) for shard, others in before.guests.items() if touched & set(others)}
    built = _build_shards(
        folder, index, sorted((touched | hosts) & set(index["shard"].unique().to_list())), generation, progress
    )
    shards_now = before.shards | {str(shard): shard_name(shard, generation) for shard in built}
    refused = _renewed(before.refused, {shard: found[0] for shard, found in built.items()})
    guests = _renewed(before.guests, {shard: found[1] for shard, found in built.items()})
    return replace(
        pointer, format=FORMAT, generation=generation, files={table: [p.name for p in paths] for table, paths in files.items()},
        shards=shards_now, loans=len(index), waiting=waiting, refused=refused, guests=guests,
    )  # fmt: skip


def _renewed(before: dict[str, list[Any]], built: dict[int, list[Any]]) -> dict[str, list[Any]]:
    """What stood of each shard, replaced for those built again; empty lists left out."""
    now = before | {str(shard): found for shard, found in built.items()}
    return {shard: found for shard, found in now.items() if found}


def _build_shards(
    folder: Path, index: pl.DataFrame, shards: Sequence[int], generation: int, progress: Progress
) -> dict[int, tuple[list[list[Any]], list[int]]]:
    """Build and write shards; returns the facts each of them refused, and whose borrowers it looked up besides its own."""
    ids = {int(key[0]): part.sort("ix")["loan_id"] for key, part in index.partition_by("shard", as_dict=True).items()}
    found: dict[int, tuple[list[list[Any]], list[int]]] = {}
    progress("build", 0, len(shards))

    def one(shard: int) -> Path:
        frames = {table: _staged(folder, table, shard) for table in TABLES}
        guests = _guests(folder, shard, frames)
        built = build(ids[shard], frames)
        path = folder / shard_name(shard, generation)
        write(path, built)
        refused = [list(row) for row in built.refused.select("table", "batch", "row", "reason").iter_rows()]
        found[shard] = refused, guests
        return path

    with (
        ThreadPoolExecutor(WORKERS) as pool,
        ThreadPoolExecutor(1) as disk,
    ):  # the next shard need not wait for the disk
        settling = []
        for done, path in enumerate(pool.map(one, shards), 1):
            settling.append(disk.submit(settle, path))
            progress("build", done, len(shards))
        for settled in settling:
            settled.result()
    return found


def _guests(folder: Path, shard: int, frames: dict[str, pl.DataFrame]) -> list[int]:
    """Fetch the borrowers of other buckets to whom loans of the shard passed; returns those buckets."""
    borrowers = frames["borrowers"]
    named = frames["loans"].select("borrower_id").unique()
    missing = named.join(borrowers, on="borrower_id", how="anti")["borrower_id"]
    others = sorted({bucket(one) for one in missing.to_list()} - {shard})
    fetched = [
        _staged(folder, "borrowers", other).filter(pl.col("borrower_id").is_in(missing.implode())) for other in others
    ]
    frames["borrowers"] = pl.concat([borrowers, *fetched])
    return others


def _staged(folder: Path, table: str, shard: int) -> pl.DataFrame:
    schema = staged.schema(table)
    parts = sorted((staged_folder(folder, table) / f"shard={shard}").glob("*.arrow"))
    return pl.scan_ipc(parts).select(list(schema)).collect() if parts else pl.DataFrame(schema=schema)


def staged_for(ledger: Ledger, table: str, shard: int, which: pl.Expr) -> pl.DataFrame:
    """The staged rows of a shard that an opened ledger was built from, those that fit a condition on their columns."""
    schema = staged.schema(table)
    parts = sorted((staged_folder(ledger.folder, table) / f"shard={shard}").glob("*.arrow"))
    parts = [path for path in parts if generation_of(path) <= ledger.pointer.generation]
    return pl.scan_ipc(parts).filter(which).select(list(schema)).collect() if parts else pl.DataFrame(schema=schema)


def waiting_for(ledger: Ledger, table: str, loans: Sequence[str]) -> pl.DataFrame:
    """The rows of an opened ledger that wait for some loans to become known, with their `loan_id`."""
    folder = staged_folder(ledger.folder, table) / waiting_name(ledger.pointer.generation)
    parts = sorted(folder.glob("*.arrow"))
    columns = {"loan_id": pl.String(), **{name: kind for name, kind in staged.schema(table).items() if name != "ix"}}
    if not parts:
        return pl.DataFrame(schema=columns)
    return pl.scan_ipc(parts).filter(pl.col("loan_id").is_in(list(loans))).select(list(columns)).collect()


__all__ = ["SHARDS", "Ledger", "open_ledger", "refresh"]
