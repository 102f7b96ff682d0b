"""Vintages: of the loans paid out together, how many were ever so many days past due by each month on book."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daihou.runs.portfolio.cohorts import cells, ever, paid_out, share
from daihou.runs.portfolio.panel import dates_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    import polars as pl

DAYS: Final = 30
"""Days past due from which a loan is bad, unless others are named."""


def vintages(
    panel: pl.LazyFrame, days: int, cohort: str = "month", by: Sequence[str] = (), run: Sequence[dt.date] | None = None
) -> pl.DataFrame:
    """Cumulative share of each cohort ever at least `days` past due, or written off, by months on book (the month of disbursement is 0).

    Columns: cohort (its first day), currency, what `by` names, months_on_book, `loans` paid out and their `amount` (minor units),
    `bad` and `bad_amount`, the shares `bad_share` and `bad_amount_share`. Loans that left stay in the denominator. Which cells stand:
    see `daihou.runs.portfolio.cohorts.cells`. `run` are the dates that were run, where the panel may hold no loan of some.
    """
    dates = dates_of(panel) if run is None else run
    return curves(paid_out(panel, ever([days]), by).collect(), dates, days, cohort, by)


def curves(
    rows: pl.DataFrame, dates: Sequence[dt.date], days: int, cohort: str = "month", by: Sequence[str] = ()
) -> pl.DataFrame:
    """The same from loans already counted by date and month of disbursement, as a run's `cohort_cube` has them."""
    sums = {f"ever_{days}": "bad", f"ever_{days}_amount": "bad_amount"}
    found = cells(rows, dates, cohort, by, ["amount", *sums]).rename({**sums, "age": "months_on_book"})
    return found.with_columns(share("bad", "loans", "bad_share"), share("bad_amount", "amount", "bad_amount_share"))
