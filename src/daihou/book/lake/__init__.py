"""The lake: facts at rest, one append-only Delta table per contract table, and the registers of intake."""

from daihou.book.lake.delta import (
    append,
    commit_files,
    delta,
    files,
    files_as_of,
    last_batch,
    read,
    transaction,
    version,
    versions,
)
from daihou.book.lake.schema import REGISTERS, SYSTEM, schema

__all__ = [
    "REGISTERS",
    "SYSTEM",
    "append",
    "commit_files",
    "delta",
    "files",
    "files_as_of",
    "last_batch",
    "read",
    "schema",
    "transaction",
    "version",
    "versions",
]
