"""Due dates as they were lived: how each instalment or bill stood when its due date ended, and whether it was covered before."""

from __future__ import annotations

from daihou.book.ledger.layout import BILLS, Facts, Records
from daihou.monitoring.arrears import shapes as at
from daihou.monitoring.arrears.inforce import is_known, moved
from daihou.monitoring.arrears.shapes import (
    BILLED,
    CLOSED,
    EARLY,
    EMPTY,
    MINIMUM,
    MISSED,
    NOT_STARTED,
    ON_BILLS,
    ON_SCHEDULE,
    ON_TIME,
    PART,
    TRANSFERRED,
    Moment,
    Scratch,
    Terms,
)
from daihou.monitoring.arrears.stretch import bill_missing, latest_met
from daihou.monitoring.jit import kernel, part


@kernel
def remember_due(scratch: Scratch, day: int, how: int, asked: int) -> None:
    """Remember how a due date ended, in order of days; bills need not fall due in the order of issue."""
    memory, dues = scratch.memory, scratch.dues
    place = memory[at.DUE_COUNT]
    while place > 0 and dues[place - 1].on > day:
        dues[place] = dues[place - 1]
        place -= 1
    due = dues[place]
    due.on = day
    due.how = how
    due.asked = asked
    memory[at.DUE_COUNT] += 1
    if how & at.HOW >= PART:
        memory[at.MISSED_COUNT] += 1


@kernel
def _first_due(rows: Records, count: int, day: int) -> int:
    """The first row due on the day or later."""
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        if rows[middle].due_on < day:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def _short(rows: Records, row: int) -> int:
    return rows[row].principal + rows[row].interest + rows[row].fee


@part
def mark_early(facts: Facts, scratch: Scratch, moment: Moment, loan: int, day: int, known: int) -> None:
    """Before the money of a day is applied: mark the rows due on it that are covered already, and keep the latest bill met."""
    if moment.basis == ON_SCHEDULE:
        rows, count = scratch.rows, scratch.pots[at.ROW_COUNT]
        row = _first_due(rows, count, day)
        while row < count and rows[row].due_on == day:
            rows[row].early = _short(rows, row) <= moment.tolerance
            row += 1
    elif moment.basis == ON_BILLS:
        scratch.memory[at.MET_BEFORE] = latest_met(facts, scratch, loan, day - 1, known, moment.tolerance)


@kernel
def _last_expected(scratch: Scratch, moment: Moment, start: int, end: int) -> int:
    """The last day of a stretch on which dues are expected, before its start if none is: a loan closed on a day still had that day's."""
    if moment.phase in (NOT_STARTED, TRANSFERRED):
        return start - 1
    if moment.phase == CLOSED:
        return start if scratch.memory[at.GONE_SINCE] == start else start - 1
    return end


@part
def remember_rows(facts: Facts, scratch: Scratch, moment: Moment, start: int, end: int) -> None:
    """Remember how the rows of the plan that are due within a stretch ended; what was asked of them is never nothing."""
    if moment.basis != ON_SCHEDULE:
        return
    plan, rows, count = facts.instalments, scratch.rows, scratch.pots[at.ROW_COUNT]
    last = _last_expected(scratch, moment, start, end)
    row = _first_due(rows, count, start)
    while row < count and rows[row].due_on <= last:
        on = rows[row].due_on
        source = plan[rows[row].source]
        asked = source.principal
        if rows[row].owed_on == on:  # not called due before
            asked += source.interest + source.fee
        short = _short(rows, row)
        how = MISSED
        if moment.phase == CLOSED or short <= moment.tolerance:
            how = EARLY if on > start or rows[row].early else ON_TIME
        elif short < asked:
            how = PART
        if asked > 0:
            remember_due(scratch, on, how, asked)
        row += 1


@part
def remember_bills(
    facts: Facts, terms: Terms, scratch: Scratch, moment: Moment, loan: int, known: int, start: int, end: int
) -> None:
    """Remember how the bills that are due within a stretch ended, those that asked for something or miss something."""
    if moment.basis != ON_BILLS:
        return
    bills, pots = facts.bills, scratch.pots
    last = _last_expected(scratch, moment, start, end)
    begin = facts.at[BILLS, loan]
    for i in range(begin, facts.at[BILLS, loan + 1]):
        if bills[i].on > last or not is_known(bills[i], known):
            continue
        due = moved(terms, moment.policy, bills[i].due_on)
        if not start <= due <= last:
            continue
        how = MISSED
        if i <= moment.met or moment.phase == CLOSED:
            how = EARLY if i <= (moment.met if due > start else scratch.memory[at.MET_BEFORE]) else ON_TIME
            if pots[at.NET_MONEY] - scratch.money_at_bill[i - begin] < bills[i].balance:
                how |= MINIMUM
        elif bill_missing(facts, scratch, loan, i) < bills[i].minimum_due:
            how = PART
        if (
            bills[i].minimum_due > 0 or how & at.HOW >= PART
        ):  # money taken back may be missing of a bill that asked for none
            remember_due(scratch, due, how | BILLED, bills[i].minimum_due)


@part
def remember_first(
    facts: Facts, terms: Terms, scratch: Scratch, moment: Moment, loan: int, known: int, end: int
) -> None:
    """Remember how long the first instalment, or the first bill, has stood uncovered; within grace it has not."""
    if moment.phase in (NOT_STARTED, CLOSED, TRANSFERRED):
        return
    late = 0
    if moment.basis == ON_SCHEDULE:
        rows, pots = scratch.rows, scratch.pots
        if pots[at.FIRST_SHORT] == 0 and pots[at.ROW_COUNT] > 0 and _short(rows, 0) > moment.tolerance:
            late = end - rows[0].owed_on
    elif moment.basis == ON_BILLS:
        first = first_bill(facts, loan, end, known)
        if first > moment.met:
            late = end - moved(terms, moment.policy, facts.bills[first].due_on)
    if late > moment.grace:
        scratch.memory[at.FIRST_LATE] = max(scratch.memory[at.FIRST_LATE], late)


@kernel
def first_bill(facts: Facts, loan: int, day: int, known: int) -> int:
    """The first bill issued, EMPTY before it."""
    for i in range(facts.at[BILLS, loan], facts.at[BILLS, loan + 1]):
        if facts.bills[i].on <= day and is_known(facts.bills[i], known):
            return i
    return EMPTY
