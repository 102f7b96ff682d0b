"""Staging: new facts of the lake brought to the shards of their loans, file by file, in one streaming pass each.

A file at a time bounds the memory; what is written for a shard is then of the size of the file, not of the book.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zlib import crc32

import polars as pl

from daihou.book.ledger import staged
from daihou.book.ledger.files import SHARDS, staged_folder, waiting_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from polars.io.partition import FileProviderArgs

INDEX: Final[dict[str, pl.DataType]] = {"loan_id": pl.String(), "shard": pl.UInt8(), "ix": pl.Int32()}
BY_BORROWER: Final = "borrowers"
"""The one table whose facts come to a shard by the borrower's own bucket, not by their loan."""


def bucket(borrower_id: str) -> int:
    """The shard of the loans first seen under a borrower: a hash that every engine and every machine agrees on."""
    return crc32(borrower_id.encode()) % SHARDS


def _buckets(ids: pl.Series) -> pl.Series:
    return pl.Series([bucket(one) for one in ids.to_list()], dtype=pl.UInt8())


def index_loans(known: pl.DataFrame, files: list[Path]) -> pl.DataFrame:
    """The index with the loans of new files added, in order of loan_id; a loan never leaves its place.

    The shard is taken from the borrower under whom a loan was first seen, so that a borrower's loans lie together.
    """
    arrival = ["known_on", "batch", "row"]
    seen = pl.scan_parquet(files).select("loan_id", "borrower_id", *arrival)
    new = seen.join(known.lazy(), on="loan_id", how="anti").collect()
    new = new.sort(arrival).unique("loan_id", keep="first", maintain_order=True).sort("loan_id")
    if new.is_empty():
        return known
    held = known.group_by("shard").agg(held=pl.col("ix").max() + 1)
    placed = new.select("loan_id", shard=_buckets(new["borrower_id"])).join(
        held, on="shard", how="left", maintain_order="left"
    )
    behind = pl.int_range(pl.len(), dtype=pl.Int32()).over("shard")
    placed = placed.select("loan_id", "shard", ix=pl.col("held").fill_null(0) + behind)
    return placed if known.is_empty() else pl.concat([known, placed]).sort("loan_id")


def stage(
    ledger: Path, table: str, files: Sequence[Path], generation: int, index: pl.DataFrame, progress: Callable[[], None]
) -> tuple[set[int], int]:
    """Bring the facts of new files (and those still waiting) to their shards; returns the shards touched and the count that waits.

    What another attempt at the same generation left is deleted first. `progress` is called after each file.
    """
    folder = staged_folder(ledger, table)
    waited = _waiting(folder, generation - 1)
    if not files and not waited:
        return set(), 0
    for left in [*folder.glob(f"shard=*/{_name(generation)}-*"), *_waiting(folder, generation)]:
        left.unlink()
    for number, path in enumerate([*files, *waited]):
        part = pl.scan_ipc(path).drop("ix") if path in waited else pl.scan_parquet(path).select(staged_columns(table))
        by_shard = pl.PartitionBy(
            folder, key="shard", include_key=False, file_path_provider=_file_of(folder, generation, number)
        )
        _placed(part, table, index).sink_ipc(by_shard, compression="zstd", mkdir=True)
        progress()
    shards = {int(path.parent.name.split("=")[1]) for path in folder.glob(f"shard=*/{_name(generation)}-*")}
    waits = _waiting(folder, generation)
    return shards, pl.scan_ipc(waits).select(pl.len()).collect().item() if waits else 0


def _placed(facts: pl.LazyFrame, table: str, index: pl.DataFrame) -> pl.LazyFrame:
    """Facts with their shard and their loan's place in it; both null where the loan, which then stays named, is not known yet."""
    if table == BY_BORROWER:
        shard = pl.col("borrower_id").map_batches(_buckets, return_dtype=pl.UInt8(), is_elementwise=True)
        return facts.with_columns(ix=pl.lit(0, pl.Int32()), shard=shard)
    placed = facts.join(index.lazy(), on="loan_id", how="left", maintain_order="left")
    return placed.with_columns(loan_id=pl.when(pl.col("ix").is_null()).then("loan_id"))


def _file_of(folder: Path, generation: int, number: int) -> Callable[[FileProviderArgs], str]:
    def name(args: FileProviderArgs) -> str:
        shard = args.partition_keys.item()
        if shard is None:
            return str(folder / waiting_name(generation) / f"{number:06d}.arrow")
        return str(folder / f"shard={shard}" / f"{_name(generation)}-{number:06d}.arrow")

    return name


def _name(generation: int) -> str:
    return f"g{generation:06d}"


def generation_of(path: Path) -> int:
    """The generation whose making a staged file was part of."""
    return int(path.name[1:].split("-")[0])


def _waiting(folder: Path, generation: int) -> list[Path]:
    return sorted((folder / waiting_name(generation)).glob("*.arrow"))


def staged_columns(table: str) -> list[pl.Expr]:
    """The staged columns of a lake table: money in ten-thousandths, days as counts, the rest as it is."""
    columns = [] if table == BY_BORROWER else [pl.col("loan_id")]
    for name, kind in {**staged.COLUMNS[table], **staged.SYSTEM}.items():
        column = pl.col(name)
        if name in staged.RATES:
            column = column.cast(pl.Decimal(18, 8)).to_physical()
        elif kind == staged.MONEY and name not in staged.SYSTEM:
            column = column.cast(pl.Decimal(18, 4)).to_physical()
        columns.append(column.cast(kind))
    return columns
