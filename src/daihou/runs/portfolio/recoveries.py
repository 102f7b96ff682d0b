"""Recoveries 核销后回收: of the loans written off together, how much of it came back by each month since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from daihou.runs.portfolio.cohorts import COHORTS, cells, checked, share
from daihou.runs.portfolio.panel import dates_of, last_of_months, month_before

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

SUMS: Final = {"written_off_amount": "written_off", "recovered_after_write_off": "recovered"}


def recoveries(panel: pl.LazyFrame, cohort: str = "month") -> pl.DataFrame:
    """Recovered so far of each cohort by months since the write-off (its month is 0), in minor units of the currency.

    A loan's cohort is the month in which a month end first shows it written off and the month end before did not: what was written off
    on the first date already, or in a month before which there is a gap, is in no cohort, and a cohort with such a month is left out.
    Columns: cohort (its first day), currency, months_since_write_off, `loans`, `written_off`, `recovered`, `recovered_share`. Each age
    is read from the snapshot of that age. Which cells stand: see `daihou.runs.portfolio.cohorts.cells`.
    """
    dates = dates_of(panel)
    ends = last_of_months(dates)
    before = {day: month_before(day, ends) for day in ends}
    rows = panel.filter(pl.col("as_of").is_in(ends)).with_columns(pl.col("state").cast(pl.String))
    first = rows.filter(pl.col("state") == "written_off").group_by("loan_id").agg(written_off_on=pl.col("as_of").min())
    seen = rows.select("loan_id", before="as_of")
    begun = (
        first.with_columns(before=pl.col("written_off_on").replace_strict(before, return_dtype=pl.Date))
        .join(seen, on=["loan_id", "before"])
        .select("loan_id", "written_off_on", month=pl.col("written_off_on").dt.truncate("1mo"))
    )
    sums = (
        rows.join(begun, on="loan_id")
        .filter(pl.col("as_of") >= pl.col("written_off_on"))
        .group_by("as_of", "month", pl.col("currency").cast(pl.String))
        .agg(pl.len().cast(pl.Int64).alias("loans"), *(pl.col(name).sum() for name in SUMS))
        .collect()
    )
    found = cells(sums, dates, cohort, sums=list(SUMS)).rename({**SUMS, "age": "months_since_write_off"})
    seen_whole = pl.col("cohort").is_in(_whole(before, cohort))
    return found.filter(seen_whole).with_columns(share("recovered", "written_off", "recovered_share"))


def _whole(before: dict[dt.date, dt.date | None], cohort: str) -> Sequence[dt.date]:
    """The cohorts of which every month was run, and the month before it too."""
    months = [day.replace(day=1) for day, earlier in before.items() if earlier is not None]
    of = pl.DataFrame({"month": months}, schema={"month": pl.Date}).with_columns(
        cohort=pl.col("month").dt.truncate(COHORTS[checked(cohort)])
    )
    length = {"month": 1, "quarter": 3, "year": 12}[cohort]
    found = of.group_by("cohort").len().filter(pl.col("len") == length)
    return found["cohort"].to_list()
