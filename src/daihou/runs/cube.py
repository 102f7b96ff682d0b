"""The cube that each run writes beside its snapshot: sums by all that people cut a book by, so that overviews need not read loans."""

from __future__ import annotations

from typing import Final

import polars as pl
import pyarrow as pa

DIMENSIONS: Final = ("org_id", "product", "region", "asset_class", "currency", "state", "bucket")
CYCLES: Final = 7
"""Unpaid due dates are counted up to here; what has more is among these."""
SUMS: Final = (
    "principal_outstanding", "principal_outstanding_base", "overdue_amount", "overdue_principal", "overdue_principal_reg", "total_claim",
    "written_off_amount", "recovered_after_write_off",
)  # fmt: skip

SCHEMA: Final = pa.schema(
    [
        ("as_of", pa.date32()), ("known_on", pa.date32()), *((name, pa.string()) for name in DIMENSIONS), ("cycles", pa.int32()),
        ("loans", pa.int64()), ("without_rate", pa.int64()), ("without_balance", pa.int64()), *((name, pa.int64()) for name in SUMS),
    ]
)  # fmt: skip
"""Sums in minor units of `currency`, but `principal_outstanding_base` in the base currency's; `without_rate` counts the loans whose
balance could not be converted and is in no base sum, `without_balance` these and those whose balance is not known at all."""


def cube(rows: pl.LazyFrame) -> pl.LazyFrame:
    """The cube of one snapshot, from its rows."""
    unknown = pl.col("principal_outstanding_base").is_null()
    missing = pl.col("principal_outstanding").is_not_null() & unknown
    cycles = pl.col("unpaid_due_dates").clip(upper_bound=CYCLES).alias("cycles")
    return (
        rows.select(*DIMENSIONS, cycles, *SUMS)
        .group_by(*DIMENSIONS, "cycles")
        .agg(
            pl.len().cast(pl.Int64).alias("loans"),
            missing.sum().cast(pl.Int64).alias("without_rate"),
            unknown.sum().cast(pl.Int64).alias("without_balance"),
            *(pl.col(name).sum() for name in SUMS),
        )
        .with_columns(pl.col(DIMENSIONS).cast(pl.String))
        .sort(*DIMENSIONS, "cycles")
    )
