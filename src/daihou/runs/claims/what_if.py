"""What the ledger will say if so much is paid on a day: the same kernels on the loan's facts with one payment more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daihou.book.days import day_of
from daihou.book.ledger.layout import PURPOSES, RECOVERY, SCHEDULED
from daihou.monitoring.arrears import shapes as at
from daihou.runs.claims.one_loan import lines_of, owed_of, taken, with_one_more

if TYPE_CHECKING:
    import datetime as dt

    from daihou.book.home import Home
    from daihou.book.ledger.ledger import Ledger
    from daihou.runs.claims.figures import Line, Owed
    from daihou.runs.claims.one_loan import OneLoan


@dataclass(frozen=True, slots=True)
class What:
    """A loan at the end of a day without the payment and with it. Amounts are minor units of the loan's currency; None could not be measured."""

    on: dt.date
    amount: int
    purpose: str
    """As what the payment counts: `scheduled`, or `recovery` on a loan that was written off."""
    before: Owed | None
    after: Owed | None
    dpd_before: int | None
    dpd_after: int | None
    state: str
    """The loan's state with the payment."""
    lines: tuple[Line, ...]
    """The instalments still uncovered with it, the oldest first."""

    @property
    def oldest(self) -> Line | None:
        """The oldest instalment that is left."""
        return self.lines[0] if self.lines else None


def with_payment(
    home: Home, ledger: Ledger, loan_id: str, on: dt.date, amount: int, known_on: dt.date
) -> What:  # fmt: skip
    """What is owed on a day if an amount above 0, in minor units, is paid on it, as known on `known_on` besides; it may lie ahead.

    The payment is plain money, the last of its day, and covers what the product's policy says. ValueError for an amount of nothing; DaihouError for a
    loan not known.
    """
    return what_of(taken(home, ledger, loan_id, known_on), on, amount)


def what_of(loan: OneLoan, on: dt.date, amount: int) -> What:
    """The same of a loan that was taken out of its shard."""
    if amount <= 0:
        raise ValueError("a payment is above 0")
    day = day_of(on)
    was, was_work = loan.on(day)
    before = owed_of(was, was_work, day)
    purpose = RECOVERY if was.state == at.WRITTEN_OFF else SCHEDULED
    paid = with_one_more(loan, day, amount, purpose)
    answer, work = paid.on(day)
    return What(
        on, amount, PURPOSES[purpose], before, owed_of(answer, work, day), _number(int(was.dpd)), _number(int(answer.dpd)),
        at.STATES[int(answer.state)], lines_of(paid, answer, work, day),
    )  # fmt: skip


def _number(dpd: int) -> int | None:
    return None if dpd == at.EMPTY else dpd
