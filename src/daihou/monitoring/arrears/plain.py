"""The plain loop: one version of everything and only scheduled money, which most loans are. It must answer as the general loop does.

It keeps its place in local variables rather than in scratch space, since it is the loop that a million loans go through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from daihou.book.ledger.layout import (
    BORROWERS,
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
from daihou.monitoring.arrears.dues import remember_due
from daihou.monitoring.arrears.emit import emit
from daihou.monitoring.arrears.general import past_changed, walk_general
from daihou.monitoring.arrears.history import (
    NORMAL,
    ONE,
    SETTLED,
    SEVEN,
    STAR,
    forget,
    month_of,
    remember_fall,
    remember_late,
)
from daihou.monitoring.arrears.inforce import is_known, latest, moment_of, moved
from daihou.monitoring.arrears.money import empty_pots
from daihou.monitoring.arrears.shapes import (
    CLOSED,
    CURRENT,
    EARLY,
    EMPTY,
    MISSED,
    ON_SCHEDULE,
    ON_TIME,
    PART,
    Afresh,
    Ints,
    Moment,
    Scratch,
    Terms,
)
from daihou.monitoring.jit import kernel, part

if TYPE_CHECKING:
    from daihou.book.days import Months


@kernel
def _total(plan: Records, row: int) -> int:
    return plan[row].principal + plan[row].interest + plan[row].fee


@part
def is_plain(facts: Facts, terms: Terms, loan: int, known_on: Ints) -> bool:
    """Whether the plain loop may answer these dates for this loan."""
    own = facts.loans[loan]
    if own.traits & PLAIN == 0:
        return False
    version = facts.at[VERSIONS, loan]
    product = facts.versions[version].product
    policy = terms.offsets[product]
    if terms.offsets[product + 1] - policy != 1 or terms.versions[policy].vertical:
        return False
    return own.rows_known_on <= own.known_on or own.rows_known_on <= known_on[0]


@part
def _open_rows(
    plan: Records, terms: Terms, scratch: Scratch, policy: int, first: int, last: int, row: int, left: int, day: int
) -> None:
    """Lay out the rows that are short, as far as the columns look: up to the first one due on the day or later."""
    rows, pots = scratch.rows, scratch.pots
    rows[0].due_on = moved(terms, policy, plan[first].due_on)
    pots[at.FIRST_SHORT] = row - first
    while row < last:
        short = rows[row - first]
        due = moved(terms, policy, plan[row].due_on)
        principal, interest = plan[row].principal, plan[row].interest
        short.due_on = due
        short.owed_on = due
        short.principal = min(left, principal)
        short.interest = max(min(left - principal, interest), 0)
        short.fee = max(left - principal - interest, 0)
        row += 1
        if due >= day and left > 0:
            break
        left = _total(plan, row) if row < last else 0
    pots[at.ROW_COUNT] = row - first


@part
def _due_count(plan: Records, terms: Terms, policy: int, first: int, row: int, gone_since: int) -> int:
    """How many rows before `row` were due by the day the loan was closed."""
    while row > first and moved(terms, policy, plan[row - 1].due_on) > gone_since:
        row -= 1
    return row - first


@part
def _reported(facts: Facts, terms: Terms, loan: int, day: int, known: int) -> int:
    """The lender's own dpd, EMPTY without a fresh one."""
    standing = latest(facts.standings, facts.at[STANDINGS, loan], facts.at[STANDINGS, loan + 1], day, known)
    if standing == EMPTY or day - facts.standings[standing].on > terms.standing_days:
        return EMPTY
    return facts.standings[standing].dpd


@part
def _owed_row(plan: Records, row: int, last: int, left: int, tolerance: int) -> int:
    """The first row not covered, from the first one short on, of which `left` is missing."""
    while row < last and left <= tolerance:
        row += 1
        left = _total(plan, row) if row < last else 0
    return row


@part
def _live(
    months: Months,
    plan: Records,
    terms: Terms,
    scratch: Scratch,
    moment: Moment,
    first: int,
    last: int,
    row: int,
    left: int,
    owed: int,
    owed_before: int,
    start: int,
    end: int,
    month: int,
    due: int,
) -> int:
    """Remember the days `start` ... `end`: month codes from `month` on, the rows due from `due` on; returns the first row due later.

    `row` is the first row short, by `left`; `owed` the first not covered, `owed_before` the same the day before `start`.
    """
    memory = scratch.memory
    closed = moment.phase == CLOSED
    late_at_start = late = 0
    if not closed:
        late = max(end - moment.owed_since, 0)
        late_at_start = max(start - moment.owed_since, 0)
        late = late if late > moment.grace else 0
        late_at_start = late_at_start if late_at_start > moment.grace else 0
    if late > 0:
        since = max(start, moment.owed_since + moment.grace + 1)
        remember_late(scratch, since, since - moment.owed_since, end, late)
        if owed == first:
            memory[at.FIRST_LATE] = max(memory[at.FIRST_LATE], late)
    remember_fall(scratch, start, late_at_start, late)
    while months.ends[month + 1] <= end:
        code = NORMAL
        place = month - memory[at.FIRST_MONTH]
        if closed:
            code = STAR if place > 0 and scratch.months[place - 1].gone else SETTLED
        else:
            dpd = months.ends[month + 1] - moment.owed_since
            if dpd > moment.grace:
                code = min(ONE + (dpd - 1) // 30, SEVEN)
        scratch.months[place].code = code
        scratch.months[place].gone = closed
        month += 1
    until = end
    if closed:  # a loan closed on a day still had that day's dues
        until = start if memory[at.GONE_SINCE] == FOREVER else start - 1
    while due < last:
        on = moved(terms, moment.policy, plan[due].due_on)
        if on > end:
            break
        asked = _total(plan, due)
        if asked > 0 and start <= on <= until:
            within = asked <= moment.tolerance
            how = MISSED
            # From the first row not covered on, only rows within tolerance are covered.
            if closed or due < owed or (due > owed and within):
                early = on > start or due < owed_before or (due > owed_before and within)
                how = EARLY if early else ON_TIME
            elif due == row and left < asked:
                how = PART
            remember_due(scratch, on, how, asked)
        due += 1
    return due


@part
def _stretch(
    facts: Facts,
    terms: Terms,
    version: int,
    policy: int,
    grace: int,
    tolerance: int,
    owed: int,
    last: int,
    covered: int,
) -> Moment:
    """The stretch that follows from the money applied so far."""
    owed_since = FOREVER
    phase = CURRENT
    if owed < last:
        owed_since = moved(terms, policy, facts.instalments[owed].due_on)
    elif covered >= facts.versions[version].principal:
        phase = CLOSED
    return moment_of(
        version, policy, ON_SCHEDULE, grace, tolerance, phase, owed_since, EMPTY, EMPTY, EMPTY, NO_DAY, FOREVER
    )


@part
def _walk_plain(
    facts: Facts,
    terms: Terms,
    months: Months,
    scratch: Scratch,
    loan: int,
    as_of: Ints,
    known_on: Ints,
    out: Records,
    j: int,
) -> None:
    plan, payments, pots, memory = facts.instalments, facts.payments, scratch.pots, scratch.memory
    first, last = facts.at[INSTALMENTS, loan], facts.at[INSTALMENTS, loan + 1]
    payments_start, payments_end = facts.at[PAYMENTS, loan], facts.at[PAYMENTS, loan + 1]
    own = facts.loans[loan]
    version = facts.at[VERSIONS, loan]
    terms_of_loan = facts.versions[version]
    policy = terms.offsets[terms_of_loan.product]
    grace = np.int64(terms_of_loan.grace_days)
    if grace == NO_NUMBER:
        grace = np.int64(terms.versions[policy].grace_days)
    tolerance = terms.tolerance[policy, own.currency]
    never_late = own.traits & NEVER_LATE
    started = False
    row = due = owed = owed_before = first
    p = payments_start
    left = covered = surplus = paid = np.int64(0)
    last_paid = np.int64(-FOREVER)
    cursor = np.int64(0)
    month = np.int64(0)
    moment = _stretch(facts, terms, version, policy, grace, tolerance, first, last, 0)
    for i in range(as_of.size):
        day, known = np.int64(as_of[i]), np.int64(known_on[i])
        if own.known_on > known:
            out[i, j].version = EMPTY
            continue
        if day < terms_of_loan.disbursed_on:
            walk_general(facts, terms, months, scratch, loan, as_of[i : i + 1], known_on[i : i + 1], out[i : i + 1], j)
            continue
        if not started or (not never_late and past_changed(facts, loan, as_of[i - 1], known_on[i - 1], known)):
            started = True
            forget(memory)
            empty_pots(pots)
            pots[at.OPENING] = terms_of_loan.principal
            row = due = first
            left = _total(plan, row)
            while row < last and left == 0:
                row += 1
                left = _total(plan, row) if row < last else np.int64(0)
            p = payments_start
            covered = surplus = paid = np.int64(0)
            last_paid = np.int64(-FOREVER)
            cursor = np.int64(terms_of_loan.disbursed_on)
            month = np.int64(month_of(months, cursor))
            memory[at.FIRST_MONTH] = month
            owed = owed_before = _owed_row(plan, row, last, left, tolerance)
            moment = _stretch(facts, terms, version, policy, grace, tolerance, owed, last, covered)
        while p < payments_end and payments[p].on <= day:
            payment = payments[p]
            p += 1
            if not is_known(payment, known) or payment.purpose == REVERSAL:
                continue
            on = np.int64(payment.on)
            if on > cursor:
                due = _live(
                    months, plan, terms, scratch, moment, first, last, row, left, owed, owed_before, cursor, on - 1, month, due
                )  # fmt: skip
                owed_before = owed
                month = np.int64(month_of(months, on))
                if moment.phase == CLOSED:
                    memory[at.GONE_SINCE] = min(memory[at.GONE_SINCE], cursor)
                else:
                    memory[at.GONE_SINCE] = FOREVER
                cursor = on
            amount = payment.amount
            paid += amount
            last_paid = on
            # Principal is last in a row, so what is left of the row tells what of its principal is covered.
            while row < last and amount >= left:
                amount -= left
                covered += min(left, plan[row].principal)
                row += 1
                left = _total(plan, row) if row < last else np.int64(0)
            if row < last:
                covered += min(left, plan[row].principal) - min(left - amount, plan[row].principal)
                left -= amount
            else:
                surplus += amount
            owed = _owed_row(plan, row, last, left, tolerance)
            owed_before = owed if on < cursor else owed_before
            moment = _stretch(facts, terms, version, policy, grace, tolerance, owed, last, covered)
        if day >= cursor:
            due = _live(
                months, plan, terms, scratch, moment, first, last, row, left, owed, owed_before, cursor, day, month, due
            )
            owed_before = owed
            month = np.int64(month_of(months, day + 1))
            if moment.phase == CLOSED:
                memory[at.GONE_SINCE] = min(memory[at.GONE_SINCE], cursor)
            else:
                memory[at.GONE_SINCE] = FOREVER
            cursor = day + 1
        memory[at.MEASURED_ON] = day
        pots[at.COVERED_PRINCIPAL] = covered
        pots[at.SURPLUS] = surplus
        pots[at.PAID] = paid
        pots[at.LAST_PAID] = last_paid
        _open_rows(plan, terms, scratch, policy, first, last, row, left, day)
        seen = moment_of(
            version, policy, ON_SCHEDULE, grace, tolerance, moment.phase, moment.owed_since, _reported(facts, terms, loan, day, known), EMPTY,
            EMPTY, NO_DAY, FOREVER,
        )  # fmt: skip
        count = _due_count(plan, terms, policy, first, due, memory[at.GONE_SINCE])
        emit(out[i, j], facts, terms, months, scratch, seen, loan, day, known, count)


@kernel
def walk(
    facts: Facts, terms: Terms, months: Months, scratch: Scratch, first: int, last: int, as_of: Ints, known_on: Ints, out: Records,
    general_only: bool,
) -> None:  # fmt: skip
    """Answer every date for the loans `first` … `last - 1`, each by the cheapest loop that is exact for it.

    Dates ascend, and so do knowledge dates. `general_only` is for explanations, and for the law that both loops agree.
    """
    for loan in range(first, last):
        if not general_only and is_plain(facts, terms, loan, known_on):
            _walk_plain(facts, terms, months, scratch, loan, as_of, known_on, out, loan - first)
        else:
            walk_general(facts, terms, months, scratch, loan, as_of, known_on, out, loan - first)


@kernel
def _told_otherwise(facts: Facts, loan: int, day: int, then: int, later: int) -> bool:
    """Whether what is known on `later` may change the answer for a day as known on `then`; of one before the loan is disbursed it is not asked."""
    started = False
    for i in range(facts.at[VERSIONS, loan], facts.at[VERSIONS, loan + 1]):
        started |= facts.versions[i].disbursed_on <= day
    if not started:
        return False
    if then < facts.loans[loan].known_on <= later:
        return True
    for i in range(facts.at[BORROWERS, loan], facts.at[BORROWERS, loan + 1]):
        if then < facts.borrowers[i].known_on <= later:
            return True
    return past_changed(facts, loan, day, then, later)


@kernel
def bring(
    facts: Facts, terms: Terms, months: Months, scratch: Scratch, loans: Ints, first: int, as_of: Ints, then: Ints, later: Ints, afresh: Afresh,
    out: Records,
) -> None:  # fmt: skip
    """Bring the answers for some loans of those from `first` on, which `out` holds, from the knowledge of `then` to that of `later`.

    Only those dates of a loan are walked again whose answer may change. Before it is disbursed a loan need not be known: such dates are left as
    they are.
    """
    for k in range(loans.size):
        loan = np.int64(loans[k])  # of the type that `walk` counts in, or all loops would be compiled a second time
        count = 0
        for i in range(as_of.size):
            if _told_otherwise(facts, loan, np.int64(as_of[i]), np.int64(then[i]), np.int64(later[i])):
                afresh.places[count] = i
                afresh.days[count] = as_of[i]
                afresh.known_on[count] = later[i]
                count += 1
        if count == 0:
            continue
        days, known_on = afresh.days[:count], afresh.known_on[:count]
        if is_plain(facts, terms, loan, known_on):
            _walk_plain(facts, terms, months, scratch, loan, days, known_on, afresh.answers, 0)
        else:
            walk_general(facts, terms, months, scratch, loan, days, known_on, afresh.answers, 0)
        for i in range(count):
            out[afresh.places[i], loan - first] = afresh.answers[i, 0]
