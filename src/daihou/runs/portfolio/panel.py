"""A panel: the snapshot rows of several dates, one under another, as a Polars frame; and what is asked of it everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from daihou.book.days import month_ends

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from daihou.policies.buckets import Buckets

LIVE: Final = ("current", "overdue")
OTHER_STATES: Final = ("not_started", "unmeasured", "closed", "transferred", "written_off")
BALANCE: Final = "principal_outstanding_base"
"""Balances are in minor units of the base currency; a loan whose currency has no rate counts among loans and in no balance."""

COLUMNS: Final = (
    "loan_id", "borrower_id", "org_id", "product", "region", "asset_class", "as_of", "state", "currency", "dpd", "unpaid_due_dates", BALANCE, "max_dpd_ever",
    "extension_count", "disbursed_on", "months_on_book", "loan_amount",
)  # fmt: skip
"""What the functions of this package read."""

COUNTS: Final = (
    pl.len().cast(pl.Int64).alias("loans"),
    pl.col(BALANCE).sum().alias("balance"),
    pl.col(BALANCE).null_count().cast(pl.Int64).alias("without_balance"),
)
"""Loans, their balance, and how many of them have none: no rate to the base currency, or not measured."""


def standings(scheme: Buckets) -> list[str]:
    """All a loan can be on a date, in order: the buckets of the scheme while it is live, else its state."""
    return [*scheme.labels, *OTHER_STATES]


def standing(scheme: Buckets) -> pl.Expr:
    """What each loan is on its date, as an Enum in the order of `standings`."""
    found = pl.lit(scheme.labels[-1])
    for label, end in zip(reversed(scheme.labels[:-1]), reversed(scheme.ends), strict=True):
        found = pl.when(pl.col(scheme.measure) <= end).then(pl.lit(label)).otherwise(found)
    state = pl.col("state").cast(pl.String)
    return pl.when(state.is_in(LIVE)).then(found).otherwise(state).cast(pl.Enum(standings(scheme)))


def missing_months(dates: Iterable[dt.date]) -> list[dt.date]:
    """The month ends between the first and the last of some dates that are not among them."""
    given = sorted(dates)
    return [end for end in month_ends(given[0], given[-1]) if end not in given] if given else []
