"""Roll-ups that each run writes: every borrower's and facility's loans together, whatever org books them; every org's and product's."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from daihou.monitoring.rollups.family import BORROWER, FACILITY, ORG, PRODUCT
from daihou.runs import few

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from daihou.monitoring.catalogue import Family, Unit

FAMILIES: Final = {
    "borrower_snapshots": BORROWER, "facility_snapshots": FACILITY, "org_snapshots": ORG, "product_snapshots": PRODUCT,
}  # fmt: skip
"""By the table that a run writes."""

KINDS: Final[dict[Unit, pa.DataType]] = {
    "id": pa.string(), "code": pa.string(), "date": pa.date32(), "days": pa.int32(), "months": pa.int32(), "count": pa.int32(),
    "base_amount": pa.int64(), "share": pa.float64(), "rate": pa.decimal128(18, 8), "number": pa.float64(), "flag": pa.bool_(),
}  # fmt: skip
"""How a column of a unit lies in a table."""

SCHEMAS: Final = {
    name: pa.schema([(measure.name, KINDS[measure.unit]) for measure in family.measures])
    for name, family in FAMILIES.items()
}
PART: Final = 1_000_000
"""Loans that are rolled up at once."""
FEW: Final = ("org", "product")
"""Subjects with so many loans each that one unknown balance does not make the sum useless: it is left out and counted."""
NEEDED: Final = (
    "org_id", "state", "own_share", "principal_outstanding_base", "dpd", "max_dpd_12m", "max_dpd_ever", "disbursed_on", "months_on_book",
)  # fmt: skip
"""What is read of each loan, beside the key."""
WHOLE: Final = 100_000_000
"""A share of one, in the hundred-millionths in which own shares are kept."""


def rollup(snapshots: Sequence[Path], table: str, as_of: dt.date, known_on: dt.date) -> Iterator[pa.Table]:
    """One row a borrower (or facility) that has a loan in a snapshot, from the snapshot's files.

    In as many parts as there are millions of loans, each borrower whole in one of them: that bounds the memory.
    """
    family = FAMILIES[table]
    loans = pl.scan_parquet(list(snapshots))
    together = family.subject in FEW
    for part in [pl.lit(value=True)] if together else parts(snapshots, family.measures[0].name):
        yield rolled(loans.filter(part), family, as_of, known_on).to_arrow().cast(SCHEMAS[table])


def parts(snapshots: Sequence[Path], key: str) -> Iterator[pl.Expr]:
    """The parts in which a snapshot's loans are rolled up by a key, as conditions on that: everything of a key lies in one."""
    count = sum(pq.read_metadata(path).num_rows for path in snapshots) // PART + 1
    for part in range(count):
        yield pl.lit(value=True) if count == 1 else pl.col(key).cast(pl.String).hash(0) % count == part


def rolled(
    loans: pl.LazyFrame | pl.DataFrame,
    family: Family,
    as_of: dt.date,
    known_on: dt.date,
    names: Collection[str] | None = None,
) -> pl.DataFrame:
    """The columns of a roll-up from rows of a snapshot, in order of its key. Of an org or a product also what has none.

    With `names` only the key and those of its measures that are among them.
    """
    key = family.measures[0].name
    together = family.subject in FEW
    rows = loans.lazy().select(_columns(key))
    if not together:
        rows = rows.filter(pl.col(key).is_not_null())
    found = rows.group_by(key).agg(_sums() if together else _answers())
    found = found.with_columns(as_of=pl.lit(as_of), known_on=pl.lit(known_on))
    asked = [name for name in _names(family) if names is None or name == key or name in names]
    many = few.FEW + 1 if isinstance(loans, pl.LazyFrame) else loans.height
    found = found.with_columns(_shares(together=together)).sort(key).select(asked)
    return few.collected(found, many)


@cache
def _shares(*, together: bool) -> tuple[pl.Expr, ...]:
    over = [_share(f"over_{days}_share", f"exposure_over_{days}") for days in (30, 90)] if together else []
    return (_share("overdue_share", "exposure_overdue"), *over)


def _share(name: str, part: str) -> pl.Expr:
    return pl.when(pl.col("exposure") != 0).then(pl.col(part) / pl.col("exposure")).alias(name)


def _names(family: Family) -> list[str]:
    return [measure.name for measure in family.measures]


@cache
def _columns(key: str) -> tuple[pl.Expr, ...]:
    """What the roll-ups need of each loan; our own part of a balance is rounded half to even, loan by loan."""
    state, balance = pl.col("state").cast(pl.String), pl.col("principal_outstanding_base")
    share = pl.col("own_share").cast(pl.Decimal(18, 8)).to_physical().cast(pl.Int128)
    exact = balance.cast(pl.Int128) * share
    down, rest = exact // WHOLE, exact % WHOLE
    up = (2 * rest > WHOLE) | ((2 * rest == WHOLE) & (down % 2 == 1))
    columns = dict.fromkeys((key, "org_id"))
    own = pl.when(share == WHOLE).then(balance).otherwise((down + up.cast(pl.Int128)).cast(pl.Int64))
    return (
        pl.col(list(columns)).cast(pl.String), pl.col("dpd", "max_dpd_12m", "max_dpd_ever"), balance.alias("balance"), own.alias("own"),
        state.is_in(["current", "overdue"]).alias("live"), (state == "overdue").alias("overdue"),
        (state == "written_off").alias("written_off"), (state == "unmeasured").alias("unmeasured"),
        pl.when(pl.col("months_on_book").is_not_null()).then("disbursed_on").alias("disbursed_on"),
        (pl.col("months_on_book") == 0).fill_null(value=False).alias("new"),
    )  # fmt: skip


def _counts() -> list[pl.Expr]:
    return [
        pl.col("live").sum().cast(pl.Int32).alias("loans"),
        pl.col("overdue").sum().cast(pl.Int32).alias("loans_overdue"),
        pl.col("written_off").sum().cast(pl.Int32).alias("loans_written_off"),
        pl.col("unmeasured").sum().cast(pl.Int32).alias("loans_unmeasured"),
        _missing().sum().cast(pl.Int32).alias("without_balance"),
    ]


def _missing() -> pl.Expr:
    return (pl.col("live") & pl.col("balance").is_null()) | pl.col("unmeasured")


@cache
def _sums() -> tuple[pl.Expr, ...]:
    """What many loans come to: known balances only."""
    live, dpd = pl.col("live"), pl.col("dpd")
    return (
        *_counts(),
        pl.col("new").sum().cast(pl.Int32).alias("loans_new_1m"),
        *(
            pl.when(of).then(pl.col(amount)).sum().alias(name)
            for name, amount, of in (
                ("exposure", "balance", live),
                ("own_exposure", "own", live),
                ("exposure_overdue", "balance", pl.col("overdue")),
                ("exposure_over_30", "balance", live & (dpd > 30)),
                ("exposure_over_90", "balance", live & (dpd > 90)),
            )
        ),
    )


@cache
def _answers() -> tuple[pl.Expr, ...]:
    live, overdue, balance, missing = pl.col("live"), pl.col("overdue"), pl.col("balance"), _missing()

    def whole(amount: pl.Expr, of: pl.Expr) -> pl.Expr:
        """A sum, empty where a part is unknown: too small an exposure would pass for a good one."""
        return pl.when(~missing.any()).then((amount.fill_null(0) * of.cast(pl.Int64)).sum())

    return (
        *_counts(),
        pl.when(live).then("dpd").max().alias("worst_dpd"),
        pl.col("max_dpd_12m").max().alias("worst_dpd_12m"),
        pl.col("max_dpd_ever").max().alias("worst_dpd_ever"),
        whole(balance, live).alias("exposure"),
        whole(pl.col("own"), live).alias("own_exposure"),
        whole(balance, overdue).alias("exposure_overdue"),
        pl.col("disbursed_on").min().alias("first_disbursed_on"),
        pl.col("disbursed_on").max().alias("newest_disbursed_on"),
        pl.when(live).then("org_id").drop_nulls().n_unique().cast(pl.Int32).alias("orgs"),
    )
