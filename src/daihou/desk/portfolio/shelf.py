"""The shelf: the loans of a pair of dates as a table that lists can be read from in milliseconds.

A run writes Parquet, good for reading much of it once. A list reads a little of it many times. So the first who asks for a pair makes
a DuckDB file of it, which all web processes then share. The shelf holds nothing of its own and may be deleted at any time.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import duckdb

from daihou.desk.portfolio.columns import columns
from daihou.desk.portfolio.standing import standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from daihou.policies.buckets import Buckets

FORMAT: Final = 3
"""Goes up when the table is made otherwise."""
KEPT: Final = 8
"""Pairs that stay on the shelf; what was not asked for longest goes first."""
ORDER: Final = ("org_id", "officer_id", "loan_id")
"""Rows lie by org and officer, so that whose reach is small reads little."""


TYPES: Final = {
    "amount": "BIGINT", "base_amount": "BIGINT", "date": "DATE", "flag": "BOOLEAN", "rate": "DECIMAL(18, 8)", "share": "DOUBLE",
    "days": "INTEGER", "months": "INTEGER", "count": "INTEGER",
}  # fmt: skip
"""What a column that came after a run was written is made of, empty; texts where not said."""


def name(paths: Sequence[str], scheme: Buckets) -> str:
    """The name under which the files of a pair, with their standing by a scheme and today's columns, are on the shelf."""
    told = f"{FORMAT} {list(paths)} {scheme} {sorted(columns())}"
    return hashlib.sha256(told.encode()).hexdigest()[:24]


def take(shelf: Path, paths: Sequence[str], scheme: Buckets) -> Path:
    """The file of a pair; made if it is not there, by one process while others wait."""
    return made(shelf / f"{name(paths, scheme)}.duckdb", lambda draft: _make(draft, paths, scheme))


def made(file: Path, make: Callable[[Path], None]) -> Path:
    """A file of a shelf, which is its folder; where it is not there, `make` writes its draft, in one process while others wait."""
    try:
        os.utime(file)
    except FileNotFoundError:
        with _locked(file.parent):
            if not file.exists():
                _sweep(file.parent)
                draft = file.with_suffix(".draft")
                make(draft)
                draft.replace(file)
                _clear(file.parent, file)
    return file


def _sweep(shelf: Path) -> None:
    """Take away drafts of a process that was killed, with their logs; nobody else is making any now."""
    for left in shelf.glob("*.draft*"):
        shutil.rmtree(left) if left.is_dir() else left.unlink()


def _make(draft: Path, paths: Sequence[str], scheme: Buckets) -> None:
    listed = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
    dates = "hive_types={'as_of': DATE, 'known_on': DATE}"  # the two dates stand in the files' paths alone
    rows = f"read_parquet([{listed}], union_by_name=true, hive_partitioning=true, {dates})"
    with duckdb.connect(str(draft)) as database:
        held = {row[0] for row in database.execute(f"DESCRIBE SELECT * FROM {rows}").fetchall()}
        absent = "".join(
            f', NULL::{TYPES.get(column.measure.unit, "VARCHAR")} AS "{name}"'
            for name, column in columns().items()
            if name not in held
        )
        order = ", ".join(column for column in ORDER if column in held)
        # Borrowers are numbered once each and joined, which takes a tenth of ranking all rows by them.
        database.execute(
            f"""
            CREATE TABLE loans AS
            WITH borrowers AS MATERIALIZED (
                SELECT borrower_id, (row_number() OVER ())::INTEGER AS borrower_number FROM (SELECT DISTINCT borrower_id FROM {rows})
            )
            SELECT loans.*{absent}, {standing(scheme)} AS place, borrower_number
            FROM {rows} AS loans LEFT JOIN borrowers USING (borrower_id) ORDER BY {order}
            """
        )


def _clear(shelf: Path, new: Path) -> None:
    """Take away what was not asked for longest. Who has a file open keeps reading it."""
    files = sorted(shelf.glob("*.duckdb"), key=lambda path: path.stat().st_mtime, reverse=True)
    for file in [other for other in files if other != new][KEPT - 1 :]:
        file.unlink(missing_ok=True)


@contextmanager
def _locked(shelf: Path) -> Iterator[None]:
    shelf.mkdir(parents=True, exist_ok=True)
    with (shelf / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
