"""The cohort cube that each run writes: the loans paid out in each month, how many were ever late, and how many from the first payment on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl
import pyarrow as pa

from daihou.runs.portfolio.cohorts import EVER, FIRST, ever, first_payment, month_of_disbursement, started

if TYPE_CHECKING:
    import datetime as dt

DIMENSIONS: Final = ("org_id", "product", "region", "asset_class", "partner_id", "currency")
AMOUNTS: Final = ("amount", *(f"ever_{days}_amount" for days in EVER))
COUNTS: Final = (
    "loans", *(f"ever_{days}" for days in EVER), *(f"{kind}_{days}" for days in FIRST for kind in ("due", "fpd")),
)  # fmt: skip

SCHEMA: Final = pa.schema(
    [
        ("as_of", pa.date32()), ("known_on", pa.date32()), ("month", pa.date32()), *((name, pa.string()) for name in DIMENSIONS),
        *((name, pa.int64()) for name in (*COUNTS, *AMOUNTS)),
    ]
)  # fmt: skip
"""`month` is the first day of the month of disbursement; loans not paid out yet are in none. `amount` is what was paid out, in minor
units of `currency`; what is counted else: see `daihou.runs.portfolio.cohorts`."""


def cohort_cube(rows: pl.LazyFrame, as_of: dt.date) -> pl.LazyFrame:
    """The cohort cube of one snapshot, from its rows."""
    counts = [*ever(EVER), *first_payment(FIRST, pl.lit(as_of, pl.Date))]
    return (
        rows.filter(started())
        .select(month_of_disbursement(), *DIMENSIONS, pl.col("loan_amount").alias("amount"), *counts)
        .group_by("month", *DIMENSIONS)
        .agg(pl.len().cast(pl.Int64).alias("loans"), pl.col(AMOUNTS + COUNTS[1:]).sum())
        .with_columns(pl.col(DIMENSIONS).cast(pl.String))
        .sort("month", *DIMENSIONS)
    )
