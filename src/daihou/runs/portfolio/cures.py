"""Cures: of the loans in arrears on a date, how many were current some months later, and how many of those fell back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from daihou.book.days import add_months
from daihou.runs.portfolio.panel import LIVE

if TYPE_CHECKING:
    import datetime as dt


def cures(panel: pl.LazyFrame, days: int, months: int) -> pl.DataFrame:
    """Cure and re-default by date: loans at least `days` past due, those cured `months` later, those of them back `months` after that.

    Cured: live without arrears, or closed, and not by an extension in between; sold or written off is no cure, nor is recovery.
    Columns: as_of, `late`, `cured`, `cure_rate`; `relapsed` and `relapse_rate`, of the cured that are at least `days` past due again.
    Empty where the month end that decides was not run.
    """
    state = pl.col("state").cast(pl.String)
    rows = panel.select(
        "loan_id", "as_of", "extension_count",
        late=state.is_in(LIVE) & (pl.col("dpd").fill_null(0) >= days),
        clear=(state.is_in(LIVE) & (pl.col("dpd") == 0)) | (state == "closed"),
        month=pl.col("as_of").dt.truncate("1mo"),
    ).collect()  # fmt: skip
    dates = rows.group_by("month").agg(pl.col("as_of").max()).sort("month")
    found = []
    for month, day in dates.iter_rows():
        late = rows.filter((pl.col("as_of") == day) & pl.col("late")).select("loan_id", extended="extension_count")
        later, again = (_on(rows, dates, add_months(month, months * times)) for times in (1, 2))
        row: dict[str, object] = {"as_of": day, "late": late.height, "cured": None, "relapsed": None}
        if later is not None:
            cured = late.join(later, on="loan_id").filter(
                pl.col("clear") & (pl.col("extension_count").fill_null(0) <= pl.col("extended").fill_null(0))
            )
            row["cured"] = cured.height
            if again is not None:
                row["relapsed"] = cured.select("loan_id").join(again.filter("late"), on="loan_id").height
        found.append(row)
    kinds = {"as_of": pl.Date, "late": pl.Int64, "cured": pl.Int64, "relapsed": pl.Int64}
    return pl.DataFrame(found, schema=kinds).with_columns(
        cure_rate=pl.when(pl.col("late") != 0).then(pl.col("cured") / pl.col("late")),
        relapse_rate=pl.when(pl.col("cured") != 0).then(pl.col("relapsed") / pl.col("cured")),
    )


def _on(rows: pl.DataFrame, dates: pl.DataFrame, month: dt.date) -> pl.DataFrame | None:
    """The rows of the last date of a month; None where it was not run."""
    day = dates.filter(pl.col("month") == month)["as_of"]
    return rows.filter(pl.col("as_of") == day[0]) if len(day) else None
