"""Rows of a run in bulk: an Arrow stream, Parquet or CSV, written while it is read; amounts as decimals in units of their currency."""

from __future__ import annotations

import io
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from daihou.book import money

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from daihou.monitoring.catalogue import Measure

ARROW: Final = "application/vnd.apache.arrow.stream"
PARQUET: Final = "application/vnd.apache.parquet"
CSV: Final = "text/csv"
JSON: Final = "application/json"
ENDINGS: Final = {ARROW: "arrows", PARQUET: "parquet", CSV: "csv"}
"""What a file of each kind is called after."""
DIGITS: Final = 24
"""Digits of an amount: those of an int64 and the decimals of any currency."""
ROW_GROUP: Final = 131_072


@dataclass(frozen=True, slots=True)
class Units:
    """Turns minor units into decimals: as many places in every row as the currency present that has most of them needs."""

    measures: Sequence[Measure]
    currencies: tuple[str, ...]
    base: str

    def batch(self, held: pa.RecordBatch) -> pa.RecordBatch:
        """Rows with their amounts as decimals."""
        columns = dict(zip(held.schema.names, held.columns, strict=True))
        places = self._places
        for measure in self.measures:
            if measure.unit == "amount":
                units = columns[measure.name]
                if len({money.exponent(code) for code in self.currencies}) > 1:
                    units = pc.multiply_checked(units, self._steps(columns["currency"], places))
                columns[measure.name] = _decimal(units, places)
            elif measure.unit == "base_amount":
                columns[measure.name] = _decimal(columns[measure.name], money.exponent(self.base))
        return pa.RecordBatch.from_pydict(columns)

    @property
    def _places(self) -> int:
        return max((money.exponent(code) for code in self.currencies), default=2)

    def _steps(self, currency: pa.Array, places: int) -> pa.Array:
        step = pa.array([1] * len(currency), pa.int64())
        for code in self.currencies:
            step = pc.if_else(pc.equal(currency, code), 10 ** (places - money.exponent(code)), step)
        return step


def _decimal(units: pa.Array, places: int) -> pa.Array:
    """Integers read as decimals with that many places."""
    whole = units.cast(pa.decimal128(19, 0))
    unit = pa.scalar(Decimal(1).scaleb(-places), pa.decimal128(5, places))
    return pc.multiply(whole, unit).cast(pa.decimal128(DIGITS, places))


class _Sink(io.RawIOBase):
    """Takes what a writer writes, until it is sent."""

    def __init__(self) -> None:
        super().__init__()
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        taken = memoryview(data).nbytes
        self._held += data
        return taken

    def sent(self) -> bytes:
        """What came since the last time."""
        found, self._held = bytes(self._held), bytearray()
        return found


def stream(kind: str, batches: Iterator[pa.RecordBatch], about: Mapping[str, str]) -> Iterator[bytes]:
    """Rows as a file of a kind, piece by piece; `about` stands in the schema of what has one. The first batch tells the columns."""
    sink, writer = _Sink(), None
    for batch in batches:
        if writer is None:
            writer = WRITERS[kind](sink, batch.schema.with_metadata(dict(about)))
        writer.write(batch)
        if piece := sink.sent():
            yield piece
    if writer is not None:
        writer.close()
    yield sink.sent()


class _Parquet:
    """Gathers batches into row groups of good size."""

    def __init__(self, sink: _Sink, schema: pa.Schema) -> None:
        self._file = pq.ParquetWriter(sink, schema, compression="zstd")
        self._schema, self._waiting, self._count = schema, list[pa.RecordBatch](), 0

    def write(self, batch: pa.RecordBatch) -> None:
        self._waiting.append(batch)
        self._count += len(batch)
        if self._count >= ROW_GROUP:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            self._file.write_table(pa.Table.from_batches([batch.cast(self._schema) for batch in self._waiting]))
            self._waiting, self._count = [], 0

    def close(self) -> None:
        self._flush()
        self._file.close()


class _Arrow:
    """An IPC stream, its buffers compressed by LZ4."""

    def __init__(self, sink: _Sink, schema: pa.Schema) -> None:
        self._schema = schema
        self._stream = pa.ipc.new_stream(sink, schema, options=pa.ipc.IpcWriteOptions(compression="lz4"))

    def write(self, batch: pa.RecordBatch) -> None:
        self._stream.write_batch(batch.cast(self._schema))

    def close(self) -> None:
        self._stream.close()


WRITERS: Final[dict[str, Callable[[_Sink, pa.Schema], Any]]] = {
    ARROW: _Arrow,
    PARQUET: _Parquet,
    CSV: lambda sink, schema: pacsv.CSVWriter(
        sink, schema.remove_metadata(), write_options=pacsv.WriteOptions(quoting_style="needed")
    ),
}
