"""The shelf: the loans of a pair of dates as a table that lists can be read from in milliseconds.

A run writes Parquet, good for reading much of it once. A list reads a little of it many times. So the first who asks for a pair makes
a DuckDB file of it, which all web processes then share. The shelf holds nothing of its own and may be deleted at any time.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import duckdb

from daihou.desk.portfolio.standing import standing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from daihou.policies.buckets import Buckets

FORMAT: Final = 1
"""Goes up when the table is made otherwise."""
KEPT: Final = 8
"""Pairs that stay on the shelf; what was not asked for longest goes first."""
ORDER: Final = ("org_id", "officer_id", "loan_id")
"""Rows lie by org and officer, so that whose reach is small reads little."""


def name(paths: Sequence[str], scheme: Buckets) -> str:
    """The name under which the files of a pair, with their standing by a scheme, are on the shelf."""
    told = f"{FORMAT} {[os.path.basename(path) for path in paths]} {scheme}"  # noqa: PTH119 - texts, not paths
    return hashlib.sha256(told.encode()).hexdigest()[:24]


def take(shelf: Path, paths: Sequence[str], scheme: Buckets) -> Path:
    """The file of a pair; made if it is not there, by one process while others wait."""
    file = shelf / f"{name(paths, scheme)}.duckdb"
    if not file.exists():
        with _locked(shelf):
            if not file.exists():
                _make(file, paths, scheme)
                _clear(shelf, file)
    os.utime(file)
    return file


def _make(file: Path, paths: Sequence[str], scheme: Buckets) -> None:
    draft = file.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    listed = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
    with duckdb.connect(str(draft)) as made:
        held = {row[0] for row in made.execute(f"DESCRIBE SELECT * FROM read_parquet([{listed}], union_by_name=true)").fetchall()}
        order = ", ".join(column for column in ORDER if column in held)
        made.execute(
            f"""
            CREATE TABLE loans AS
            SELECT *, {standing(scheme)} AS place, (dense_rank() OVER (ORDER BY borrower_id))::INTEGER AS borrower_number
            FROM read_parquet([{listed}], union_by_name=true) ORDER BY {order}
            """
        )
    draft.replace(file)


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
