"""One shard as kernels and readers hold it, and the one file it lies in.

The file is a row of Arrow IPC files, one a table, with an index of their places at its end. It is written once, mapped and never
changed: arrays are views of the page cache, and any Arrow reader can open a section.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl
import pyarrow as pa

from daihou.book.ledger import layout
from daihou.book.ledger.files import damaged

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from daihou.book.ledger.build import Built

MAGIC: Final = b"daihou1\n"
ALIGNMENT: Final = 64

IDS: Final = ("loan_id", "borrower_id", "payment_id", "change_id", "charge_id", "reverses")
FROM: Final = {"product": "product_code", "currency": "code"}
"""Where a record's field goes by another name than the built column."""
DATES: Final = {
    "payments": "paid_on",
    "changes": "effective_on",
    "charges": "from_on",
    "draws": "drawn_on",
    "bills": "bill_on",
    "standings": "as_of",
}


@dataclass(frozen=True, slots=True)
class Shard:
    """The facts of the loans of one shard, for kernels, and beside them the strings of each table, for people."""

    facts: layout.Facts
    strings: dict[str, pa.Table]
    products: tuple[str, ...]
    currencies: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many loans the shard holds."""
        return len(self.facts.loans)


def _records(table: str, frame: pl.DataFrame) -> np.ndarray[Any, Any]:
    """The rows of a table as records."""
    records = np.zeros(frame.height, layout.record(table))
    for field, _ in layout.FIELDS[table]:
        column = DATES[table] if field == "on" else FROM.get(field, field)
        records[field] = frame[column].to_numpy()
    return records


def _sections(built: Built) -> dict[str, pa.Table]:
    """What is written: a table's records as bytes of fixed size, then its strings and whatever kernels do not read."""
    sections = {"at": pa.table({name: built.offsets[name] for name in layout.TABLES})}
    for table in layout.FIELDS:
        frame = built.tables[table]
        records = _records(table, frame)
        size = records.dtype.itemsize
        packed = pa.FixedSizeBinaryArray.from_buffers(pa.binary(size), len(records), [None, pa.py_buffer(records)])
        texts = [name for name, kind in frame.schema.items() if kind == pl.String]
        sections[table] = pa.table({"record": packed, **{name: _strings(frame[name]) for name in texts}})
    return sections


def _strings(column: pl.Series) -> pa.Array:
    """Ids as they are; what repeats (products, orgs, kinds) by dictionary."""
    plain = column.to_arrow().cast(pa.string())
    return plain if column.name in IDS else plain.dictionary_encode()


def _view(column: pa.ChunkedArray, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    records = np.empty(0, dtype).view(np.recarray)
    if len(column):
        records = np.frombuffer(column.chunk(0).buffers()[1], dtype, len(column)).view(np.recarray)
    records.setflags(write=False)
    return records


def _assemble(sections: dict[str, pa.Table], products: tuple[str, ...], currencies: tuple[str, ...]) -> Shard:
    at = np.stack([sections["at"][name].to_numpy() for name in layout.TABLES])
    at.setflags(write=False)
    records = [_view(sections[table]["record"], layout.record(table)) for table in layout.FIELDS]
    strings = {table: sections[table].drop_columns(["record"]) for table in layout.FIELDS}
    return Shard(layout.Facts(at, *records), strings, products, currencies)


def from_built(built: Built) -> Shard:
    """Hold a shard in memory as it was built."""
    return _assemble(_sections(built), built.products, built.currencies)


def write(path: Path, built: Built) -> None:
    """Write a shard's file as a draft; `settle` puts it in its place."""
    draft = _draft(path)
    places: dict[str, tuple[int, int]] = {}
    with draft.open("wb") as file:
        file.write(MAGIC.ljust(ALIGNMENT, b"\0"))
        for name, table in _sections(built).items():
            start = file.tell()
            sink = pa.PythonFile(file, "w")
            with pa.ipc.new_file(sink, table.schema) as writer:
                writer.write_table(table)
            end = file.tell()
            places[name] = (start, end - start)
            file.write(b"\0" * (-end % ALIGNMENT))
        index = json.dumps({"places": places, "products": built.products, "currencies": built.currencies}).encode()
        file.write(index + struct.pack("<q", len(index)) + MAGIC)


def settle(path: Path) -> None:
    """Wait until the disk holds the draft of a shard's file, then give it its name."""
    draft = _draft(path)
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.replace(path)


def _draft(path: Path) -> Path:
    return path.with_suffix(".draft")


class Shards(Mapping[int, Shard]):
    """The shards of a ledger by number: their files are mapped at once, so that none can vanish, and read when first asked for."""

    def __init__(self, paths: Mapping[int, Path]) -> None:
        self._paths = dict(paths)
        self._maps = {number: pa.memory_map(str(path)) for number, path in paths.items()}
        self._read: dict[int, Shard] = {}

    def __getitem__(self, number: int) -> Shard:
        if number not in self._read:
            self._read[number] = read(self._maps[number], self._paths[number])
        return self._read[number]

    def __iter__(self) -> Iterator[int]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def read(source: pa.MemoryMappedFile, path: Path) -> Shard:
    """View a shard's mapped file; DaihouError where it is not whole."""
    whole = source.read_buffer()
    tail = len(MAGIC) + 8
    if whole.size < ALIGNMENT + tail or whole[whole.size - len(MAGIC) :].to_pybytes() != MAGIC:
        raise damaged(path)
    try:
        (length,) = struct.unpack("<q", whole[whole.size - tail : whole.size - len(MAGIC)].to_pybytes())
        index = json.loads(whole[whole.size - tail - length : whole.size - tail].to_pybytes())
        sections = {
            name: pa.ipc.open_file(pa.BufferReader(whole.slice(start, size))).read_all()
            for name, (start, size) in index["places"].items()
        }
        return _assemble(sections, tuple(index["products"]), tuple(index["currencies"]))
    except (ValueError, LookupError, TypeError, OSError, pa.ArrowException) as error:
        raise damaged(path) from error
