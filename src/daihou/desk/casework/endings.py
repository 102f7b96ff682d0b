"""Why cases end whose borrowers have nothing overdue any more, as the snapshot and the facts say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from daihou.book import lake
from daihou.desk.casework.choices import Closing
from daihou.runs import store

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection

    from daihou.book.home import Home

ENDED: Final = ("closed", "written_off")
"""States in which nothing is asked for any more: of what was written off, since it is a case's end that is asked about."""
NEW_PLAN: Final = ("extension", "renewal", "refinance", "restructure", "deferral")
"""Changes that move what is due to later days."""
NO_MONEY: Final = ("refund", "reversal")
"""Payments that bring nothing."""
LOANS: Final = {"case_id": pl.Int64, "opened_on": pl.Date, "loan_id": pl.String}
"""The loans of the cases that end, each with the date of the data that opened its case."""


def closings(home: Home, pair: tuple[dt.date, dt.date], loans: pl.DataFrame) -> dict[int, str]:
    """Why each case ends, by its key; `loans` has the columns of `LOANS`.

    Sold where a loan went and none is left; paid off where all are ended and money came; a new plan where one took effect since; arrears paid where money
    came, by its day or by when it was known; else nothing is claimed any more: it was waived, reversed or corrected.
    """
    if loans.is_empty():
        return {}
    since = pl.col("opened_on")
    now = _now(home, pair, loans["loan_id"])
    found = loans.join(now, on="loan_id", how="left").with_columns(
        sold=(pl.col("state") == "transferred").fill_null(value=False),
        ended=pl.col("state").is_in([*ENDED, "transferred"]).fill_null(value=True),
        paid=(pl.col("last_paid_on") >= since).fill_null(value=False),
    )
    planned = _known(home, "changes", pair, loans, pl.col("kind").is_in(NEW_PLAN), "effective_on")
    cases = (
        found.with_columns(planned=pl.col("loan_id").is_in(planned.implode()))
        .group_by("case_id")
        .agg(pl.col("sold", "planned", "paid").any(), pl.col("ended").all())
    )
    unpaid = cases.filter(~pl.col("sold") & ~pl.col("planned") & ~pl.col("paid"))["case_id"]
    asked = loans.filter(pl.col("case_id").is_in(unpaid.implode()))
    money = _known(home, "payments", pair, asked, _brings_money(home, pair), "known_on")
    late = set(asked.filter(pl.col("loan_id").is_in(money.implode()))["case_id"])
    return {
        row["case_id"]: _why(row["sold"], row["planned"], row["paid"] or row["case_id"] in late, row["ended"])
        for row in cases.iter_rows(named=True)
    }


def _why(sold: bool, planned: bool, paid: bool, ended: bool) -> str:  # noqa: FBT001 - four facts of one case
    if ended and sold:
        return Closing.TRANSFERRED
    if ended and paid:
        return Closing.SETTLED
    if planned and not ended:
        return Closing.RESTRUCTURED
    return Closing.CURED if paid else Closing.REDUCED


def _now(home: Home, pair: tuple[dt.date, dt.date], loan_ids: pl.Series) -> pl.DataFrame:
    """Where some loans stand; one that the run does not know has no row."""
    files = [str(path) for path in store.files(home, "snapshots", *pair)]
    asked = pl.LazyFrame({"loan_id": loan_ids.unique()})
    return (
        pl.scan_parquet(files)
        .select("loan_id", pl.col("state").cast(pl.String), "last_paid_on")
        .join(asked, on="loan_id", how="semi")
        .collect()
    )


def _known(
    home: Home, table: str, pair: tuple[dt.date, dt.date], loans: pl.DataFrame, wanted: pl.Expr, day: str
) -> pl.Series:
    """Of some loans, those about which the lake holds a wanted fact that came since their case was opened: by a column of dates, as known by the run."""
    files = lake.files(home, table)
    if not files or loans.is_empty():
        return pl.Series("loan_id", [], pl.String)
    as_of, known_on = pair
    first: dt.date = loans["opened_on"].min()  # type: ignore[assignment]  # a column of dates that is not empty
    return (
        pl.scan_parquet(files)
        .filter(pl.col(day).is_between(first, as_of) & (pl.col("known_on") <= known_on) & wanted)
        .join(loans.lazy().select("loan_id", "opened_on"), on="loan_id")
        .filter(pl.col(day) >= pl.col("opened_on"))
        .select("loan_id")
        .unique()
        .collect()["loan_id"]
    )


def _brings_money(home: Home, pair: tuple[dt.date, dt.date]) -> pl.Expr:
    """Payments that are neither refunds nor reversals, and that no reversal known by the run takes back."""
    files = lake.files(home, "payments")
    if not files:
        return pl.lit(value=True)
    back = pl.scan_parquet(files).filter(pl.col("reverses").is_not_null() & (pl.col("known_on") <= pair[1]))
    gone = back.select("reverses").collect()["reverses"]
    return ~pl.col("purpose").fill_null("").is_in(NO_MONEY) & ~pl.col("payment_id").is_in(gone.implode())


def unmeasured(home: Home, pair: tuple[dt.date, dt.date], loan_ids: Collection[str]) -> set[str]:
    """Of some loans, those of which the run could not tell where they stand."""
    now = _now(home, pair, pl.Series(list(loan_ids), dtype=pl.String))
    return set(now.filter(pl.col("state") == "unmeasured")["loan_id"])
