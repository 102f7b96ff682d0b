"""Running a mapping's `select:` over one file in a locked DuckDB: no other file, no network, bounded memory."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from daihou.book.errors import DaihouError
from daihou.book.intake.readers import Broken, Chunk, Source, as_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MEMORY: Final = "700MB"
_ROWS: Final = 200_000


def selected(source: Source, select: str, folder: Path, place: str) -> Source:
    """Return the rows of a select over a source, as a source.

    The file is first laid down as Parquet of text columns, with `file_line`, so that the select may pass over it more
    than once. Lines that were no rows come through as broken, whatever the select says. DaihouError where the select
    is not one SELECT.
    """
    copy = folder / "file.parquet"
    broken = _lay_down(source, copy)
    connection = _locked(copy, folder)
    try:
        statements = connection.extract_statements(select)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            raise DaihouError(
                "`select:` must be one SELECT over `file`.",
                "Leave out anything else.",
                place,
                zh=("`select:` 只能是对 `file` 的一条 SELECT 语句。", "请去掉其他内容。"),
            )
        relation = connection.sql(select)
        names = tuple(relation.columns)
    except duckdb.Error as error:
        raise DaihouError(
            f"The select does not work: {str(error).strip()}",
            "Its columns are text; the table is `file`.",
            place,
            zh=(f"select 语句无法执行：{str(error).strip()}", "各列均为文本，表名为 `file`。"),
        ) from error
    return replace(source, names=names, total=0, chunks=lambda: _chunks(relation, connection, names, broken, place))


def _lay_down(source: Source, copy: Path) -> list[Broken]:
    names = [*source.names, "file_line"]
    schema = pa.schema([*(pa.field(name, pa.string()) for name in source.names), pa.field("file_line", pa.int64())])
    broken: list[Broken] = []
    with pq.ParquetWriter(copy, schema, compression="zstd", compression_level=1) as writer:
        for chunk in source.chunks():
            broken.extend(chunk.broken)
            cells = chunk.cells.with_columns(
                pl.lit(None, pl.String).alias(name) for name in source.names if name not in chunk.cells.columns
            )
            cells = cells.with_columns(pl.Series("file_line", chunk.lines)).select(names)
            writer.write_table(cells.to_arrow().cast(schema))
    return broken


def _locked(copy: Path, folder: Path) -> duckdb.DuckDBPyConnection:
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": _MEMORY,
        "temp_directory": str(folder / "spill"),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "python_enable_replacements": False,
    }
    connection = duckdb.connect(config=config)
    path = str(copy).replace("'", "''")
    connection.execute(f"CREATE VIEW file AS SELECT * FROM read_parquet('{path}')")
    connection.execute(f"SET allowed_paths = ['{path}']")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _chunks(
    relation: duckdb.DuckDBPyRelation,
    connection: duckdb.DuckDBPyConnection,
    names: tuple[str, ...],
    broken: list[Broken],
    place: str,
) -> Iterator[Chunk]:
    row = 1
    if broken:
        yield Chunk(pl.DataFrame(schema=dict.fromkeys(names, pl.String)), np.zeros(0, np.int64), tuple(broken))
    try:
        for batch in relation.to_arrow_reader(_ROWS):
            cells = pl.DataFrame([pl.Series(name, as_text(batch.column(at))) for at, name in enumerate(names)])
            lines = np.arange(row, row + batch.num_rows, dtype=np.int64)
            if "file_line" in names:
                lines = (
                    batch.column(names.index("file_line")).cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
                )
            yield Chunk(cells, lines)
            row += batch.num_rows
    except (duckdb.Error, pa.ArrowException) as error:
        raise DaihouError(
            f"The select fails on the file: {str(error).strip()}",
            "Use TRY_CAST where cells may be wrong.",
            place,
            zh=(f"select 语句在该文件上执行失败：{str(error).strip()}", "单元格可能有误的，请用 TRY_CAST。"),
        ) from error
    finally:
        connection.close()
