"""An estimate of the penalty interest that the lender has not charged yet. It stands beside a claim and is never part of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Final

import polars as pl

from daihou.book import lake
from daihou.book.days import date_of, day_of
from daihou.book.ledger import beliefs
from daihou.book.ledger.layout import NO_AMOUNT, NO_DAY
from daihou.runs.borrowers.versions import versions
from daihou.runs.claims.one_loan import taken

if TYPE_CHECKING:
    import datetime as dt

    from daihou.book.home import Home
    from daihou.book.ledger.ledger import Ledger

PENALTIES: Final = ("penalty_interest",)


@dataclass(frozen=True, slots=True)
class Estimate:
    """Penalty interest of the days `since` … `on`, both included.

    Overdue principal of each day x rate a year / days of a year, summed exactly and rounded once, half up, to minor units of the loan's currency.
    """

    amount: int
    since: dt.date
    on: dt.date
    rate: Decimal
    """A year, as the contract says; as a fraction."""
    day_count: int
    principal_days: int
    """The overdue principal of each day, summed: minor units x days."""


def penalty_interest(home: Home, ledger: Ledger, loan_id: str, on: dt.date, known_on: dt.date) -> Estimate | None:
    """What the contract's penalty rate comes to by the end of `on`, for the days after the last one that penalty interest was charged for.

    The last day charged for is the greatest `to_on`, or where that is empty `from_on`, of the penalty charges that count; days before the oldest due date
    that is unpaid are left out. A day counts from the one after the due date; days of grace bear none. None where the loan has no penalty rate or no day
    count, or no principal is overdue by then.
    """
    loan = taken(home, ledger, loan_id, known_on)
    answer, _ = loan.on(day_of(on))
    agreed = _agreed(home, ledger, loan_id, on, known_on)
    if agreed is None or int(answer.oldest_unpaid_due_on) == NO_DAY:
        return None
    rate, day_count = agreed
    since = int(answer.oldest_unpaid_due_on) + 1
    charged = _charged_until(home, ledger, loan_id, on, known_on)
    if charged is not None:
        since = max(since, day_of(charged) + 1)
    if since > day_of(on):
        return None
    overdue = loan.over(since, day_of(on))["overdue_principal"]
    days = int(overdue[overdue != NO_AMOUNT].sum())
    amount = (Decimal(days) * rate / day_count).quantize(Decimal(1), ROUND_HALF_UP)
    return Estimate(int(amount), date_of(since), on, rate, day_count, days) if days else None


def _agreed(
    home: Home, ledger: Ledger, loan_id: str, on: dt.date, known_on: dt.date
) -> tuple[Decimal, int] | None:  # fmt: skip
    """Penalty rate and day count of the loan's version in force."""
    rows = _rows(home, ledger, "loans", loan_id)
    if rows is None:
        return None
    columns = ("loan_id", "penalty_rate", "day_count", "disbursed_on", "effective_on", "known_on", "batch", "row")
    held = versions(rows.select(columns), "loan_id", "disbursed_on").in_force(on, known_on)
    (row,) = held.to_dicts() or [{"penalty_rate": None, "day_count": None}]
    if row["penalty_rate"] is None or row["day_count"] is None:
        return None
    return Decimal(row["penalty_rate"]), int(row["day_count"])


def _charged_until(home: Home, ledger: Ledger, loan_id: str, on: dt.date, known_on: dt.date) -> dt.date | None:
    """The last day that penalty interest was charged for."""
    rows = _rows(home, ledger, "charges", loan_id)
    if rows is None:
        return None
    rows = rows.select(
        "charge_id", "kind", "from_on", "to_on", "reverses", pl.col("known_on").to_physical(), "batch", "row", ix=pl.lit(0, pl.Int32),
    )  # fmt: skip
    rows = beliefs.voided(beliefs.events(rows, "charge_id", ["kind", "from_on", "to_on", "reverses"]), "charge_id")
    known = day_of(known_on)
    counted = rows.filter(
        pl.col("reverses").is_null(), pl.col("kind").is_in(PENALTIES), pl.col("from_on") <= on, pl.col("known_on") <= known, pl.col("until") > known,
    )  # fmt: skip
    last: dt.date | None = counted.select(pl.coalesce("to_on", "from_on").max()).item()
    return last


def _rows(home: Home, ledger: Ledger, table: str, loan_id: str) -> pl.DataFrame | None:
    """The lake's rows of one loan, at the version that the ledger was made from."""
    files = lake.files_as_of(home, table, ledger.pointer.lake)
    if not files:
        return None
    rows = pl.scan_parquet(files, missing_columns="insert").filter(pl.col("loan_id") == loan_id).collect()
    return None if rows.is_empty() else rows
