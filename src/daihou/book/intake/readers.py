"""Reading files of each format as chunks of text cells, each row with its line, in bounded memory."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import json
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from datetime import time as clock
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from daihou.book.intake.content import Content

Lines = np.ndarray[Any, np.dtype[np.int64]]

_BLOCK = 16 << 20
_ROWS = 200_000


@dataclass(frozen=True, slots=True)
class Broken:
    """A line that could not be read as a row."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows as text: `cells` holds one String column per source column, `lines` the line of each row."""

    cells: pl.DataFrame
    lines: Lines
    broken: tuple[Broken, ...] = ()
    done: int = 0
    """How much of the source's `total` had been read."""


@dataclass(frozen=True, slots=True)
class Source:
    """An open file: its column names, how much there is to read, and the chunks."""

    names: tuple[str, ...]
    total: int
    chunks: Callable[[], Iterator[Chunk]]
    spreadsheet: bool = False
    """Whether dates may come as day numbers of a spreadsheet."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is laid out where it cannot be seen: a mapping's `file:` part."""

    delimiter: str | None = None
    header_line: int = 1
    encoding: str | None = None
    sheet: str | None = None


def open_source(content: Content, layout: Layout) -> Source:
    """Return a file's source; DaihouError where it has no header or cannot be read at all."""
    opened = {"csv": _csv, "parquet": _parquet, "jsonl": _jsonl, "xlsx": _xlsx}[content.format](content, layout)
    twice = sorted({name for name in opened.names if opened.names.count(name) > 1})
    if twice:
        raise DaihouError(
            f"Column named twice: {', '.join(twice)}.",
            "Give each column its own name.",
            str(content.path),
            zh=(f"列名重复：{'、'.join(twice)}。", "请为每列取不同的名称。"),
        )
    return opened


class _Counted(io.RawIOBase):
    """A file opened for reading that knows how many bytes were taken, as UTF-8 whatever its encoding."""

    def __init__(self, content: Content) -> None:
        self._file: BinaryIO = content.path.open("rb")
        self.taken = 0
        clean = content.encoding == "utf-8" and not content.damaged
        self._decoder = None if clean else codecs.getincrementaldecoder(content.encoding)("replace")
        self._kept = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size)
        self.taken += len(block)
        if self._decoder is None:
            return block
        # Decoded text may outgrow what was asked for: the rest is kept for the next call.
        kept = self._kept + self._decoder.decode(block, not block).encode("utf-8")
        if size < 0:
            kept += self.read_rest()
            self._kept = b""
            return kept
        self._kept = kept[size:]
        return kept[:size]

    def read_rest(self) -> bytes:
        """Return everything still to be read."""
        rest = b""
        while block := self._file.read(_BLOCK):
            self.taken += len(block)
            rest += self._decoder.decode(block).encode("utf-8") if self._decoder else block
        return rest

    def close(self) -> None:
        self._file.close()
        super().close()


def _named(header: list[str]) -> tuple[str, ...]:
    return tuple(name.strip().lstrip("\ufeff") or f"column_{place}" for place, name in enumerate(header, 1))


def _csv(content: Content, layout: Layout) -> Source:
    encoding = "utf-8-sig" if content.encoding == "utf-8" else content.encoding
    with content.path.open(encoding=encoding, errors="replace", newline="") as file:
        opening = "".join(itertools.islice(file, layout.header_line - 1, layout.header_line + 20))
    if not opening.strip():
        raise DaihouError(
            "The file has no header.",
            "Put the column names in its first line.",
            str(content.path),
            zh=("文件没有表头。", "请在首行写明列名。"),
        )
    delimiter = layout.delimiter or _delimiter(opening.splitlines()[0])
    names = _named(next(csv.reader(io.StringIO(opening, newline=""), delimiter=delimiter)))
    return Source(names, content.size, lambda: _csv_chunks(content, layout.header_line, delimiter, names))


def _delimiter(header: str) -> str:
    return max(",\t;|", key=header.count)


@dataclass(slots=True)
class _Skipped:
    """Collects the lines that do not fit the header."""

    found: list[Broken] = field(default_factory=list)

    def __call__(self, row: Any) -> str:
        self.found.append(Broken(row.number, row.text, "wrong_cells"))
        return "skip"


def _csv_chunks(content: Content, header_line: int, delimiter: str, names: tuple[str, ...]) -> Iterator[Chunk]:
    skipped = _Skipped()
    file = _Counted(content)
    # One thread, or else pyarrow does not say which line was wrong; cells are only cut here, never converted.
    reading = pyarrow.csv.ReadOptions(use_threads=False, block_size=_BLOCK, column_names=names, skip_rows=header_line)
    parsing = pyarrow.csv.ParseOptions(
        delimiter=delimiter,
        newlines_in_values=content.quotes > 0,
        ignore_empty_lines=False,
        invalid_row_handler=skipped,
    )
    converting = pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False)
    next_line = header_line + 1
    try:
        with file, pyarrow.csv.open_csv(file, reading, parsing, converting) as reader:
            for batch in reader:
                broken = skipped.found
                lines = _lines(next_line, batch.num_rows, {one.line for one in broken})
                next_line = int(lines[-1]) + 1 if len(lines) else next_line
                now = tuple(one for one in broken if one.line < next_line)
                skipped.found = [one for one in broken if one.line >= next_line]
                yield Chunk(_frame(batch), lines, now, file.taken)
    except pa.ArrowInvalid as error:
        if "Empty CSV file" not in str(error):
            raise DaihouError(
                f"The file cannot be read: {error}",
                "Check its quotes and line ends.",
                str(content.path),
                zh=(f"文件无法读取：{error}", "请检查引号和换行。"),
            ) from error
    if skipped.found:
        yield Chunk(
            pl.DataFrame(schema=dict.fromkeys(names, pl.String)),
            np.zeros(0, np.int64),
            tuple(skipped.found),
            file.taken,
        )


def _lines(first: int, rows: int, broken: set[int]) -> Lines:
    """Return the lines of so many rows from a line on, stepping over broken ones."""
    lines = np.arange(first, first + rows + len(broken), dtype=np.int64)
    if broken:
        lines = lines[~np.isin(lines, list(broken))]
    return lines[:rows]


def _frame(batch: pa.RecordBatch) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(pa.Table.from_batches([batch])))


def _parquet(content: Content, layout: Layout) -> Source:  # noqa: ARG001 - every reader is called alike
    try:
        with pq.ParquetFile(content.path) as file:
            names, rows = tuple(file.schema_arrow.names), file.metadata.num_rows
    except (pa.ArrowInvalid, OSError) as error:
        raise DaihouError(
            f"The Parquet file is cut off or damaged: {error}",
            "Write it again.",
            str(content.path),
            zh=(f"Parquet 文件不完整或已损坏：{error}", "请重新导出。"),
        ) from error
    return Source(tuple(name.strip() for name in names), rows, lambda: _parquet_chunks(content, names))


def _parquet_chunks(content: Content, names: tuple[str, ...]) -> Iterator[Chunk]:
    line = 1
    try:
        with pq.ParquetFile(content.path) as file:
            for batch in file.iter_batches(_ROWS):
                cells = pl.DataFrame(
                    [pl.Series(name.strip(), as_text(batch.column(place))) for place, name in enumerate(names)]
                )
                yield Chunk(
                    cells, np.arange(line, line + batch.num_rows, dtype=np.int64), (), line + batch.num_rows - 1
                )
                line += batch.num_rows
    except (pa.ArrowInvalid, OSError) as error:
        raise DaihouError(
            f"The Parquet file is damaged near row {line}: {error}",
            "Write it again.",
            str(content.path),
            zh=(f"Parquet 文件在第 {line} 行附近损坏：{error}", "请重新导出。"),
        ) from error


def as_text(column: pa.Array) -> pa.Array:
    """Return a typed column as text: dates and times in ISO form, decimals exactly, floats in shortest form."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.dictionary_decode(), kind.value_type
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        column = column.cast(pa.timestamp("us", kind.tz), safe=False)
    if pa.types.is_nested(kind):
        return pa.array(
            [None if value is None else json.dumps(value, default=str) for value in column.to_pylist()], pa.string()
        )
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return pa.array(
            [None if value is None else value.decode("utf-8", "replace") for value in column.to_pylist()], pa.string()
        )
    return column.cast(pa.string())


def _jsonl(content: Content, layout: Layout) -> Source:  # noqa: ARG001 - every reader is called alike
    names: dict[str, None] = {}
    for chunk in _json_rows(content):
        for row in chunk.rows:
            names.update(dict.fromkeys(row))
        break  # later keys join as they come: a chunk has the columns it has
    if not names:
        raise DaihouError(
            "No line at the start of the file is a JSON object.",
            "Write one object a line.",
            str(content.path),
            zh=("文件开头没有任何一行是 JSON 对象。", "请每行写一个 JSON 对象。"),
        )
    return Source(tuple(names), content.size, lambda: _json_chunks(content))


@dataclass(frozen=True, slots=True)
class _Rows:
    rows: list[dict[str, Any]]
    lines: list[int]
    broken: list[Broken]
    done: int


def _json_rows(content: Content, size: int = 50_000) -> Iterator[_Rows]:
    encoding = "utf-8-sig" if content.encoding == "utf-8" else content.encoding
    line = done = 0
    with content.path.open(encoding=encoding, errors="replace") as file:
        while texts := list(itertools.islice(file, size)):
            found = _Rows([], [], [], done := done + sum(map(len, texts)))
            for text in texts:
                line += 1
                if not text.strip():
                    continue
                try:
                    row = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)  # never through a float
                except ValueError:
                    row = None
                if isinstance(row, dict):
                    found.rows.append(row)
                    found.lines.append(line)
                else:
                    found.broken.append(Broken(line, text.rstrip("\n"), "not_json"))
            yield found


def _json_chunks(content: Content) -> Iterator[Chunk]:
    for found in _json_rows(content):
        names = list(dict.fromkeys(name for row in found.rows for name in row))
        cells = pl.DataFrame(
            {name.strip(): [_plain(row.get(name)) for row in found.rows] for name in names},
            schema={name.strip(): pl.String for name in names},
        )
        yield Chunk(cells, np.asarray(found.lines, np.int64), tuple(found.broken), found.done)


def _plain(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)


def _xlsx(content: Content, layout: Layout) -> Source:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with CalamineWorkbook.from_path(str(content.path)) as book:
            name = layout.sheet or book.sheet_names[0]
            if name not in book.sheet_names:
                raise DaihouError(
                    f"There is no sheet '{name}'.",
                    f"Sheets are: {', '.join(book.sheet_names)}.",
                    str(content.path),
                    zh=(f"工作簿中没有工作表“{name}”。", f"现有工作表：{'、'.join(book.sheet_names)}。"),
                )
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (CalamineError, OSError) as error:
        raise DaihouError(
            f"The workbook cannot be read: {error}",
            "Save it again as .xlsx.",
            str(content.path),
            zh=(f"工作簿无法读取：{error}", "请重新另存为 .xlsx。"),
        ) from error
    if len(rows) < layout.header_line or not any(rows[layout.header_line - 1]):
        raise DaihouError(
            "The sheet has no header.",
            "Put the column names in its first row.",
            f"{content.path}, sheet {name}",
            zh=("工作表没有表头。", "请在首行写明列名。"),
        )
    names = _named([_cell(value) or "" for value in rows[layout.header_line - 1]])
    return Source(names, len(rows), lambda: _sheet_chunks(rows, layout.header_line, names), spreadsheet=True)


def _sheet_chunks(rows: list[list[Any]], header_line: int, names: tuple[str, ...]) -> Iterator[Chunk]:
    for first in range(header_line, len(rows), _ROWS):
        part = rows[first : first + _ROWS]
        columns = zip(*part, strict=True)
        cells = pl.DataFrame(
            [
                pl.Series(name, [_cell(value) for value in column], pl.String)
                for name, column in zip(names, columns, strict=False)
            ]
        )
        yield Chunk(cells, np.arange(first + 1, first + 1 + len(part), dtype=np.int64), (), first + len(part))


def _cell(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date | clock):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return None if value is None else str(value)
