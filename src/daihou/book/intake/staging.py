"""Laying checked rows down as Parquet files, ready to become part of the lake in one commit."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GROUP_ROWS: Final = 500_000
FILE_BYTES: Final = 256 << 20


class Staging:
    """A writer of Parquet files of one table: row groups of half a million rows, files of about 256 MB."""

    def __init__(self, folder: Path, name: str, schema: pa.Schema) -> None:
        self.paths: list[Path] = []
        self.rows = 0
        self._folder, self._name, self._schema = folder, name, schema
        self._kept: list[pa.Table] = []
        self._kept_rows = 0
        self._writer: pq.ParquetWriter | None = None
        self._sink: pa.NativeFile | None = None

    def add(self, rows: pa.Table) -> None:
        """Take rows; they are written once a row group is full."""
        if not rows.num_rows:
            return
        self._kept.append(rows)
        self._kept_rows += rows.num_rows
        self.rows += rows.num_rows
        if self._kept_rows >= GROUP_ROWS:
            self._write()

    def so_far(self) -> Iterator[pa.Table]:
        """Yield the rows taken so far, written out first."""
        if self._kept_rows:
            self._write()
        self._finish()
        for path in self.paths:
            yield pq.read_table(path)

    def close(self) -> list[Path]:
        """Write what is left and return the files, safe on disk."""
        if self._kept_rows:
            self._write()
        self._finish()
        for path in self.paths:
            _sync(path)
        return self.paths

    def _write(self) -> None:
        if self._writer is None:
            path = self._folder / f"{self._name}-{len(self.paths):03d}.parquet"
            self.paths.append(path)
            self._sink = pa.OSFile(str(path), "wb")
            self._writer = pq.ParquetWriter(self._sink, self._schema, compression="zstd", compression_level=1)
        self._writer.write_table(pa.concat_tables(self._kept), row_group_size=GROUP_ROWS)
        self._kept, self._kept_rows = [], 0
        if self._sink is not None and self._sink.tell() >= FILE_BYTES:
            self._finish()

    def _finish(self) -> None:
        if self._writer is not None:
            self._writer.close()
        if self._sink is not None:
            self._sink.close()
        self._writer = self._sink = None


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
