"""Cohorts: loans that began something together and are followed by months since; what is counted of them, and which cells may stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from daihou.book.errors import DaihouError
from daihou.runs.portfolio.panel import last_of_months

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

COHORTS: Final = {"month": "1mo", "quarter": "1q", "year": "1y"}
EVER: Final = (30, 60, 90)
"""Days past due that each run's cube counts loans by that were ever so late."""
FIRST: Final = (7, 15, 30)
"""Days past due of the first payment that each run's cube counts."""


def checked(cohort: str) -> str:
    """A name of COHORTS; DaihouError if it is none."""
    if cohort not in COHORTS:
        raise DaihouError(
            f"Cohorts by {cohort} are unknown.",
            f"Cohorts are by: {', '.join(COHORTS)}.",
            zh=(f"不能按 {cohort} 分组。", f"可用分组：{'、'.join(COHORTS)}。"),
        )
    return cohort


def started() -> pl.Expr:
    """Whether a loan was paid out by its date: only then it is in a cohort."""
    return pl.col("months_on_book").is_not_null()


def month_of_disbursement() -> pl.Expr:
    """The first day of the month in which a loan was paid out."""
    return pl.col("disbursed_on").dt.truncate("1mo").alias("month")


def ever(days: Sequence[int]) -> list[pl.Expr]:
    """Loans ever at least so many days past due, or written off, and their amounts: `ever_30`, `ever_30_amount` …."""
    found = []
    for number in days:
        bad = (pl.col("max_dpd_ever").fill_null(0) >= number) | (pl.col("state").cast(pl.String) == "written_off")
        bad = bad.fill_null(value=False)
        found += [
            bad.cast(pl.Int64).alias(f"ever_{number}"),
            pl.when(bad).then("loan_amount").otherwise(0).alias(f"ever_{number}_amount"),
        ]
    return found


def first_payment(days: Sequence[int], as_of: pl.Expr) -> list[pl.Expr]:
    """Loans whose first due date is so many days past (`due_7` …), and those whose first payment was then ever so late (`fpd_7` …)."""
    since = (as_of - pl.col("first_due_on")).dt.total_days()
    found = []
    for number in days:
        due = (since >= number).fill_null(value=False)
        late = due & (pl.col("first_payment_max_dpd") >= number).fill_null(value=False)
        found += [due.cast(pl.Int64).alias(f"due_{number}"), late.cast(pl.Int64).alias(f"fpd_{number}")]
    return found


def paid_out(panel: pl.LazyFrame, counts: Sequence[pl.Expr], by: Sequence[str] = ()) -> pl.LazyFrame:
    """Of a panel the loans paid out, by date, month of disbursement, currency and `by`: loans, `amount` and the sums of counts."""
    key = ["as_of", "month", "currency", *(name for name in by if name != "currency")]
    names = [count.meta.output_name() for count in counts]
    rows = panel.filter(started()).select(
        "as_of", month_of_disbursement(), *key[2:], "loans", pl.col("loan_amount").alias("amount"), *counts
    )
    return rows.group_by(key).agg(pl.col("loans", "amount", *names).sum())


def cells(
    rows: pl.DataFrame, dates: Sequence[dt.date], cohort: str, by: Sequence[str] = (), sums: Sequence[str] = ()
) -> pl.DataFrame:
    """Cohorts by their age in months (the month of their beginning is 0), from rows by `as_of`, `month`, currency and `by`.

    Each age is read from the last date of its month alone, so nothing later enters and nothing is carried forward. A cell stands
    only where the cohort is complete and every loan of it was seen at that age, so a quarter ends with its youngest month. That is
    judged over all that `by` cuts it into, so that the parts always sum to the whole.
    """
    step = COHORTS[checked(cohort)]
    key, cut = ["cohort", "currency"], [name for name in by if name != "currency"]
    now, begun = pl.col("as_of"), pl.col("month")
    rows = rows.filter(now.is_in(last_of_months(dates))).with_columns(
        cohort=begun.dt.truncate(step),
        age=((now.dt.year() - begun.dt.year()) * 12 + now.dt.month() - begun.dt.month()).cast(pl.Int32),
    )
    of_month = rows.group_by(*key, "month", "as_of").agg(pl.col("loans").sum())
    size = of_month.group_by(*key, "month").agg(pl.col("loans").max()).group_by(key).agg(size=pl.col("loans").sum())
    seen = rows.group_by(*key, "age").agg(seen=pl.col("loans").sum())
    over = pl.col("cohort").dt.offset_by(step) <= pl.lit(max(dates, default=None), pl.Date).dt.offset_by("1d")
    standing = seen.join(size, on=key, nulls_equal=True).filter(over & (pl.col("seen") == pl.col("size")))
    found = rows.group_by(*key, *cut, "age").agg(pl.col("loans", *sums).sum())
    return (
        found.join(standing.select(*key, "age"), on=[*key, "age"], nulls_equal=True)
        .select(*key, *cut, "age", "loans", *sums)
        .sort(*key, *cut, "age")
    )


def share(part: str, whole: str, name: str) -> pl.Expr:
    """A part of a whole; empty where there is nothing to have a part of."""
    return pl.when(pl.col(whole) != 0).then(pl.col(part) / pl.col(whole)).alias(name)
