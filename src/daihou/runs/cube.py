"""The cube that each run writes beside its snapshot: sums by all that people cut a book by, so that overviews need not read loans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl
import pyarrow as pa

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from pathlib import Path

DIMENSIONS: Final = ("org_id", "product", "region", "asset_class", "currency", "state", "bucket")
SUMS: Final = (
    "principal_outstanding", "principal_outstanding_base", "overdue_amount", "overdue_principal", "overdue_principal_reg", "total_claim",
    "written_off_amount", "recovered_after_write_off",
)  # fmt: skip

SCHEMA: Final = pa.schema(
    [
        ("as_of", pa.date32()), ("known_on", pa.date32()), *((name, pa.string()) for name in DIMENSIONS), ("loans", pa.int64()),
        ("without_rate", pa.int64()), *((name, pa.int64()) for name in SUMS),
    ]
)  # fmt: skip
"""Sums in minor units of `currency`, but `principal_outstanding_base` in the base currency's; `without_rate` counts the loans whose
balance could not be converted and is in no base sum."""


def cube(snapshots: Sequence[Path], as_of: dt.date, known_on: dt.date) -> pa.Table:
    """The cube of one snapshot, from its files."""
    rows = pl.scan_parquet(list(snapshots)).select(*(pl.col(name).cast(pl.String) for name in DIMENSIONS), *SUMS)
    missing = pl.col("principal_outstanding").is_not_null() & pl.col("principal_outstanding_base").is_null()
    sums = rows.group_by(DIMENSIONS).agg(
        pl.len().cast(pl.Int64).alias("loans"), missing.sum().cast(pl.Int64).alias("without_rate"), *(pl.col(name).sum() for name in SUMS)
    )  # fmt: skip
    dated = sums.sort(DIMENSIONS).with_columns(as_of=pl.lit(as_of), known_on=pl.lit(known_on))
    table: pa.Table = dated.select(SCHEMA.names).collect(engine="streaming").to_arrow()
    return table.cast(SCHEMA)
