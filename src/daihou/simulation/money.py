"""The facts that a loan writes: its versions and instalments, what is changed, and money as it comes in, bounces or becomes known late. Compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from daihou.simulation import shapes as at
from daihou.simulation.draws import between, days_of
from daihou.simulation.jit import compiled

if TYPE_CHECKING:
    from daihou.simulation.shapes import Array, Facts, Odds


@compiled
def write_payment(
    facts: Facts, loan: int, on: int, known: int, amount: int, purpose: int, reverses: int, end: int
) -> int:
    """Write a payment that is made and known by the end of the book; returns its row, or NONE."""
    if on > end or known > end:
        return at.NONE
    row = facts.rows[at.PAYMENT_ROWS]
    payment = facts.payments[row]
    payment.loan = loan
    payment.on = on
    payment.known_on = known
    payment.amount = amount
    payment.purpose = purpose
    payment.reverses = reverses
    facts.rows[at.PAYMENT_ROWS] = row + 1
    return row


@compiled
def pay(random: Any, odds: Odds, facts: Facts, loan: int, on: int, amount: int, end: int, bounce: float) -> None:
    """Money comes in: some bounces, is taken back and paid again; some becomes known late."""
    if random.random() < bounce:
        back = on + days_of(random, odds.bounce_days)
        again = back + days_of(random, odds.bounce_days)
        row = write_payment(facts, loan, on, on, amount, at.SCHEDULED, at.NONE, end)
        if row != at.NONE:
            write_payment(facts, loan, back, back, amount, at.SCHEDULED, row, end)
        write_payment(facts, loan, again, again, amount, at.SCHEDULED, at.NONE, end)
        return
    known = on
    if random.random() < odds.late:
        known += days_of(random, odds.late_days)
    write_payment(facts, loan, on, known, amount, at.SCHEDULED, at.NONE, end)


@compiled
def write_loan(facts: Facts, like: Any, matures_on: int, effective_on: int) -> None:
    """Write a later version of a loan, with another maturity."""
    row = facts.rows[at.LOAN_ROWS]
    facts.loans[row] = like
    version = facts.loans[row]
    version.matures_on = matures_on
    version.effective_on = effective_on
    facts.rows[at.LOAN_ROWS] += 1


@compiled
def write_instalment(
    facts: Facts, loan: int, seq: int, due_on: int, principal: int, interest: int, effective_on: int
) -> None:
    """Write a version of an instalment."""
    row = facts.instalments[facts.rows[at.INSTALMENT_ROWS]]
    row.loan = loan
    row.seq = seq
    row.due_on = due_on
    row.principal = principal
    row.interest = interest
    row.effective_on = effective_on
    facts.rows[at.INSTALMENT_ROWS] += 1


@compiled
def write_change(facts: Facts, loan: int, on: int, kind: int) -> None:
    """Write a change."""
    change = facts.changes[facts.rows[at.CHANGE_ROWS]]
    change.loan = loan
    change.on = on
    change.kind = kind
    facts.rows[at.CHANGE_ROWS] += 1


@compiled
def write_default(facts: Facts, loan: Any, missed_on: int, on: int) -> None:
    """Write the first default of a loan, which no lender is sent: what was missed on a day is still unpaid three months later."""
    row = facts.defaults[facts.rows[at.DEFAULT_ROWS]]
    row.loan = loan.loan
    row.borrower = loan.borrower
    row.missed_on = missed_on
    row.on = on
    facts.rows[at.DEFAULT_ROWS] += 1


@compiled
def recover(
    random: Any, odds: Odds, facts: Facts, loan: int, claim: int, starts: Array, month: int, day: int, end: int
) -> None:
    """What comes in after a write-off, a month at a time."""
    while month < starts.size and starts[month] + day <= end:
        if random.random() < odds.recovery:
            amount = int(claim * between(random, odds.recovery_fraction))
            if amount > 0:
                write_payment(facts, loan, starts[month] + day, starts[month] + day, amount, at.RECOVERY, at.NONE, end)
            claim -= amount
        month += 1
