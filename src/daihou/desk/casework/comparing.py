"""The open cases beside what a run says: which end, which say something else. Whole columns, read once; each case is compared again where it is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl
from django.conf import settings

from daihou.desk.casework import endings
from daihou.desk.casework.choices import Track
from daihou.desk.casework.models import OPEN, Case, CaseLoan
from daihou.desk.casework.standing import OF_BORROWER, OF_LOAN

if TYPE_CHECKING:
    import datetime as dt

PLACE: Final = ("org_id", "lead_org_id", "officer_id")
AT_ONCE: Final = 10_000
"""Rows fetched from the database at a time."""
WHOLE: Final = dict.fromkeys(
    ("pk", "case_id", "owner_id", "dpd", "unpaid_due_dates", "overdue", "claim", "exposure", "loans"), pl.Int64()
)
KINDS: Final[dict[str, pl.DataType]] = {
    **WHOLE, "rank": pl.UInt8(), "opened_on": pl.Date(), "as_of": pl.Date(), "last_paid_on": pl.Date(), "first_payment": pl.Boolean(),
    "handed_up_at": pl.Datetime("us", "UTC"),
}  # fmt: skip
"""Of columns that are no text."""


@dataclass(frozen=True, slots=True)
class Standings:
    """The open cases, and their loans, as the database has them."""

    cases: pl.DataFrame
    loans: pl.DataFrame

    @classmethod
    def read(cls) -> Standings:
        """As they are now."""
        of_case = ("pk", "borrower_id", "opened_on", "as_of", "owner_id", "track", "handed_up_at", *OF_BORROWER, *PLACE)
        of_loan = ("case_id", "loan_id", *OF_LOAN)
        cases = Case.objects.filter(OPEN).order_by("pk").values_list(*of_case)
        loans = CaseLoan.objects.filter(case__closed_at=None).order_by().values_list(*of_loan)
        return cls(
            pl.DataFrame(list(cases.iterator(AT_ONCE)), _schema(of_case), orient="row"),
            pl.DataFrame(list(loans.iterator(AT_ONCE)), _schema(of_loan), orient="row"),
        )


def _schema(names: tuple[str, ...]) -> dict[str, pl.DataType]:
    return {name: KINDS.get(name, pl.String()) for name in names}


def ended(held: Standings, borrowers: pl.DataFrame, pair: tuple[dt.date, dt.date]) -> pl.Series:
    """The keys of cases that end: nothing of theirs is overdue any more, though something may fall due soon. Not where a loan could not be measured."""
    now = borrowers.select("borrower_id", now="rank")
    found = held.cases.join(now, on="borrower_id", how="left")
    over = found.filter(pl.col("now").is_null() | ((pl.col("rank") > 0) & (pl.col("now") == 0)))["pk"]
    of_them = held.loans.filter(pl.col("case_id").is_in(over.implode()))
    if of_them.is_empty():
        return over
    unknown = endings.unmeasured(settings.HOME, pair, of_them["loan_id"].to_list())
    kept = of_them.filter(pl.col("loan_id").is_in(list(unknown)))["case_id"].unique()
    return over.filter(~over.is_in(kept.implode()))


def differing(held: Standings, borrowers: pl.DataFrame, loans: pl.DataFrame) -> pl.DataFrame:
    """The open cases of borrowers that the run tells of: pk, org_id (as the run has it), as_of, and two flags.

    `differs`: it says something else of the borrower or of a loan. `waits`: the case lies in the queue of its org for the next who is free.
    """
    met = held.cases.join(borrowers, on="borrower_id", suffix="_now")
    other = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_now")) for name in (*OF_BORROWER, *PLACE))
    now = loans.join(met.select("borrower_id", case_id="pk"), on="borrower_id").with_columns(there=pl.lit(1))
    was = held.loans.join(met.select(case_id="pk"), on="case_id", how="semi").with_columns(here=pl.lit(1))
    both = now.join(was, on=("case_id", "loan_id"), how="full", coalesce=True, suffix="_was")
    changed = pl.col("here").is_null() | pl.col("there").is_null()
    for name in OF_LOAN:
        changed |= pl.col(name).ne_missing(pl.col(f"{name}_was"))
    moved = both.filter(changed)["case_id"].unique()
    waits = pl.col("owner_id").is_null() & (pl.col("track") == Track.HOUSE) & pl.col("handed_up_at").is_null()
    return met.select(
        "pk", "as_of", org_id="org_id_now", differs=other | pl.col("pk").is_in(moved.implode()), waits=waits
    )
