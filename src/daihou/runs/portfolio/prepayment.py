"""Prepayment 提前还款: what was paid ahead from one month end to the next, of what was live on the earlier one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from daihou.runs.portfolio.cohorts import share
from daihou.runs.portfolio.panel import LIVE, dates_of, month_before, whole_months

if TYPE_CHECKING:
    from collections.abc import Sequence

YEAR: Final = 12


def prepayment(panel: pl.LazyFrame, by: Sequence[str] = ()) -> pl.DataFrame:
    """By month end, currency and what `by` names on the month end before: of the loans then live, what was paid ahead since.

    Columns: `loans_before`; `prepaid_loans`, those of them now closed although they were to mature after the later date;
    `prepaid_rate` by loans; `balance_before`, their principal outstanding then, in minor units of their currency, so that no rate
    can be missing; `prepaid_balance`, the balance before of the prepaid loans and, of those still live, what `prepaid_amount` grew by;
    `smm` (single monthly mortality), prepaid balance over balance before; `cpr`, the same a year: 1 - (1 - smm)^12. Loans without a
    maturity, revolving lines, are left out of all. Empty where the month before was not run: a gap is never bridged; the running month has
    no row, since it would count as a whole one. Where a run of an earlier version does not say what was prepaid, the balance is empty.
    """
    ends = whole_months(dates_of(panel))
    before = {day: month_before(day, ends) for day in ends}
    key = ["as_of", "currency", *(name for name in by if name != "currency")]
    rows = panel.filter(pl.col("as_of").is_in(ends)).with_columns(pl.col("state").cast(pl.String))
    live = pl.col("state").is_in(LIVE)
    # Each row is dated by the month end after it, so that one join brings what became of the loan by then.
    after = {earlier: day for day, earlier in before.items() if earlier is not None}
    was = rows.filter(live & pl.col("matures_on").is_not_null()).select(
        "loan_id", *key[1:], "matures_on", "prepaid_amount",
        balance=pl.col("principal_outstanding"),
        as_of=pl.col("as_of").replace_strict(after, default=None, return_dtype=pl.Date),
    )  # fmt: skip
    now = rows.select("loan_id", "as_of", "state", prepaid_now="prepaid_amount")
    gone = (pl.col("state") == "closed") & (pl.col("matures_on") > pl.col("as_of"))
    grown = pl.when(pl.col("state").is_in(LIVE)).then(pl.col("prepaid_now") - pl.col("prepaid_amount"))
    unsaid = pl.col("state").is_in(LIVE) & grown.is_null()
    found = (
        was.filter(pl.col("as_of").is_not_null())
        .join(now, on=["loan_id", "as_of"], how="left")
        .group_by(key)
        .agg(
            pl.len().cast(pl.Int64).alias("loans_before"),
            gone.fill_null(value=False).sum().cast(pl.Int64).alias("prepaid_loans"),
            pl.col("balance").sum().alias("balance_before"),
            pl.when(~unsaid.any()).then(pl.when(gone).then("balance").otherwise(grown).sum()).alias("prepaid_balance"),
        )
        .collect()
    )
    alone = [day for day, earlier in before.items() if earlier is None]
    unknown = rows.filter(live & pl.col("matures_on").is_not_null() & pl.col("as_of").is_in(alone)).select(key).unique()
    found = pl.concat([found, unknown.collect()], how="diagonal").sort(key)
    smm = share("prepaid_balance", "balance_before", "smm")
    return (
        found.with_columns(share("prepaid_loans", "loans_before", "prepaid_rate"), smm)
        .with_columns(cpr=1 - (1 - pl.col("smm")) ** YEAR)
        .select(
            *key, "loans_before", "prepaid_loans", "prepaid_rate", "balance_before", "prepaid_balance", "smm", "cpr"
        )
    )
