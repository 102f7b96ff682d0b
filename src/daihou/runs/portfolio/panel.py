"""A panel: the snapshot rows of several dates, one under another, as a Polars frame; and what is asked of it everywhere."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from daihou.book.days import add_months, month_ends

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from daihou.policies.buckets import Buckets

LIVE: Final = ("current", "overdue")
OTHER_STATES: Final = ("not_started", "unmeasured", "closed", "transferred", "written_off")
BALANCE: Final = "principal_outstanding_base"
"""Balances are in minor units of the base currency; a loan whose currency has no rate counts among loans and in no balance."""

COLUMNS: Final[Mapping[str, Any]] = {
    "loan_id": pl.String, "borrower_id": pl.String, "org_id": pl.String, "officer_id": pl.String, "product": pl.String, "region": pl.String,
    "asset_class": pl.String, "partner_id": pl.String, "state": pl.String, "currency": pl.String, "dpd": pl.Int32,
    "unpaid_due_dates": pl.Int32, "principal_outstanding": pl.Int64, BALANCE: pl.Int64, "max_dpd_ever": pl.Int32,
    "extension_count": pl.Int32, "disbursed_on": pl.Date, "matures_on": pl.Date, "months_on_book": pl.Int32, "loan_amount": pl.Int64,
    "written_off_amount": pl.Int64, "recovered_after_write_off": pl.Int64, "prepaid_amount": pl.Int64, "first_due_on": pl.Date,
    "first_payment_max_dpd": pl.Int32,
}  # fmt: skip
"""What the functions of this package read of a snapshot, beside `as_of`."""

WEIGHTS: Final = (
    pl.lit(1, pl.Int64).alias("loans"),
    pl.col(BALANCE).is_null().cast(pl.Int64).alias("without_balance"),
)
"""What a row stands for: here one loan; in rows of a cube many."""

EVERYTHING: Final = pl.lit(value=True)
"""The condition that all rows meet."""

COUNTS: Final = (
    pl.col("loans").sum(),
    pl.col(BALANCE).sum().alias("balance"),
    pl.col("without_balance").sum(),
)
"""Loans, their balance, and how many of them have none: no rate to the base currency, or not measured."""


def scanned(path: Path, kinds: Mapping[str, Any], day: dt.date) -> pl.LazyFrame:
    """Columns of a file that a run wrote, with its date; those that came after it was written are empty."""
    rows = pl.scan_parquet(path)
    held = set(rows.collect_schema().names())
    return rows.select(
        *(pl.col(name).cast(kind) if name in held else pl.lit(None, kind).alias(name) for name, kind in kinds.items()),
        pl.lit(day, pl.Date).alias("as_of"),
    )


def standings(scheme: Buckets) -> list[str]:
    """All a loan can be on a date, in order: the buckets of the scheme while it is live, else its state."""
    return [*scheme.labels, *OTHER_STATES]


def standing(scheme: Buckets) -> pl.Expr:
    """What each loan is on its date, as an Enum in the order of `standings`.

    A live loan without the measure (cycles of a loan whose lender reports its days only) is unmeasured by this scheme.
    """
    found = pl.lit(scheme.labels[-1])
    for label, end in zip(reversed(scheme.labels[:-1]), reversed(scheme.ends), strict=True):
        found = pl.when(pl.col(scheme.measure) <= end).then(pl.lit(label)).otherwise(found)
    found = pl.when(pl.col(scheme.measure).is_null()).then(pl.lit("unmeasured")).otherwise(found)
    state = pl.col("state").cast(pl.String)
    return pl.when(state.is_in(LIVE)).then(found).otherwise(state).cast(pl.Enum(standings(scheme)))


def dates_of(panel: pl.LazyFrame) -> list[dt.date]:
    """The dates of a panel, in order."""
    return sorted(panel.select(pl.col("as_of").unique()).collect()["as_of"].to_list())


def month_before(day: dt.date, dates: Sequence[dt.date]) -> dt.date | None:
    """The last of some dates that lies in the month before a day's; None if there is none, so that a gap is never bridged."""
    month = add_months(day.replace(day=1), -1)
    return max((other for other in dates if (other.year, other.month) == (month.year, month.month)), default=None)


def last_of_months(dates: Iterable[dt.date]) -> list[dt.date]:
    """Of some dates the last one in each month, in order."""
    return sorted({(day.year, day.month): day for day in sorted(dates)}.values())


def whole_months(dates: Iterable[dt.date]) -> list[dt.date]:
    """The last date of each month, without the newest one while its month is not over: a step to it would be shorter than a month."""
    ends = last_of_months(dates)
    return ends[:-1] if ends and (ends[-1] + dt.timedelta(days=1)).day != 1 else ends


def missing_months(dates: Iterable[dt.date]) -> list[dt.date]:
    """The ends of the months between the first and the last of some dates in which there is none of them."""
    given = sorted(dates)
    months = {(day.year, day.month) for day in given}
    return [end for end in month_ends(given[0], given[-1]) if (end.year, end.month) not in months] if given else []
