"""Vintages: of the loans paid out together, how many were ever so many days past due by each month on book."""

from __future__ import annotations

from typing import Final

import polars as pl

COHORTS: Final = {"month": "1mo", "quarter": "1q", "year": "1y"}


def vintages(panel: pl.LazyFrame, days: int, cohort: str = "month") -> pl.DataFrame:
    """Cumulative share of each cohort ever at least `days` past due, or written off, by months on book (the month of disbursement is 0).

    Columns: cohort (its first day), currency, months_on_book, `loans` paid out and their `amount` (minor units), `bad` and
    `bad_amount`, the shares `bad_share` and `bad_amount_share`. Each age is judged by the
    snapshot of that age alone, so nothing later enters and nothing is carried forward. A cell stands only where the
    cohort is complete and every loan of it was seen at that age, so a quarter ends with its youngest month. Loans that left stay in the denominator.
    """
    key = ["cohort", "currency"]
    begun = pl.col("disbursed_on").dt.truncate(COHORTS[cohort])
    bad = (pl.col("max_dpd_ever").fill_null(0) >= days) | (pl.col("state").cast(pl.String) == "written_off")
    seen = panel.filter(pl.col("months_on_book").is_not_null()).with_columns(
        pl.col("currency").cast(pl.String), cohort=begun, bad=bad
    )
    last = pl.col("as_of") == pl.col("as_of").max().over(
        "loan_id", "months_on_book"
    )  # several dates in one month: its last
    cells = (
        seen.filter(last)
        .group_by(*key, "months_on_book")
        .agg(
            pl.len().cast(pl.Int64).alias("loans"),
            pl.col("loan_amount").sum().alias("amount"),
            pl.col("bad").sum().cast(pl.Int64),
            pl.col("loan_amount").filter("bad").sum().alias("bad_amount"),
        )
    )
    sizes = seen.group_by(key).agg(pl.col("loan_id").n_unique().cast(pl.Int64).alias("size"))
    over = pl.col("cohort").dt.offset_by(COHORTS[cohort]) <= pl.col("last").dt.offset_by("1d")
    whole = cells.join(sizes, on=key).join(seen.select(last=pl.col("as_of").max()), how="cross")
    whole = whole.filter(over & (pl.col("loans") == pl.col("size"))).drop("size", "last")
    return (
        whole.with_columns(
            bad_share=pl.col("bad") / pl.col("loans"),
            bad_amount_share=pl.when(pl.col("amount") != 0).then(pl.col("bad_amount") / pl.col("amount")),
        )
        .collect()
        .sort(*key, "months_on_book")
    )
