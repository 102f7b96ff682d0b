"""The plain loop: one version of everything and only scheduled money, which most loans are. It must answer as the general loop does."""

from __future__ import annotations

import numpy as np

from daihou.book.days import Months
from daihou.book.ledger.layout import (
    FOREVER,
    INSTALMENTS,
    NEVER_LATE,
    NO_DAY,
    NO_NUMBER,
    PAYMENTS,
    PLAIN,
    REVERSAL,
    STANDINGS,
    VERSIONS,
    Facts,
    Records,
)
from daihou.monitoring.arrears import shapes as at
from daihou.monitoring.arrears.emit import emit, emit_unknown
from daihou.monitoring.arrears.general import past_changed, walk_general
from daihou.monitoring.arrears.history import forget, remember_missed, remember_stretch
from daihou.monitoring.arrears.inforce import is_known, latest, moment_of, moved
from daihou.monitoring.arrears.money import empty_pots
from daihou.monitoring.arrears.shapes import CLOSED, CURRENT, EMPTY, ON_SCHEDULE, Ints, Moment, Scratch, Terms
from daihou.monitoring.jit import kernel

# Places in the running sums of the plain loop, kept in `Scratch.pots` beyond those of the general one.
ROW, LEFT, DUE, PAYMENT, CURSOR = range(at.POT_COUNT, at.POT_COUNT + 5)


@kernel
def _total(plan: Records, row: int) -> int:
    return plan[row].principal + plan[row].interest + plan[row].fee


@kernel
def is_plain(facts: Facts, terms: Terms, loan: int, as_of: Ints, known_on: Ints) -> bool:
    """Whether the plain loop may answer these dates for this loan."""
    loans, versions = facts.loans, facts.versions
    if loans[loan].flags & PLAIN == 0:
        return False
    version = facts.at[VERSIONS, loan]
    product = versions[version].product
    policy = terms.offsets[product]
    if terms.offsets[product + 1] - policy != 1 or terms.versions[policy].vertical:
        return False
    for i in range(as_of.size):
        if known_on[i] >= loans[loan].known_on:
            if as_of[i] < versions[version].disbursed_on:
                return False
            break
    return loans[loan].rows_known_on <= loans[loan].known_on or loans[loan].rows_known_on <= known_on[0]


@kernel
def _moment(facts: Facts, terms: Terms, pots: at.Cents, loan: int) -> Moment:
    """The stretch that follows from the money applied so far."""
    plan = facts.instalments
    version = facts.at[VERSIONS, loan]
    policy = terms.offsets[facts.versions[version].product]
    grace = facts.versions[version].grace_days
    if grace == NO_NUMBER:
        grace = terms.versions[policy].grace_days
    tolerance = terms.tolerance[policy, facts.loans[loan].currency]
    row, end = pots[ROW], facts.at[INSTALMENTS, loan + 1]
    short = pots[LEFT]
    while row < end and short <= tolerance:
        row += 1
        if row < end:
            short = _total(plan, row)
    owed_since = FOREVER
    phase = CURRENT
    if row < end:
        owed_since = moved(terms, policy, plan[row].due_on)
    elif pots[at.OPENING] <= pots[at.COVERED_PRINCIPAL]:
        phase = CLOSED
    return moment_of(version, policy, ON_SCHEDULE, grace, tolerance, phase, owed_since, EMPTY, EMPTY, EMPTY, NO_DAY, FOREVER)


@kernel
def _remember(facts: Facts, terms: Terms, months: Months, scratch: Scratch, moment: Moment, loan: int, end: int) -> None:
    """Remember the days from the cursor to `end`, the rows due in them included."""
    pots, plan = scratch.pots, facts.instalments
    start = pots[CURSOR]
    if end < start:
        return
    remember_stretch(months, scratch, moment, start, end)
    row, last = pots[DUE], facts.at[INSTALMENTS, loan + 1]
    while row < last:
        due = moved(terms, moment.policy, plan[row].due_on)
        if due > end:
            break
        if moment.phase != CLOSED and row >= pots[ROW]:
            short = pots[LEFT] if row == pots[ROW] else _total(plan, row)
            if short > moment.tolerance:
                remember_missed(scratch, due)
        row += 1
    pots[DUE] = row
    pots[CURSOR] = end + 1


@kernel
def _pay(facts: Facts, pots: at.Cents, loan: int, amount: int) -> None:
    """Pour money over the rows, oldest first; principal is last in each, so what is left of a row tells what of it was covered."""
    plan = facts.instalments
    row, left = pots[ROW], pots[LEFT]
    end = facts.at[INSTALMENTS, loan + 1]
    covered = pots[at.COVERED_PRINCIPAL]
    while row < end and amount >= left:
        amount -= left
        covered += min(left, plan[row].principal)
        row += 1
        left = _total(plan, row) if row < end else 0
    if row < end:
        covered += min(left, plan[row].principal) - min(left - amount, plan[row].principal)
        left -= amount
    else:
        pots[at.SURPLUS] += amount
    pots[ROW] = row
    pots[LEFT] = left
    pots[at.COVERED_PRINCIPAL] = covered


@kernel
def _start(facts: Facts, scratch: Scratch, loan: int) -> None:
    pots, plan = scratch.pots, facts.instalments
    forget(scratch.memory)
    empty_pots(pots)
    version = facts.at[VERSIONS, loan]
    pots[at.OPENING] = facts.versions[version].principal
    first = facts.at[INSTALMENTS, loan]
    pots[ROW] = first
    pots[LEFT] = _total(plan, first) if first < facts.at[INSTALMENTS, loan + 1] else 0
    while pots[ROW] < facts.at[INSTALMENTS, loan + 1] and pots[LEFT] == 0:
        pots[ROW] += 1
        pots[LEFT] = _total(plan, pots[ROW]) if pots[ROW] < facts.at[INSTALMENTS, loan + 1] else 0
    pots[DUE] = first
    pots[PAYMENT] = facts.at[PAYMENTS, loan]
    pots[CURSOR] = facts.versions[version].disbursed_on


@kernel
def _open_rows(facts: Facts, terms: Terms, scratch: Scratch, moment: Moment, loan: int, day: int) -> None:
    """Lay out the rows that are short, as far as the columns look: up to the first one due on the day or later."""
    plan, rows, pots = facts.instalments, scratch.rows, scratch.pots
    first = facts.at[INSTALMENTS, loan]
    row = pots[ROW]
    pots[at.FIRST_SHORT] = row - first
    left = pots[LEFT]
    while row < facts.at[INSTALMENTS, loan + 1]:
        place = row - first
        due = moved(terms, moment.policy, plan[row].due_on)
        rows[place].due_on = due
        rows[place].owed_on = due
        principal, interest = plan[row].principal, plan[row].interest
        rows[place].principal = min(left, principal)
        rows[place].interest = max(min(left - principal, interest), 0)
        rows[place].fee = max(left - principal - interest, 0)
        row += 1
        if due >= day and left > 0:
            break
        left = _total(plan, row) if row < facts.at[INSTALMENTS, loan + 1] else 0
    pots[at.ROW_COUNT] = row - first


@kernel
def _due_count(facts: Facts, terms: Terms, scratch: Scratch, moment: Moment, loan: int) -> int:
    plan, pots = facts.instalments, scratch.pots
    first, row = facts.at[INSTALMENTS, loan], pots[DUE]
    gone_since = scratch.memory[at.GONE_SINCE]
    while row > first and moved(terms, moment.policy, plan[row - 1].due_on) > gone_since:
        row -= 1
    return row - first


@kernel
def _with_reported(facts: Facts, terms: Terms, moment: Moment, loan: int, day: int, known: int) -> Moment:
    """The same stretch with the lender's own dpd beside it."""
    standings = facts.standings
    standing = latest(standings, facts.at[STANDINGS, loan], facts.at[STANDINGS, loan + 1], day, known)
    if standing == EMPTY or day - standings[standing].on > terms.standing_days:
        return moment
    return moment_of(
        moment.version, moment.policy, ON_SCHEDULE, moment.grace, moment.tolerance, moment.phase, moment.owed_since,
        standings[standing].dpd, standing, EMPTY, NO_DAY, FOREVER,
    )  # fmt: skip


@kernel
def _walk_plain(facts: Facts, terms: Terms, months: Months, scratch: Scratch, loan: int, as_of: Ints, known_on: Ints, out: Records, j: int) -> None:
    payments, pots = facts.payments, scratch.pots
    end = facts.at[PAYMENTS, loan + 1]
    never_late = facts.loans[loan].flags & NEVER_LATE
    started = False
    _start(facts, scratch, loan)
    moment = _moment(facts, terms, pots, loan)
    for i in range(as_of.size):
        day, known = np.int64(as_of[i]), np.int64(known_on[i])
        if facts.loans[loan].known_on > known:
            emit_unknown(out, i, j)
            continue
        if not started or (not never_late and past_changed(facts, loan, as_of[i - 1], known_on[i - 1], known)):
            _start(facts, scratch, loan)
            moment = _moment(facts, terms, pots, loan)
            started = True
        p = pots[PAYMENT]
        while p < end and payments[p].on <= day:
            if is_known(payments[p], known) and payments[p].purpose != REVERSAL:
                _remember(facts, terms, months, scratch, moment, loan, payments[p].on - 1)
                _pay(facts, pots, loan, payments[p].amount)
                pots[at.PAID] += payments[p].amount
                pots[at.LAST_PAID] = payments[p].on
                moment = _moment(facts, terms, pots, loan)
            p += 1
        pots[PAYMENT] = p
        _remember(facts, terms, months, scratch, moment, loan, day)
        _open_rows(facts, terms, scratch, moment, loan, day)
        due = _due_count(facts, terms, scratch, moment, loan)
        seen = _with_reported(facts, terms, moment, loan, day, known)
        emit(out, facts, terms, months, scratch, seen, i, j, loan, day, known, due)


@kernel
def walk(
    facts: Facts, terms: Terms, months: Months, scratch: Scratch, first: int, last: int, as_of: Ints, known_on: Ints, out: Records,
    general_only: bool,  # noqa: FBT001
) -> None:  # fmt: skip
    """Answer every date for the loans `first` … `last - 1`, each by the cheapest loop that is exact for it.

    Dates ascend, and so do knowledge dates. `general_only` is for explanations, and for the law that both loops agree.
    """
    for loan in range(first, last):
        if not general_only and is_plain(facts, terms, loan, as_of, known_on):
            _walk_plain(facts, terms, months, scratch, loan, as_of, known_on, out, loan - first)
        else:
            walk_general(facts, terms, months, scratch, loan, as_of, known_on, out, loan - first)
