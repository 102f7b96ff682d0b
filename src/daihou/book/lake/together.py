"""Putting the small files of a register together, so that reading it does not open one for every batch that ever was."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake.transaction import AddAction, RemoveAction

from daihou.book.lake.delta import KEPT, addition, delta, files
from daihou.book.lake.schema import schema

if TYPE_CHECKING:
    from daihou.book.home import Home

SMALL_ROWS: Final = 10_000
"""A file of fewer rows costs more to open than to read."""
MANY: Final = 200
"""So many small files are put together: they take about a tenth of a second to open."""


def put_together(home: Home, table: str, many: int = MANY) -> int:
    """Put the small files of a register together in one commit, where there are many; returns how many there were.

    Call it under the intake lock, and for registers alone: a ledger names the files of facts that it was built from. The old files stay for older versions.
    """
    found = delta(home, table)
    if found is None:
        return 0
    small = [path for path in files(home, table) if pq.read_metadata(path).num_rows < SMALL_ROWS]
    if len(small) < many:
        return 0
    rows = pa.concat_tables([pq.read_table(path).cast(schema(table)) for path in small])
    target = home.lake / table / f"v{found.version() + 1:07d}-{os.urandom(6).hex()}.parquet"
    pq.write_table(rows.sort_by("batch"), target, compression="zstd")
    actions: list[AddAction | RemoveAction] = [
        RemoveAction(path.name, data_change=False, deletion_timestamp=0, size=path.stat().st_size) for path in small
    ]
    actions.append(addition(target, data_change=False))
    found.create_write_transaction(actions, "append", schema(table), post_commithook_properties=KEPT)
    return len(small)
