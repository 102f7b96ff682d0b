"""A payments file as a lender would send it, and a home that knows its loans and waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as pq

from bench.books import make_book
from daihou.book import lake
from daihou.book.home import Home

if TYPE_CHECKING:
    from pathlib import Path

SENT: Final = ("payment_id", "loan_id", "paid_on", "amount", "purpose", "payer_kind", "reverses", "channel", "known_on")
BYTES_A_LOAN: Final = 16.2 * 84
"""About how large the payments of a loan are as text."""


def make_payments_file(home: Home, gigabytes: float, seed: int) -> tuple[Path, int]:
    """Fill an empty home with loans and plans; return a CSV of their payments of about that size, and its rows."""
    loans = max(int(gigabytes * 1e9 / BYTES_A_LOAN), 100)
    full = Home(home.path / "full", home.settings)
    make_book(full, loans, seed)
    make_book(home, loans, seed, without=("payments", "instalments"))
    path = home.path / "payments.csv"
    schema = pa.schema([lake.schema("payments").field(name) for name in SENT])
    rows = 0
    with csv.CSVWriter(path, _as_text(schema), write_options=csv.WriteOptions(quoting_style="none")) as writer:
        for source in lake.files(full, "payments"):
            with pq.ParquetFile(source) as parquet:
                for batch in parquet.iter_batches(columns=list(SENT)):
                    writer.write_batch(batch.select(SENT).cast(_as_text(schema)))
                    rows += len(batch)
            source.unlink()
    return path, rows


def _as_text(schema: pa.Schema) -> pa.Schema:
    """Return the same columns with amounts to the cent, as core systems write them."""
    return pa.schema(
        [pa.field(f.name, pa.decimal128(16, 2) if pa.types.is_decimal(f.type) else f.type) for f in schema]
    )
