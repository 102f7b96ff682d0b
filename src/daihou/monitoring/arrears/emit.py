"""The columns of one loan on one as-of date, from the stretch it falls in and the history remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daihou.book.ledger.layout import BILLS, FOREVER, NO_AMOUNT, NO_DAY, Facts, Record
from daihou.monitoring.arrears import shapes as at
from daihou.monitoring.arrears.habits import emit_habits
from daihou.monitoring.arrears.history import (
    STAR,
    dpd_on,
    greatest_dpd,
    last_over,
    month_code,
    month_of,
    months_back,
    owes,
    whole_months_since,
)
from daihou.monitoring.arrears.inforce import borrower_on, is_known, moved
from daihou.monitoring.arrears.money import balance_before_write_offs, before_write_offs
from daihou.monitoring.arrears.shapes import (
    CURRENT,
    EMPTY,
    NOT_STARTED,
    ON_BILLS,
    ON_NOTHING,
    ON_REPORTED,
    ON_SCHEDULE,
    OVERDUE,
    UNMEASURED,
    WRITTEN_OFF,
    Moment,
    Scratch,
    Terms,
)
from daihou.monitoring.arrears.stretch import bill_missing, charges_left, outstanding
from daihou.monitoring.jit import kernel, part

if TYPE_CHECKING:
    from daihou.book.days import Months


@kernel
def _day_or_none(day: int) -> int:
    return NO_DAY if day in (FOREVER, -FOREVER) else day


@part
def _emit_nothing_owed(answer: Record) -> None:
    answer.dpd = 0
    answer.dpd_principal = 0
    answer.dpd_interest = 0
    answer.oldest_unpaid_due_on = NO_DAY
    answer.overdue_amount = 0
    answer.overdue_principal = 0
    answer.overdue_interest = 0
    answer.overdue_fee = 0
    answer.charges_accrued = 0
    answer.total_claim = 0
    answer.principal_outstanding = 0
    answer.next_due_on = NO_DAY
    answer.next_due_amount = NO_AMOUNT
    answer.unpaid_due_dates = 0
    answer.first_payment_missed = 0


@part
def _emit_no_dues(answer: Record) -> None:
    """What only a plan or bills can tell is empty."""
    answer.dpd_principal = EMPTY
    answer.dpd_interest = EMPTY
    answer.oldest_unpaid_due_on = NO_DAY
    answer.overdue_amount = NO_AMOUNT
    answer.overdue_principal = NO_AMOUNT
    answer.overdue_interest = NO_AMOUNT
    answer.overdue_fee = NO_AMOUNT
    answer.next_due_on = NO_DAY
    answer.next_due_amount = NO_AMOUNT
    answer.unpaid_due_dates = EMPTY
    answer.first_payment_missed = EMPTY


@part
def _emit_rows(answer: Record, scratch: Scratch, moment: Moment, day: int) -> int:
    """What the rows of the plan say; returns the claim of dues before the day without principal."""
    rows, pots = scratch.rows, scratch.pots
    principal = interest = fee = claim = claim_principal = 0
    unpaid = 0
    last_unpaid = next_on = NO_DAY
    next_amount = NO_AMOUNT
    since_principal = since_interest = FOREVER
    tolerance = moment.tolerance
    for row in range(pots[at.FIRST_SHORT], pots[at.ROW_COUNT]):
        p, n, f = rows[row].principal, rows[row].interest, rows[row].fee
        short = p + n + f
        owed_on = rows[row].owed_on
        if owed_on < day:
            claim += n + f
            claim_principal += p
            if day - owed_on > moment.grace:
                principal += p
                interest += n
                fee += f
                if p > tolerance and since_principal == FOREVER:
                    since_principal = owed_on
                if n > tolerance and since_interest == FOREVER:
                    since_interest = owed_on
                if short > tolerance and owed_on != last_unpaid:
                    unpaid += 1
                    last_unpaid = owed_on
        if next_on == NO_DAY and rows[row].due_on >= day and short > 0:
            next_on = rows[row].due_on
            next_amount = short
        if next_on != NO_DAY and owed_on >= day:
            break
    answer.overdue_principal = principal
    answer.overdue_interest = interest
    answer.overdue_fee = fee
    answer.overdue_amount = principal + interest + fee
    answer.dpd_principal = day - since_principal if since_principal != FOREVER else 0
    answer.dpd_interest = day - since_interest if since_interest != FOREVER else 0
    answer.oldest_unpaid_due_on = moment.owed_since if answer.dpd > 0 else NO_DAY
    answer.next_due_on = next_on
    answer.next_due_amount = next_amount
    answer.unpaid_due_dates = unpaid
    first_missed = False
    if pots[at.FIRST_SHORT] == 0 and pots[at.ROW_COUNT] > 0:
        short = rows[0].principal + rows[0].interest + rows[0].fee
        first_missed = short > tolerance and day - rows[0].owed_on > moment.grace and rows[0].owed_on < day
    answer.first_payment_missed = first_missed
    if moment.phase == WRITTEN_OFF or moment.due_at_once != FOREVER:
        claim_principal = max(before_write_offs(pots), 0)
    return claim + claim_principal


@part
def _emit_bills(
    answer: Record, facts: Facts, terms: Terms, scratch: Scratch, moment: Moment, loan: int, day: int, known: int
) -> int:
    """What the bills say; returns the missing minimum past due, grace or not."""
    bills = facts.bills
    overdue = claim = 0
    next_on = FOREVER
    next_amount = NO_AMOUNT
    unpaid = 0
    last_unpaid = NO_DAY
    first = EMPTY
    for k in range(facts.at[BILLS, loan], facts.at[BILLS, loan + 1]):
        if bills[k].on > day or not is_known(bills[k], known):
            continue
        if first == EMPTY:
            first = k
        if k <= moment.met:
            continue
        due = moved(terms, moment.policy, bills[k].due_on)
        missing = bill_missing(facts, scratch, loan, k)
        if due < day:
            claim = missing
            if day - due > moment.grace:
                overdue = missing
                if due != last_unpaid:
                    unpaid += 1
                    last_unpaid = due
        elif due <= next_on:
            next_on = due
            next_amount = missing
    _emit_no_dues(answer)
    answer.overdue_amount = overdue
    answer.oldest_unpaid_due_on = moment.owed_since if answer.dpd > 0 else NO_DAY
    answer.unpaid_due_dates = unpaid
    answer.next_due_on = _day_or_none(next_on)
    answer.next_due_amount = next_amount
    first_missed = False
    if first > moment.met:
        due = moved(terms, moment.policy, bills[first].due_on)
        first_missed = due < day and day - due > moment.grace
    answer.first_payment_missed = first_missed
    if moment.phase == WRITTEN_OFF:
        claim = balance_before_write_offs(facts, scratch, moment.basis, loan, day, known)
    return claim


@part
def _emit_owed(
    answer: Record, facts: Facts, terms: Terms, scratch: Scratch, moment: Moment, loan: int, day: int, known: int
) -> None:
    pots = scratch.pots
    dpd = dpd_on(moment, day)
    answer.dpd = dpd
    claim = NO_AMOUNT
    if moment.basis == ON_SCHEDULE:
        claim = _emit_rows(answer, scratch, moment, day)
    elif moment.basis == ON_BILLS:
        claim = _emit_bills(answer, facts, terms, scratch, moment, loan, day, known)
    else:
        _emit_no_dues(answer)
        if moment.phase == WRITTEN_OFF and moment.basis == ON_REPORTED:
            claim = max(balance_before_write_offs(facts, scratch, moment.basis, loan, day, known), 0)
    charges = charges_left(pots)
    answer.charges_accrued = charges
    answer.total_claim = max(claim + charges - pots[at.RECOVERED], 0) if claim != NO_AMOUNT else NO_AMOUNT
    if moment.basis == ON_NOTHING:
        answer.principal_outstanding = NO_AMOUNT
    else:
        answer.principal_outstanding = outstanding(facts, scratch, moment, loan, day, known)


@part
def instalments_due(
    facts: Facts, terms: Terms, scratch: Scratch, moment: Moment, loan: int, day: int, known: int
) -> int:
    """Rows (bills) due up to the day, or up to the day the loan was closed or transferred; EMPTY on other bases."""
    last = min(day, scratch.memory[at.GONE_SINCE])
    count = 0
    if moment.basis == ON_SCHEDULE:
        for row in range(scratch.pots[at.ROW_COUNT]):
            if scratch.rows[row].due_on > last:
                break
            count += 1
        return count
    if moment.basis != ON_BILLS:
        return EMPTY if moment.basis == ON_REPORTED or owes(moment) else 0
    bills = facts.bills
    for k in range(facts.at[BILLS, loan], facts.at[BILLS, loan + 1]):
        if bills[k].on <= day and is_known(bills[k], known):
            if moved(terms, moment.policy, bills[k].due_on) <= last:
                count += 1
    return count


@part
def _state(moment: Moment, dpd: int) -> int:
    if moment.phase != CURRENT:
        return moment.phase
    if moment.basis == ON_NOTHING:
        return UNMEASURED
    return OVERDUE if dpd > 0 else CURRENT


@part
def _emit_history(answer: Record, months: Months, scratch: Scratch, moment: Moment, day: int) -> None:
    memory = scratch.memory
    if memory[at.LATE_COUNT] == 0 and answer.dpd != EMPTY:
        answer.max_dpd_3m = 0
        answer.max_dpd_6m = 0
        answer.max_dpd_12m = 0
        answer.max_dpd_ever = 0
    else:
        measured_now = answer.dpd != EMPTY
        answer.max_dpd_3m = greatest_dpd(scratch, months_back(months, day, 3), measured_now)
        answer.max_dpd_6m = greatest_dpd(scratch, months_back(months, day, 6), measured_now)
        answer.max_dpd_12m = greatest_dpd(scratch, months_back(months, day, 12), measured_now)
        answer.max_dpd_ever = greatest_dpd(scratch, NO_DAY, measured_now)
    late_on = last_over(scratch, 0)
    answer.months_since_late = whole_months_since(months, late_on, day) if late_on != NO_DAY else EMPTY
    month = month_of(months, day)
    first = memory[at.FIRST_MONTH] if memory[at.FIRST_MONTH] != EMPTY else month + 1
    for place in range(23):
        past = month - 23 + place - first
        answer.status_24m[place] = scratch.months[past].code if past >= 0 else STAR
    gone_before = month > first and scratch.months[month - 1 - first].gone == 1
    answer.status_24m[23] = month_code(months, scratch.pots, moment, day, gone_before)


@kernel
def emit(
    answer: Record,
    facts: Facts,
    terms: Terms,
    months: Months,
    scratch: Scratch,
    moment: Moment,
    loan: int,
    day: int,
    known: int,
    due: int,
) -> None:
    """Write every column of a known loan; the stretch up to the day has been remembered."""
    pots = scratch.pots
    answer.version = moment.version
    answer.borrower = borrower_on(facts, loan, moment.version, day, known)
    answer.basis = moment.basis
    answer.dpd_reported = moment.reported
    if owes(moment):
        _emit_owed(answer, facts, terms, scratch, moment, loan, day, known)
    else:
        _emit_nothing_owed(answer)
    answer.state = _state(moment, answer.dpd)
    answer.paid_amount = max(pots[at.PAID], 0)
    answer.last_paid_on = _day_or_none(pots[at.LAST_PAID])
    answer.instalments_due = due
    answer.extension_count = pots[at.EXTENSIONS]
    answer.accelerated_on = _day_or_none(moment.due_at_once)
    answer.written_off_amount = (
        pots[at.WRITTEN_PRINCIPAL] + pots[at.WRITTEN_INTEREST] + pots[at.WRITTEN_FEE] + pots[at.WRITTEN_PENALTY]
    )
    answer.recovered_after_write_off = pots[at.RECOVERED]
    answer.prepaid_amount = pots[at.PREPAID]
    broken = pots[at.BROKEN]
    if (
        moment.phase != NOT_STARTED
        and not pots[at.WRITTEN_FULL]
        and before_write_offs(pots) < pots[at.WRITTEN_PRINCIPAL]
    ):
        if moment.basis == ON_SCHEDULE:
            broken |= at.BALANCE_BELOW_ZERO
    answer.breaks = broken
    _emit_history(answer, months, scratch, moment, day)
    emit_habits(answer, facts, terms, months, scratch, moment, loan, day, known)
