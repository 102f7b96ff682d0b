"""What is to be paid by a day to come, as known today and if nothing is paid until then: by component, of a loan with a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daihou.book.days import date_of, day_of
from daihou.monitoring.arrears import shapes as at
from daihou.runs.claims.daily import claim_of
from daihou.runs.claims.figures import Owed
from daihou.runs.claims.one_loan import taken

if TYPE_CHECKING:
    import datetime as dt

    from daihou.book.home import Home
    from daihou.book.ledger.ledger import Ledger


def due_by(home: Home, ledger: Ledger, loan_id: str, day: dt.date, known_on: dt.date) -> tuple[dt.date, Owed] | None:
    """The day by which it is to be paid, `day` or the work day that its last instalment moves to, and what is to be paid by then.

    The total is what a claim of that day calls `to_clear`. None where it cannot be measured; DaihouError for a loan not known by then.
    """
    loan = taken(home, ledger, loan_id, known_on)
    _, work = loan.on(day_of(day))
    rows = work.rows[: int(work.pots[at.ROW_COUNT])]
    on = max([day_of(day), *(int(owed_on) for owed_on in rows["owed_on"][rows["due_on"] <= day_of(day)])])
    (told,) = claim_of(loan, [date_of(on)], date_of(on)).days
    if told.to_clear is None:
        return None
    answer, work = loan.on(on)
    rows = work.rows[: int(work.pots[at.ROW_COUNT])]
    due = rows[rows["owed_on"] <= on]
    split = Owed(
        int(due["principal"].sum()), int(due["interest"].sum()), int(due["fee"].sum()), int(answer.charges_accrued)
    )
    return date_of(on), split if split.total == told.to_clear else Owed(unsplit=told.to_clear)
