"""The lake: facts at rest, one append-only Delta table per contract table, and the registers of intake."""

from daihou.book.lake.delta import (
    LOG,
    append,
    commit_files,
    delta,
    files,
    files_as_of,
    last_batch,
    read,
    stamp,
    transaction,
    version,
    versions,
)
from daihou.book.lake.schema import REGISTERS, SYSTEM, in_schema, schema
from daihou.book.lake.together import put_together

__all__ = [
    "LOG",
    "REGISTERS",
    "SYSTEM",
    "append",
    "commit_files",
    "delta",
    "files",
    "files_as_of",
    "in_schema",
    "last_batch",
    "put_together",
    "read",
    "schema",
    "stamp",
    "transaction",
    "version",
    "versions",
]
