"""Roll-ups that each run writes: every borrower's and every facility's loans together, whatever org books them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from daihou.monitoring.rollups.family import BORROWER, FACILITY

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from daihou.monitoring.catalogue import Family, Unit

FAMILIES: Final = {"borrower_snapshots": BORROWER, "facility_snapshots": FACILITY}
"""By the table that a run writes."""

KINDS: Final[dict[Unit, pa.DataType]] = {
    "id": pa.string(), "date": pa.date32(), "days": pa.int32(), "count": pa.int32(), "base_amount": pa.int64(), "share": pa.float64(),
}  # fmt: skip

SCHEMAS: Final = {
    name: pa.schema([(measure.name, KINDS[measure.unit]) for measure in family.measures])
    for name, family in FAMILIES.items()
}
PART: Final = 1_000_000
"""Loans that are rolled up at once."""
WHOLE: Final = 100_000_000
"""A share of one, in the hundred-millionths in which own shares are kept."""


def rollup(snapshots: Sequence[Path], table: str, as_of: dt.date, known_on: dt.date) -> Iterator[pa.Table]:
    """One row a borrower (or facility) that has a loan in a snapshot, from the snapshot's files.

    In as many parts as there are millions of loans, each borrower whole in one of them: that bounds the memory.
    """
    family = FAMILIES[table]
    key = family.measures[0].name
    rows = _rows(pl.scan_parquet(list(snapshots)), key).filter(pl.col(key).is_not_null())
    parts = sum(pq.read_metadata(path).num_rows for path in snapshots) // PART + 1
    share = pl.when(pl.col("exposure") != 0).then(pl.col("exposure_overdue") / pl.col("exposure"))
    for part in range(parts):
        of_part = rows if parts == 1 else rows.filter(pl.col(key).hash(0) % parts == part)
        found = of_part.group_by(key).agg(_answers()).with_columns(as_of=pl.lit(as_of), known_on=pl.lit(known_on))
        result: pa.Table = (
            found.with_columns(overdue_share=share)
            .sort(key)
            .select(_names(family))
            .collect(engine="streaming")
            .to_arrow()
        )
        yield result.cast(SCHEMAS[table])


def _names(family: Family) -> list[str]:
    return [measure.name for measure in family.measures]


def _rows(snapshot: pl.LazyFrame, key: str) -> pl.LazyFrame:
    """What the roll-ups need of each loan; our own part of a balance is rounded half to even, loan by loan."""
    state, balance = pl.col("state").cast(pl.String), pl.col("principal_outstanding_base")
    share = pl.col("own_share").cast(pl.Decimal(18, 8)).to_physical().cast(pl.Int128)
    exact = balance.cast(pl.Int128) * share
    down, rest = exact // WHOLE, exact % WHOLE
    up = (2 * rest > WHOLE) | ((2 * rest == WHOLE) & (down % 2 == 1))
    return snapshot.select(
        pl.col(key).cast(pl.String), "dpd", "max_dpd_12m", "max_dpd_ever", pl.col("org_id").cast(pl.String),
        balance=balance,
        own=pl.when(share == WHOLE).then(balance).otherwise((down + up.cast(pl.Int128)).cast(pl.Int64)),
        live=state.is_in(["current", "overdue"]), overdue=state == "overdue",
        written_off=state == "written_off", unmeasured=state == "unmeasured",
        disbursed_on=pl.when(pl.col("months_on_book").is_not_null()).then("disbursed_on"),
    )  # fmt: skip


def _answers() -> list[pl.Expr]:
    live, overdue, balance = pl.col("live"), pl.col("overdue"), pl.col("balance")
    missing = (live & balance.is_null()) | pl.col("unmeasured")

    def whole(amount: pl.Expr, of: pl.Expr) -> pl.Expr:
        """A sum, empty where a part is unknown: too small an exposure would pass for a good one."""
        return pl.when(~missing.any()).then((amount.fill_null(0) * of.cast(pl.Int64)).sum())

    return [
        live.sum().cast(pl.Int32).alias("loans"),
        overdue.sum().cast(pl.Int32).alias("loans_overdue"),
        pl.col("written_off").sum().cast(pl.Int32).alias("loans_written_off"),
        pl.col("unmeasured").sum().cast(pl.Int32).alias("loans_unmeasured"),
        pl.when(live).then("dpd").max().alias("worst_dpd"),
        pl.col("max_dpd_12m").max().alias("worst_dpd_12m"),
        pl.col("max_dpd_ever").max().alias("worst_dpd_ever"),
        whole(balance, live).alias("exposure"),
        whole(pl.col("own"), live).alias("own_exposure"),
        whole(balance, overdue).alias("exposure_overdue"),
        missing.sum().cast(pl.Int32).alias("without_balance"),
        pl.col("disbursed_on").min().alias("first_disbursed_on"),
        pl.col("disbursed_on").max().alias("newest_disbursed_on"),
        pl.when(live).then("org_id").drop_nulls().n_unique().cast(pl.Int32).alias("orgs"),
    ]
