"""Staging: new facts of the lake brought to the shards of their loans, each table once, in one streaming pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import duckdb
import pyarrow as pa

from daihou.book.ledger import staged
from daihou.book.ledger.files import SHARDS, staged_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MEMORY: Final = "3GB"
WAITING: Final = "waiting"


def connect(ledger: Path) -> duckdb.DuckDBPyConnection:
    """A private connection that spills inside the ledger folder and reaches for nothing outside."""
    spill = ledger / "spill"
    spill.mkdir(parents=True, exist_ok=True)
    settings: dict[str, Any] = {
        "memory_limit": MEMORY, "temp_directory": str(spill), "autoinstall_known_extensions": "false",
        "preserve_insertion_order": "false",
    }  # fmt: skip
    return duckdb.connect(config=settings)


def _list(paths: Sequence[Path]) -> str:
    return "[" + ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths) + "]"


def index_loans(
    db: duckdb.DuckDBPyConnection, known: pa.Table | None, new_files: Sequence[Path]
) -> tuple[pa.Table, int]:
    """The index with the loans of new files added, in order of loan_id; a loan never leaves its place. Also how many are new.

    The shard is taken from the borrower under whom a loan was first seen, so that a borrower's loans lie together.
    """
    empty = pa.table(
        {"loan_id": pa.array([], pa.string()), "shard": pa.array([], pa.uint8()), "ix": pa.array([], pa.int32())}
    )
    db.register("known_loans", known if known is not None else empty)
    result = db.sql(
        f"""
        WITH seen AS (
            SELECT loan_id, arg_min(borrower_id, (known_on, batch, "row")) AS borrower_id
            FROM read_parquet({_list(new_files)}) WHERE loan_id NOT IN (SELECT loan_id FROM known_loans) GROUP BY loan_id
        ), placed AS (SELECT loan_id, (md5_number(borrower_id) % {SHARDS})::UTINYINT AS shard FROM seen
        ), counts AS (SELECT shard, max(ix) + 1 AS count FROM known_loans GROUP BY shard)
        SELECT loan_id, shard, (coalesce(c.count, 0) + row_number() OVER (PARTITION BY shard ORDER BY loan_id) - 1)::INTEGER AS ix
        FROM placed LEFT JOIN counts c USING (shard)
        """
    ).to_arrow_table()
    db.unregister("known_loans")
    if known is not None:
        result = pa.concat_tables([known, result.cast(known.schema)])
    added = len(result) - (len(known) if known is not None else 0)
    return result.sort_by("loan_id") if added else result, added


def stage(
    db: duckdb.DuckDBPyConnection, ledger: Path, table: str, files: Sequence[Path], generation: int
) -> tuple[set[int], int]:
    """Bring the facts of new files (and those still waiting) to their shards; returns the shards touched and the count that waits.

    Expects the index registered as `loan_index`. What another attempt at the same generation left is overwritten.
    """
    folder = staged_folder(ledger, table)
    folder.mkdir(parents=True, exist_ok=True)
    waited = folder / _waiting_name(generation - 1)
    if not files and not waited.exists():
        return set(), 0
    sources = []
    if files:
        sources.append(f"SELECT {_columns(table)} FROM read_parquet({_list(files)})")
    if waited.exists():
        sources.append(f"SELECT * FROM read_parquet({_list([waited])})")
    source = " UNION ALL ".join(sources)
    for path in folder.glob(f"shard=*/g{generation:06d}-*.parquet"):
        path.unlink()
    if table == "borrowers":
        joined = f"SELECT *, 0::INTEGER AS ix, (md5_number(borrower_id) % {SHARDS})::UTINYINT AS shard FROM ({source})"
    else:
        joined = f"SELECT f.* EXCLUDE (loan_id), i.ix, i.shard FROM ({source}) f JOIN loan_index i USING (loan_id)"
    touched = db.execute(
        f"COPY ({joined}) TO '{_quoted(folder)}' (FORMAT parquet, COMPRESSION lz4_raw, PARTITION_BY (shard), OVERWRITE_OR_IGNORE, "
        f"FILENAME_PATTERN 'g{generation:06d}-{{i}}', RETURN_STATS)"
    ).fetchall()
    shards = {int(row[0].rsplit("shard=", 1)[1].split("/", 1)[0]) for row in touched}
    waiting = 0
    if table != "borrowers":
        target = folder / _waiting_name(generation)
        anti = f"SELECT f.* FROM ({source}) f ANTI JOIN loan_index i USING (loan_id)"
        waiting = _write_waiting(db, anti, target)
    return shards, waiting


def _write_waiting(db: duckdb.DuckDBPyConnection, query: str, target: Path) -> int:
    row = db.execute(f"COPY ({query}) TO '{_quoted(target)}' (FORMAT parquet)").fetchone()
    return int(row[0]) if row else 0


def _waiting_name(generation: int) -> str:
    return f"{WAITING}-{generation:06d}.parquet"


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _columns(table: str) -> str:
    """The staged columns of a lake table: money in ten-thousandths, the rest as it is."""
    parts = [] if table == "borrowers" else ["loan_id"]
    for name, kind in {**staged.COLUMNS[table], **staged.SYSTEM}.items():
        if kind == staged.MONEY and name not in staged.SYSTEM:
            parts.append(f'CAST("{name}" AS DECIMAL(18, 4)) AS "{name}"')
        elif name in staged.NUMBERS:
            parts.append(f'CAST("{name}" AS INTEGER) AS "{name}"')
        else:
            parts.append(f'"{name}"')
    return ", ".join(parts)
