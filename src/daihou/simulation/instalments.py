"""The life of a loan with a plan, due date by due date. Compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from daihou.simulation import shapes as at
from daihou.simulation.draws import between, days_of
from daihou.simulation.jit import compiled
from daihou.simulation.money import (
    pay,
    recover,
    write_change,
    write_default,
    write_instalment,
    write_loan,
    write_payment,
)
from daihou.simulation.paying import chance_of_missing, paid_when

if TYPE_CHECKING:
    from daihou.simulation.shapes import Array, Facts, Odds

WRITE_OFF_DAYS = 25  # after the due date that was missed once too often
DEFAULT_MONTHS = 3  # that the due date missed first is unpaid
PAID, SLID, SETTLED = range(3)  # what becomes of a due date

# Where a loan is, in `Course.now`: due dates that have passed, those of them that are unpaid, months unpaid beyond the plan, part money
# on the oldest unpaid one, and whether the loan was extended, restructured and in default.
ROW, UNPAID, OVERTIME, CREDIT, EXTENDED, RESTRUCTURED, DEFAULTED, NOW_COUNT = range(8)


class Course(NamedTuple):
    """What stays the same over a loan's life, and where it is now."""

    loan: Any
    term: int
    every: int  # months from due date to due date
    day: int  # of the month, from 0
    begun: int  # month of the book
    habit: int
    stops: int  # month from which nothing is paid, past the book if never
    shocked: Array
    starts: Array
    plan: Array  # principal (row 0) and interest (row 1) of each due date, in cents
    now: Array
    end: int  # last day of the book


@compiled
def _schedule(plan: Array, method: int, principal: int, rate: float, term: int) -> None:
    """Fill the plan: level, equal principal, or interest only."""
    left = principal
    level = 0
    if method == 0:
        level = round(principal * rate / (1 - (1 + rate) ** -term)) if rate > 0 else principal // term
    for place in range(term):
        interest = round(left * rate)
        paid = left
        if place < term - 1:
            paid = level - interest if method == 0 else principal // term if method == 1 else 0
        plan[0, place] = paid
        plan[1, place] = interest
        left -= paid


@compiled
def _owed(plan: Array, first: int, last: int) -> int:
    total = 0
    for place in range(first, last):
        total += plan[0, place] + plan[1, place]
    return total


@compiled
def _put_off(random: Any, odds: Odds, facts: Facts, course: Course, month: int) -> int:
    """Extend or restructure a loan in arrears, by chance: all that is unpaid moves, so that nothing is overdue. Returns by how many months."""
    now, every, day = course.now, course.every, course.day
    if now[ROW] == course.term or now[UNPAID] == 0:
        return 0
    if now[UNPAID] <= 2 and now[EXTENDED] == 0 and random.random() < odds.extend:
        kind, shift = at.EXTENSION, odds.extend_months
        now[EXTENDED] = 1
    elif now[UNPAID] >= 3 and now[RESTRUCTURED] == 0 and random.random() < odds.restructure:
        kind, shift = at.RESTRUCTURE, odds.restructure_months
        now[RESTRUCTURED] = 1
    else:
        return 0
    now[ROW] -= now[UNPAID]
    now[UNPAID] = 0
    row, number, on = now[ROW], course.loan.loan, course.starts[month] + day - 1
    for place in range(row, course.term):
        due_on = course.starts[month + shift + every * (place - row)] + day
        write_instalment(facts, number, place + 1, due_on, course.plan[0, place], course.plan[1, place], on)
    write_change(facts, number, on, kind)
    write_loan(facts, course.loan, course.starts[month + shift + every * (course.term - 1 - row)] + day, on)
    return shift


@compiled
def _without_arrears(random: Any, odds: Odds, facts: Facts, course: Course, month: int) -> int:
    """A due date of a loan without arrears: missed, paid, or paid and the rest settled with it."""
    now, plan, number = course.now, course.plan, course.loan.loan
    row = now[ROW]
    chance = chance_of_missing(odds, course.loan, month, course.begun, row == 0, course.shocked[month])
    if random.random() < chance:
        return SLID
    on = paid_when(random, odds, course.habit, course.starts[month] + course.day)
    pay(random, odds, facts, number, on, _owed(plan, row, row + 1) - now[CREDIT], course.end, odds.bounce)
    now[CREDIT] = 0
    now[ROW] += 1
    if now[ROW] < course.term and random.random() < odds.settle:
        rest = 0
        for place in range(now[ROW], course.term):
            rest += plan[0, place]
        write_payment(facts, number, on, on, rest, at.PAYOFF, at.NONE, course.end)
        return SETTLED
    return PAID


@compiled
def _in_arrears(random: Any, odds: Odds, facts: Facts, course: Course, due: int) -> int:
    """A due date of a loan in arrears: all is paid, or as much as falls due, or nothing."""
    now, plan = course.now, course.plan
    oldest, more = now[ROW] - now[UNPAID], 1 if now[ROW] < course.term else 0
    step = min(now[UNPAID], 3) - 1
    drawn = random.random()
    on = due + days_of(random, odds.arrears_days)
    if drawn < odds.cure[step]:
        amount = _owed(plan, oldest, now[ROW] + more) - now[CREDIT]
        now[UNPAID] = 0
        now[CREDIT] = 0
    elif drawn < odds.cure[step] + odds.keep[step]:
        amount = _owed(plan, oldest, oldest + 1)
        if more == 0:
            amount -= now[CREDIT]
            now[CREDIT] = 0
            now[UNPAID] -= 1
    else:
        return SLID
    pay(random, odds, facts, course.loan.loan, on, amount, course.end, odds.bounce)
    now[ROW] += more
    return PAID


@compiled
def _slide(random: Any, odds: Odds, facts: Facts, course: Course, due: int, part: float) -> None:
    """A due date passes unpaid; a part of the oldest may come in."""
    now, plan = course.now, course.plan
    if now[ROW] < course.term:
        now[ROW] += 1
        now[UNPAID] += 1
    else:
        now[OVERTIME] += 1
    if now[CREDIT] == 0 and random.random() < part:
        oldest = now[ROW] - now[UNPAID]
        now[CREDIT] = max(int(_owed(plan, oldest, oldest + 1) * between(random, odds.part_fraction)), 1)
        on = due + days_of(random, odds.arrears_days)
        pay(random, odds, facts, course.loan.loan, on, now[CREDIT], course.end, odds.bounce)


@compiled
def instalment_loan(random: Any, odds: Odds, facts: Facts, course: Course) -> None:
    """One loan from disbursement to its end, or to that of the book."""
    loan, every, now = course.loan, course.every, course.now
    number = loan.loan
    _schedule(
        course.plan, odds.method[loan.product], loan.principal, odds.annual_rate[loan.product] * every / 12, course.term
    )
    for place in range(course.term):
        due_on = course.starts[course.begun + every * (place + 1)] + course.day
        write_instalment(
            facts, number, place + 1, due_on, course.plan[0, place], course.plan[1, place], loan.disbursed_on
        )
    now[:] = 0
    month = course.begun + every
    while course.starts[month] + course.day <= course.end:
        due = course.starts[month] + course.day
        stopped = month >= course.stops
        shift = 0 if stopped else _put_off(random, odds, facts, course, month)
        if shift > 0:
            month += shift
            continue
        if now[UNPAID] == 0 and now[ROW] == course.term:
            return
        if stopped:
            outcome = SLID
        elif now[UNPAID] > 0:
            outcome = _in_arrears(random, odds, facts, course, due)
        else:
            outcome = _without_arrears(random, odds, facts, course, month)
        if outcome == SETTLED:
            return
        if outcome == SLID:
            _slide(random, odds, facts, course, due, odds.part if not stopped else 0.0)
            unpaid_months = every * (now[UNPAID] - 1) + now[OVERTIME]
            lost = now[UNPAID] + now[OVERTIME] >= odds.write_off_at
            if now[DEFAULTED] == 0 and (lost or unpaid_months >= DEFAULT_MONTHS):
                now[DEFAULTED] = 1
                write_default(facts, loan, course.starts[month - unpaid_months] + course.day, due)
        if now[UNPAID] + now[OVERTIME] >= odds.write_off_at:
            if due + WRITE_OFF_DAYS <= course.end:
                write_change(facts, number, due + WRITE_OFF_DAYS, at.WRITE_OFF)
                claim = _owed(course.plan, now[ROW] - now[UNPAID], course.term)
                recover(random, odds, facts, number, claim, course.starts, month + 1, course.day, course.end)
            return
        month += every if now[ROW] < course.term else 1
