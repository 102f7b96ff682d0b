"""First-payment default 首期逾期: of the loans paid out together, how many did not pay their first instalment for so many days."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from daihou.runs.portfolio.cohorts import COHORTS, FIRST, checked, first_payment, paid_out, share
from daihou.runs.portfolio.panel import dates_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence


def first_payments(
    panel: pl.LazyFrame,
    days: Sequence[int] = FIRST,
    cohort: str = "month",
    by: Sequence[str] = (),
    run: Sequence[dt.date] | None = None,
) -> pl.DataFrame:
    """First-payment default by cohort of disbursement and what `by` names, as the last date of the panel shows each loan.

    Columns: cohort (its first day), `loans` paid out; and for each number N of days `due_N`, the loans whose first due date is at least
    N days past, so that the answer is known; `fpd_N`, those of them whose first payment stood uncovered for N days or more; and
    `fpd_N_rate`, empty where nothing was due. Loans of no plan (`first_due_on` empty) are in no `due_N`. All currencies together.
    """
    dates = dates_of(panel) if run is None else run
    last = panel.filter(pl.col("as_of") == pl.lit(max(dates, default=None), pl.Date))
    return rates(paid_out(last, first_payment(days, pl.col("as_of")), by).collect(), days, cohort, by)


def rates(
    rows: pl.DataFrame, days: Sequence[int] = FIRST, cohort: str = "month", by: Sequence[str] = ()
) -> pl.DataFrame:
    """The same from the loans of one date already counted by month of disbursement, as a run's `cohort_cube` has them."""
    names = [f"{kind}_{number}" for number in days for kind in ("due", "fpd")]
    found = (
        rows.group_by(pl.col("month").dt.truncate(COHORTS[checked(cohort)]).alias("cohort"), *by)
        .agg(pl.col("loans", *names).sum())
        .sort("cohort", *by)
    )
    found = found.with_columns(share(f"fpd_{number}", f"due_{number}", f"fpd_{number}_rate") for number in days)
    ordered = [
        f"{kind}_{number}{rate}" for number in days for kind, rate in (("due", ""), ("fpd", ""), ("fpd", "_rate"))
    ]
    return found.select("cohort", *by, "loans", *ordered)
