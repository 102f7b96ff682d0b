"""The columns that tell how a borrower has behaved on a loan, from the late stretches, falls and due dates remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daihou.book.ledger.layout import CHANGES, NO_AMOUNT, NO_DAY, PAYMENTS, REFUND, REVERSAL, Facts, Record
from daihou.monitoring.arrears import shapes as at
from daihou.monitoring.arrears.dues import first_bill
from daihou.monitoring.arrears.history import last_over, month_of, months_back, owes, whole_months_since
from daihou.monitoring.arrears.inforce import is_known, moved
from daihou.monitoring.arrears.shapes import (
    BILLED,
    EARLY,
    EMPTY,
    MINIMUM,
    ON_BILLS,
    ON_NOTHING,
    ON_REPORTED,
    ON_SCHEDULE,
    PART,
    Moment,
    Scratch,
    Terms,
)
from daihou.monitoring.jit import kernel, part

if TYPE_CHECKING:
    from daihou.book.days import Months


@kernel
def _months_since(months: Months, on: int, day: int) -> int:
    return whole_months_since(months, on, day) if on != NO_DAY else EMPTY


@kernel
def _dpd_on(scratch: Scratch, day: int) -> int:
    """The dpd of a day lived; EMPTY where it could not be measured."""
    for place in range(scratch.memory[at.LATE_COUNT] - 1, -1, -1):
        late = scratch.late[place]
        if late.on < day:
            return 0
        if late.since <= day:
            return late.from_dpd if late.from_dpd == late.dpd else late.from_dpd + day - late.since
    return 0


@kernel
def _late_days(scratch: Scratch, after: int, measured_now: bool) -> int:
    """How many days after `after` were late; EMPTY where none of them was measured."""
    if not measured_now and scratch.memory[at.MEASURED_ON] <= after:
        return EMPTY
    count = 0
    for place in range(scratch.memory[at.LATE_COUNT] - 1, -1, -1):
        late = scratch.late[place]
        if late.on <= after:
            break
        if late.dpd > 0:
            count += late.on - max(late.since - 1, after)
    return count


@part
def _emit_lateness(answer: Record, months: Months, scratch: Scratch, day: int) -> None:
    if scratch.memory[at.LATE_COUNT] == 0 and answer.dpd != EMPTY:
        answer.late_days_1m = 0
        answer.late_days_3m = 0
        answer.late_days_6m = 0
        answer.late_days_12m = 0
        answer.dpd_1m_ago = 0
        answer.dpd_3m_ago = 0
        answer.dpd_6m_ago = 0
        answer.came_down_12m = 0
        answer.cleared_12m = 0
        answer.months_since_over_30 = EMPTY
        answer.months_since_over_90 = EMPTY
        return
    measured_now = answer.dpd != EMPTY
    back_1, back_3, back_6 = months_back(months, day, 1), months_back(months, day, 3), months_back(months, day, 6)
    back_12 = months_back(months, day, 12)
    answer.late_days_1m = _late_days(scratch, back_1, measured_now)
    answer.late_days_3m = _late_days(scratch, back_3, measured_now)
    answer.late_days_6m = _late_days(scratch, back_6, measured_now)
    answer.late_days_12m = _late_days(scratch, back_12, measured_now)
    answer.dpd_1m_ago = _dpd_on(scratch, back_1)
    answer.dpd_3m_ago = _dpd_on(scratch, back_3)
    answer.dpd_6m_ago = _dpd_on(scratch, back_6)
    came_down = cleared = 0
    for place in range(scratch.memory[at.FALL_COUNT] - 1, -1, -1):
        if scratch.falls[place].on <= back_12:
            break
        came_down += 1
        if scratch.falls[place].to_dpd == 0:
            cleared += 1
    answer.came_down_12m = came_down
    answer.cleared_12m = cleared
    answer.months_since_over_30 = _months_since(months, last_over(scratch, 30), day)
    answer.months_since_over_90 = _months_since(months, last_over(scratch, 90), day)


@part
def _emit_no_habits(answer: Record) -> None:
    """What only a plan or bills can tell is empty."""
    answer.missed_12m = EMPTY
    answer.missed_24m = EMPTY
    answer.dues_12m = EMPTY
    answer.early_12m = EMPTY
    answer.on_time_12m = EMPTY
    answer.part_paid_12m = EMPTY
    answer.bills_12m = EMPTY
    answer.minimum_paid_12m = EMPTY
    answer.on_time_streak = EMPTY
    answer.missed_streak = EMPTY
    answer.longest_missed_streak_24m = EMPTY
    answer.months_since_missed = EMPTY
    answer.due_amount_3m = NO_AMOUNT
    answer.first_payment_max_dpd = EMPTY


@part
def _emit_dues(answer: Record, months: Months, scratch: Scratch, day: int) -> int:
    """How the due dates before the day ended; returns the months of the last 24 in which one was missed, a bit each."""
    memory, dues = scratch.memory, scratch.dues
    back_3, back_12, back_24 = months_back(months, day, 3), months_back(months, day, 12), months_back(months, day, 24)
    first_month = month_of(months, day) - 23
    asked = 0
    due = early = on_time = part_paid = missed_12 = missed_24 = bills = minimum = 0
    paid_streak = missed_streak = run = longest = 0
    lately_paid = lately_missed = True  # no due date of the other kind met yet, going back
    missed_on = NO_DAY
    missed_months = 0
    never_missed = memory[at.MISSED_COUNT] == 0
    for place in range(memory[at.DUE_COUNT] - 1, -1, -1):
        on, how = dues[place].on, dues[place].how
        if on > back_3:
            asked += dues[place].asked
        if on >= day:
            continue
        if never_missed and on <= back_12:
            paid_streak += place + 1
            break
        if on <= back_24 and not lately_missed and missed_on != NO_DAY:
            break  # of older due dates only those of an unbroken streak matter
        missed = how & at.HOW >= PART
        if missed:
            lately_paid = False
            missed_streak += lately_missed
            if missed_on == NO_DAY:
                missed_on = on
        else:
            lately_missed = False
            paid_streak += lately_paid
        if on <= back_24:
            continue
        run = run + 1 if missed else 0
        longest = max(longest, run)
        if missed:
            missed_24 += 1
            month = int(month_of(months, on) - first_month)  # int: uncompiled, small integers lose the high bits
            if month >= 0:
                missed_months |= 1 << month
        if on > back_12:
            due += 1
            missed_12 += missed
            early += how & at.HOW == EARLY
            on_time += not missed
            part_paid += how & at.HOW == PART
            bills += how & BILLED != 0
            minimum += how & MINIMUM != 0
    answer.due_amount_3m = asked
    answer.dues_12m = due
    answer.early_12m = early
    answer.on_time_12m = on_time
    answer.part_paid_12m = part_paid
    answer.bills_12m = bills
    answer.minimum_paid_12m = minimum
    answer.missed_12m = missed_12
    answer.missed_24m = missed_24
    answer.on_time_streak = paid_streak
    answer.missed_streak = missed_streak
    answer.longest_missed_streak_24m = longest
    answer.months_since_missed = _months_since(months, missed_on, day)
    answer.first_payment_max_dpd = memory[at.FIRST_LATE]
    return missed_months


@part
def _emit_missed_months(answer: Record, missed_months: int) -> None:
    """Months in which a due date was missed, or on whose last day the loan was late or written off."""
    count = run = longest = 0
    for place in range(24):
        code = answer.status_24m[place]
        late = (ord("1") <= code <= ord("7")) or code == ord("B") or (missed_months >> place) & 1 == 1
        run = run + 1 if late else 0
        count += late
        longest = max(longest, run)
    answer.missed_months_24m = count
    answer.missed_months_in_a_row_24m = longest


@kernel
def _never_bad(facts: Facts, scratch: Scratch, loan: int) -> bool:
    """Whether no month can be bad: never late, no due date missed, and no change, so never written off."""
    memory = scratch.memory
    unchanged = facts.at[CHANGES, loan] == facts.at[CHANGES, loan + 1]
    return memory[at.LATE_COUNT] == 0 and memory[at.MISSED_COUNT] == 0 and unchanged


@part
def _paid_after(facts: Facts, loan: int, opened_on: int, after: int, day: int, known: int) -> int:
    """Money received after a day, less refunds."""
    paid = 0
    payments = facts.payments
    for i in range(facts.at[PAYMENTS, loan + 1] - 1, facts.at[PAYMENTS, loan] - 1, -1):
        on = payments[i].on
        if on <= after or on < opened_on:
            break
        if on > day or payments[i].purpose == REVERSAL or not is_known(payments[i], known):
            continue
        paid += -payments[i].amount if payments[i].purpose == REFUND else payments[i].amount
    return max(paid, 0)


@kernel
def emit_habits(
    answer: Record,
    facts: Facts,
    terms: Terms,
    months: Months,
    scratch: Scratch,
    moment: Moment,
    loan: int,
    day: int,
    known: int,
) -> None:
    """Write the columns of behaviour, and those of arrears that count missed due dates; the month codes are written."""
    _emit_lateness(answer, months, scratch, day)
    missed_months = 0
    if owes(moment) and moment.basis in (ON_REPORTED, ON_NOTHING):
        _emit_no_habits(answer)
    else:
        missed_months = _emit_dues(answer, months, scratch, day)
    if answer.dpd == EMPTY:
        answer.missed_months_24m = EMPTY
        answer.missed_months_in_a_row_24m = EMPTY
    elif _never_bad(facts, scratch, loan):
        answer.missed_months_24m = 0
        answer.missed_months_in_a_row_24m = 0
    else:
        _emit_missed_months(answer, missed_months)
    answer.paid_amount_3m = _paid_after(facts, loan, moment.opened_on, months_back(months, day, 3), day, known)
    answer.months_since_paid = _months_since(months, answer.last_paid_on, day)
    answer.first_due_on = NO_DAY
    if moment.basis == ON_SCHEDULE and scratch.pots[at.ROW_COUNT] > 0:
        answer.first_due_on = scratch.rows[0].due_on
    elif moment.basis == ON_BILLS:
        answer.first_due_on = moved(terms, moment.policy, facts.bills[first_bill(facts, loan, day, known)].due_on)
