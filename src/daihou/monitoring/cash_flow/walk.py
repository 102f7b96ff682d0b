"""The walk over the flows of borrowers, from the date back: one pass a borrower, in integers, with nothing remembered between two dates."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from daihou.book.flows.layout import NO_AMOUNT, NOBODY, Facts
from daihou.book.ledger.layout import NO_DAY
from daihou.monitoring.cash_flow.shapes import (
    ALWAYS,
    AT_TIMES,
    CASH,
    COLLECTION,
    DISCRETIONARY,
    ESSENTIAL,
    GAMBLING,
    LENDER,
    NOT,
    OWN,
    RETURNED,
    SALARY,
    UNNAMED,
    WINDOW,
    Ask,
    Ints,
    Record,
    Records,
    Scratch,
)
from daihou.monitoring.jit import kernel, part

if TYPE_CHECKING:
    from daihou.book.days import Months


@kernel
def _owner(facts: Facts, holding: int, day: int, known: int) -> int:
    """Whose an account is on a day as known on a day: by the version in force, the first known one from ever; NOBODY where none is known."""
    first = best = NOBODY
    for at in range(facts.holdings[holding].first, facts.holdings[holding].end):
        version = facts.versions[at]
        if version.known_on <= known:
            if first == NOBODY:
                first = version.borrower
            if version.effective_on <= day:
                best = version.borrower
    return best if best != NOBODY else first


@part
def _month(months: Months, day: int) -> int:
    month: int = months.of[day - months.first_day]
    return month


@part
def _roles(ask: Ask, kind: int, marks: int, of_loan: int, amount: int) -> int:
    """What money is: by its kind, by its flags where its kind does not say; money in that belongs to a loan of ours is a loan."""
    roles: int = ask.of_kind[kind]
    by_flags: int = ask.of_marks[marks]
    if roles & ~UNNAMED == 0:
        roles |= by_flags
    roles |= by_flags & RETURNED
    if of_loan and amount > 0:
        roles |= LENDER
    return roles


@part
def _counts(facts: Facts, ask: Ask, scratch: Scratch, borrower: int, at: int) -> bool:
    """Whether a flow is known, and of an account that was the borrower's on its day."""
    flow = facts.flows[at]
    if flow.known_on > ask.known_on or flow.until <= ask.known_on:
        return False
    whose = scratch.whose[flow.holding]
    if whose == AT_TIMES:
        holding = facts.holdings_at[borrower] + flow.holding
        return _owner(facts, holding, flow.day, ask.known_on) == borrower
    return bool(whose == ALWAYS)


@kernel
def _regular(facts: Facts, ask: Ask, scratch: Scratch, borrower: int, at: int) -> bool:
    """Whether enough months, up to that of an inflow, saw about as much from its payer, who does not pay all the time."""
    start = facts.flows_at[borrower]
    amount = facts.flows[at].amount
    tolerance = amount // 100 * ask.within_percent + amount % 100 * ask.within_percent // 100
    last = _month(ask.months, facts.flows[at].day)
    seen, count, payments = 0, 0, 0
    place = at
    while True:
        flow = facts.flows[place]
        back = last - _month(ask.months, flow.day)
        if back >= ask.regular_months:
            break
        if flow.amount > 0 and _counts(facts, ask, scratch, borrower, place):
            roles = _roles(ask, flow.kind, flow.marks, flow.of_loan, flow.amount)
            if roles == UNNAMED:
                payments += 1
                if payments > ask.most_payments:
                    return False
                if abs(flow.amount - amount) <= tolerance and (seen >> back) & 1 == 0:
                    seen |= 1 << back
                    count += 1
        if flow.earlier == NOBODY:
            break
        place = start + flow.earlier
    return count >= ask.at_least


@part
def _held(facts: Facts, ask: Ask, scratch: Scratch, borrower: int) -> int:
    """Note which accounts are the borrower's, always or at times; returns how many are on the date."""
    accounts = 0
    first = facts.holdings_at[borrower]
    for holding in range(first, facts.holdings_at[borrower + 1]):
        known = theirs = 0
        for at in range(facts.holdings[holding].first, facts.holdings[holding].end):
            if facts.versions[at].known_on <= ask.known_on:
                known += 1
                theirs += facts.versions[at].borrower == borrower
        whose = NOT if theirs == 0 else ALWAYS if theirs == known else AT_TIMES
        scratch.whose[holding - first] = whose
        scratch.filled[holding - first] = ask.as_of + 1
        if whose == ALWAYS or (whose == AT_TIMES and _owner(facts, holding, ask.as_of, ask.known_on) == borrower):
            accounts += 1
    return accounts


@part
def _fill(facts: Facts, ask: Ask, scratch: Scratch, borrower: int, at: int) -> bool:
    """Tell the balance after a flow for the days on which it stood; whether the account is told to the first day by it."""
    flow = facts.flows[at]
    place = flow.holding
    opening = ask.since[3]
    end = scratch.filled[place]
    if scratch.whose[place] == NOT or end == opening:
        return False
    begin = max(flow.day, opening)
    if scratch.whose[place] == ALWAYS:
        if begin < end:
            scratch.balance[begin - opening] += flow.balance
            scratch.balance[end - opening] -= flow.balance
            scratch.held[begin - opening] += 1
            scratch.held[end - opening] -= 1
    else:
        holding = facts.holdings_at[borrower] + place
        for day in range(begin, end):
            if _owner(facts, holding, day, ask.known_on) == borrower:
                scratch.balance[day - opening] += flow.balance
                scratch.balance[day + 1 - opening] -= flow.balance
                scratch.held[day - opening] += 1
                scratch.held[day + 1 - opening] -= 1
    scratch.filled[place] = min(begin, end)
    return bool(begin == opening)


@part
def _balances(ask: Ask, scratch: Scratch, answer: Record) -> None:
    """Sum up the days, and leave the room empty."""
    opening, days = ask.since[3], ask.as_of - ask.since[3]
    balance, held = 0, 0
    for place in range(days + 1):
        balance += scratch.balance[place]
        held += scratch.held[place]
        scratch.balance[place] = balance
        scratch.held[place] = held
    answer.balance = scratch.balance[days] if scratch.held[days] > 0 else NO_AMOUNT
    answer.balance_before = scratch.balance[0] if scratch.held[0] > 0 else NO_AMOUNT
    answer.balance_min_30d = NO_AMOUNT
    for place in range(1, days + 1):
        if scratch.held[place] == 0:
            continue
        of_day = scratch.balance[place]
        answer.balance_sum_3m += of_day
        answer.balance_days_3m += 1
        answer.days_below_zero_3m += of_day < 0
        if opening + place > ask.as_of - 30:
            answer.balance_sum_30d += of_day
            answer.balance_days_30d += 1
            if answer.balance_min_30d == NO_AMOUNT or of_day < answer.balance_min_30d:
                answer.balance_min_30d = of_day
    squares = 0.0
    for place in range(1, days + 1):
        if scratch.held[place] > 0:
            off = float(scratch.balance[place] * answer.balance_days_3m - answer.balance_sum_3m)
            squares += off * off
    if answer.balance_days_3m > 0:
        answer.balance_spread_3m = math.sqrt(squares / answer.balance_days_3m)
    for place in range(days + 2):
        scratch.balance[place] = 0
        scratch.held[place] = 0


@part
def _months_back(ask: Ask, day: int) -> int:
    """How many whole months before the date a day of the window lies."""
    back = 0
    while day <= ask.since[back + 1]:
        back += 1
    return back


@part
def _inflow(ask: Ask, scratch: Scratch, flow: Record, roles: int, answer: Record) -> None:
    """Count money in within the window of six months."""
    amount, day = flow.amount, flow.day
    scratch.inflow[_months_back(ask, day)] += amount
    answer.inflow_6m += amount
    if day > ask.since[3]:
        answer.inflow_3m += amount
    if day > ask.as_of - 30:
        answer.inflow_30d += amount
    if roles & COLLECTION:
        if day > ask.as_of - 30:
            answer.collections_30d += amount
        elif day > ask.as_of - 120:
            answer.collections_90d += amount
    if flow.payer != NOBODY:
        answer.payer_known += amount
        if scratch.payers[flow.payer] == 0:
            scratch.met[answer.payers_6m] = flow.payer
            answer.payers_6m += 1
        scratch.payers[flow.payer] += amount


@part
def _salary(ask: Ask, flow: Record, answer: Record) -> None:
    """Count a salary."""
    if answer.last_salary_on == NO_DAY:
        answer.last_salary_on = flow.day
    if flow.day > ask.since[3]:
        answer.salary_3m += flow.amount
    elif flow.day > ask.since[WINDOW]:
        answer.salary_before += flow.amount
    if flow.day > ask.since[WINDOW]:
        month = 1 << _months_back(ask, flow.day)
        if answer.salary_seen & month == 0:
            answer.salary_seen |= month
            answer.salary_months_6m += 1


@part
def _outflow(ask: Ask, flow: Record, roles: int, answer: Record) -> None:
    """Count money out within three months, in the first class that fits."""
    amount = -flow.amount
    answer.outflow_3m += amount
    if flow.day > ask.as_of - 30:
        answer.outflow_30d += amount
    if roles & LENDER:
        answer.lender_repayments_3m += amount
    elif roles & GAMBLING:
        answer.gambling += amount
    elif roles & CASH:
        answer.cash += amount
    elif roles & ESSENTIAL:
        answer.essential += amount
    elif roles & DISCRETIONARY:
        answer.discretionary += amount


@part
def _spread(scratch: Scratch, answer: Record) -> None:
    """Sum up months and payers, and leave the room empty."""
    squares = 0.0
    for back in range(WINDOW):
        off = float(scratch.inflow[back] * WINDOW - answer.inflow_6m)
        squares += off * off
        scratch.inflow[back] = 0
    answer.inflow_spread_6m = math.sqrt(squares / WINDOW)
    for place in range(answer.payers_6m):
        payer = scratch.met[place]
        answer.payer_top = max(answer.payer_top, scratch.payers[payer])
        scratch.payers[payer] = 0


@part
def _after(facts: Facts, borrower: int, day: int) -> int:
    """The place behind the borrower's last flow up to a day."""
    low: int = facts.flows_at[borrower]
    high: int = facts.flows_at[borrower + 1]
    while low < high:
        middle = (low + high) // 2
        if facts.flows[middle].day <= day:
            low = middle + 1
        else:
            high = middle
    return low


@part
def _note(facts: Facts, ask: Ask, scratch: Scratch, borrower: int, at: int, answer: Record) -> None:
    """Count a flow as whatever it is."""
    flow = facts.flows[at]
    roles = _roles(ask, flow.kind, flow.marks, flow.of_loan, flow.amount)
    within = flow.day > ask.since[3]
    if roles & RETURNED:
        answer.bounced_3m += within
    elif roles & OWN or flow.amount == 0:
        return
    elif flow.amount < 0:
        if within:
            _outflow(ask, flow, roles, answer)
    elif roles & LENDER:
        if within:
            answer.lender_inflow_3m += flow.amount
    else:
        if flow.day > ask.since[WINDOW]:
            _inflow(ask, scratch, flow, roles, answer)
        elif answer.last_salary_on != NO_DAY:
            return
        named = roles & SALARY != 0
        if named or (roles == UNNAMED and flow.payer != NOBODY and _regular(facts, ask, scratch, borrower, at)):
            _salary(ask, flow, answer)


@part
def _one(facts: Facts, ask: Ask, scratch: Scratch, borrower: int, answer: Record) -> None:
    """Walk one borrower's flows from the date back, for as long as any of them can tell something new."""
    answer.last_flow_on = answer.last_salary_on = NO_DAY
    untold = 0
    for place in range(facts.holdings_at[borrower + 1] - facts.holdings_at[borrower]):
        untold += scratch.whose[place] != NOT
    start = facts.flows_at[borrower]
    at = _after(facts, borrower, ask.as_of)
    while at > start:
        at -= 1
        flow = facts.flows[at]
        if flow.day <= ask.since[WINDOW] and untold == 0 and answer.last_salary_on != NO_DAY:
            break
        if flow.known_on > ask.known_on or flow.until <= ask.known_on:
            continue
        if flow.balance != NO_AMOUNT:
            untold -= _fill(facts, ask, scratch, borrower, at)
        if _counts(facts, ask, scratch, borrower, at):
            if answer.last_flow_on == NO_DAY:
                answer.last_flow_on = flow.day
            _note(facts, ask, scratch, borrower, at, answer)
    _balances(ask, scratch, answer)
    _spread(scratch, answer)


@kernel
def walk(facts: Facts, ask: Ask, scratch: Scratch, which: Ints, answers: Records) -> None:
    """Answer for some borrowers by their numbers in the flows; `answers` are zeros, one for each of them."""
    for place in range(len(which)):
        borrower = which[place]
        accounts = _held(facts, ask, scratch, borrower)
        if accounts > 0:
            answers[place].accounts = accounts
            _one(facts, ask, scratch, borrower, answers[place])
