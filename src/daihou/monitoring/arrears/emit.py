"""The columns of one loan on one as-of date, from the stretch it falls in and the history remembered."""

from __future__ import annotations

from daihou.book.days import Months
from daihou.book.ledger.layout import BILLS, FOREVER, NO_AMOUNT, NO_DAY, Facts, Records
from daihou.monitoring.arrears import shapes as at
from daihou.monitoring.arrears.history import (
    STAR,
    dpd_on,
    greatest_dpd,
    last_late_on,
    missed_between,
    month_code,
    month_of,
    months_back,
    owes,
    whole_months_since,
)
from daihou.monitoring.arrears.inforce import is_known, moved
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
from daihou.monitoring.jit import kernel


@kernel
def _day_or_none(day: int) -> int:
    return NO_DAY if day in (FOREVER, -FOREVER) else day


@kernel
def emit_unknown(out: Records, i: int, j: int) -> None:
    """A loan nobody knows yet has no row."""
    out[i, j].version = EMPTY


@kernel
def _emit_nothing_owed(out: Records, i: int, j: int) -> None:
    out[i, j].dpd = 0
    out[i, j].dpd_principal = 0
    out[i, j].dpd_interest = 0
    out[i, j].oldest_unpaid_due_on = NO_DAY
    out[i, j].overdue_amount = 0
    out[i, j].overdue_principal = 0
    out[i, j].overdue_interest = 0
    out[i, j].overdue_fee = 0
    out[i, j].charges_accrued = 0
    out[i, j].total_claim = 0
    out[i, j].principal_outstanding = 0
    out[i, j].next_due_on = NO_DAY
    out[i, j].next_due_amount = NO_AMOUNT
    out[i, j].unpaid_due_dates = 0
    out[i, j].first_payment_missed = 0


@kernel
def _emit_no_dues(out: Records, i: int, j: int) -> None:
    """What only a plan or bills can tell is empty."""
    out[i, j].dpd_principal = EMPTY
    out[i, j].dpd_interest = EMPTY
    out[i, j].oldest_unpaid_due_on = NO_DAY
    out[i, j].overdue_amount = NO_AMOUNT
    out[i, j].overdue_principal = NO_AMOUNT
    out[i, j].overdue_interest = NO_AMOUNT
    out[i, j].overdue_fee = NO_AMOUNT
    out[i, j].next_due_on = NO_DAY
    out[i, j].next_due_amount = NO_AMOUNT
    out[i, j].unpaid_due_dates = EMPTY
    out[i, j].first_payment_missed = EMPTY


@kernel
def _emit_rows(out: Records, scratch: Scratch, moment: Moment, i: int, j: int, day: int) -> int:
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
    out[i, j].overdue_principal = principal
    out[i, j].overdue_interest = interest
    out[i, j].overdue_fee = fee
    out[i, j].overdue_amount = principal + interest + fee
    out[i, j].dpd_principal = day - since_principal if since_principal != FOREVER else 0
    out[i, j].dpd_interest = day - since_interest if since_interest != FOREVER else 0
    out[i, j].oldest_unpaid_due_on = moment.owed_since if out[i, j].dpd > 0 else NO_DAY
    out[i, j].next_due_on = next_on
    out[i, j].next_due_amount = next_amount
    out[i, j].unpaid_due_dates = unpaid
    first_missed = False
    if pots[at.FIRST_SHORT] == 0 and pots[at.ROW_COUNT] > 0:
        short = rows[0].principal + rows[0].interest + rows[0].fee
        first_missed = short > tolerance and day - rows[0].owed_on > moment.grace and rows[0].owed_on < day
    out[i, j].first_payment_missed = first_missed
    if moment.phase == WRITTEN_OFF or moment.due_at_once != FOREVER:
        claim_principal = max(before_write_offs(pots), 0)
    return claim + claim_principal


@kernel
def _emit_bills(
    out: Records, facts: Facts, terms: Terms, scratch: Scratch, moment: Moment, i: int, j: int, loan: int, day: int, known: int
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
    _emit_no_dues(out, i, j)
    out[i, j].overdue_amount = overdue
    out[i, j].oldest_unpaid_due_on = moment.owed_since if out[i, j].dpd > 0 else NO_DAY
    out[i, j].unpaid_due_dates = unpaid
    out[i, j].next_due_on = _day_or_none(next_on)
    out[i, j].next_due_amount = next_amount
    first_missed = False
    if first > moment.met:
        due = moved(terms, moment.policy, bills[first].due_on)
        first_missed = due < day and day - due > moment.grace
    out[i, j].first_payment_missed = first_missed
    if moment.phase == WRITTEN_OFF:
        claim = balance_before_write_offs(facts, scratch, moment.basis, loan, day, known)
    return claim


@kernel
def _emit_owed(
    out: Records, facts: Facts, terms: Terms, scratch: Scratch, moment: Moment, i: int, j: int, loan: int, day: int, known: int
) -> None:
    pots = scratch.pots
    dpd = dpd_on(moment, day)
    out[i, j].dpd = dpd
    claim = NO_AMOUNT
    if moment.basis == ON_SCHEDULE:
        claim = _emit_rows(out, scratch, moment, i, j, day)
    elif moment.basis == ON_BILLS:
        claim = _emit_bills(out, facts, terms, scratch, moment, i, j, loan, day, known)
    else:
        _emit_no_dues(out, i, j)
        if moment.phase == WRITTEN_OFF and moment.basis == ON_REPORTED:
            claim = max(balance_before_write_offs(facts, scratch, moment.basis, loan, day, known), 0)
    charges = charges_left(pots)
    out[i, j].charges_accrued = charges
    out[i, j].total_claim = max(claim + charges - pots[at.RECOVERED], 0) if claim != NO_AMOUNT else NO_AMOUNT
    if moment.basis == ON_NOTHING:
        out[i, j].principal_outstanding = NO_AMOUNT
    else:
        out[i, j].principal_outstanding = outstanding(facts, scratch, moment, loan, day, known)


@kernel
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


@kernel
def _state(moment: Moment, dpd: int) -> int:
    if moment.phase != CURRENT:
        return moment.phase
    if moment.basis == ON_NOTHING:
        return UNMEASURED
    return OVERDUE if dpd > 0 else CURRENT


@kernel
def _emit_history(out: Records, months: Months, scratch: Scratch, moment: Moment, i: int, j: int, day: int) -> None:
    memory = scratch.memory
    back_12, back_24 = months_back(months, day, 12), months_back(months, day, 24)
    if memory[at.LATE_COUNT] == 0 and out[i, j].dpd != EMPTY:
        out[i, j].max_dpd_3m = 0
        out[i, j].max_dpd_6m = 0
        out[i, j].max_dpd_12m = 0
        out[i, j].max_dpd_ever = 0
    else:
        measured_now = out[i, j].dpd != EMPTY
        out[i, j].max_dpd_3m = greatest_dpd(scratch, months_back(months, day, 3), measured_now)
        out[i, j].max_dpd_6m = greatest_dpd(scratch, months_back(months, day, 6), measured_now)
        out[i, j].max_dpd_12m = greatest_dpd(scratch, back_12, measured_now)
        out[i, j].max_dpd_ever = greatest_dpd(scratch, NO_DAY, measured_now)
    late_on = last_late_on(scratch)
    out[i, j].months_since_late = whole_months_since(months, late_on, day) if late_on != NO_DAY else EMPTY
    if owes(moment) and moment.basis in (ON_REPORTED, ON_NOTHING):
        out[i, j].missed_12m = EMPTY
        out[i, j].missed_24m = EMPTY
    elif memory[at.MISSED_COUNT] == 0:
        out[i, j].missed_12m = 0
        out[i, j].missed_24m = 0
    else:
        out[i, j].missed_12m = missed_between(scratch, back_12, day)
        out[i, j].missed_24m = missed_between(scratch, back_24, day)
    month = month_of(months, day)
    first = memory[at.FIRST_MONTH] if memory[at.FIRST_MONTH] != EMPTY else month + 1
    for place in range(23):
        past = month - 23 + place - first
        out[i, j].status_24m[place] = scratch.months[past].code if past >= 0 else STAR
    gone_before = month > first and scratch.months[month - 1 - first].gone == 1
    out[i, j].status_24m[23] = month_code(months, scratch.pots, moment, day, gone_before)


@kernel
def emit(
    out: Records, facts: Facts, terms: Terms, months: Months, scratch: Scratch, moment: Moment, i: int, j: int, loan: int, day: int, known: int, due: int
) -> None:
    """Write every column of a known loan; the stretch up to the day has been remembered."""
    pots = scratch.pots
    out[i, j].version = moment.version
    out[i, j].basis = moment.basis
    out[i, j].dpd_reported = moment.reported
    if owes(moment):
        _emit_owed(out, facts, terms, scratch, moment, i, j, loan, day, known)
    else:
        _emit_nothing_owed(out, i, j)
    out[i, j].state = _state(moment, out[i, j].dpd)
    out[i, j].paid_amount = max(pots[at.PAID], 0)
    out[i, j].last_paid_on = _day_or_none(pots[at.LAST_PAID])
    out[i, j].instalments_due = due
    out[i, j].extension_count = pots[at.EXTENSIONS]
    out[i, j].accelerated_on = _day_or_none(moment.due_at_once)
    out[i, j].written_off_amount = (
        pots[at.WRITTEN_PRINCIPAL] + pots[at.WRITTEN_INTEREST] + pots[at.WRITTEN_FEE] + pots[at.WRITTEN_PENALTY]
    )
    out[i, j].recovered_after_write_off = pots[at.RECOVERED]
    broken = pots[at.BROKEN]
    if moment.phase != NOT_STARTED and not pots[at.WRITTEN_FULL] and before_write_offs(pots) < pots[at.WRITTEN_PRINCIPAL]:
        if moment.basis == ON_SCHEDULE:
            broken |= at.BALANCE_BELOW_ZERO
    out[i, j].breaks = broken
    _emit_history(out, months, scratch, moment, i, j, day)
