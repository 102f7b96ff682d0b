"""The money in the accounts of borrowers, month by month, as docs/guides/simulation.md tells it. Compiled.

It follows the lives of the loans, which it cannot change: what a loan paid out and was paid goes through the account as far as there is
money, and income falls in months of trouble and before defaults. All that is random comes from a stream of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from daihou.simulation import purses as at
from daihou.simulation.draws import between, days_of, pick
from daihou.simulation.jit import compiled
from daihou.simulation.shapes import NONE

if TYPE_CHECKING:
    from daihou.simulation.purses import Purse, Seen
    from daihou.simulation.shapes import Array

DAY_MINUTES = 1440
OPEN, OPEN_MINUTES = 480, 840  # money moves from 8 in the morning until 10 at night
MORNING, NIGHT = 420, 1410  # when money comes from savings, and goes there
PAID_OUT, SPENT_FROM = 540, 700  # loans are paid out at nine, and what they are for is paid from a quarter to twelve on
COMPANIES = 120_000  # names of companies there are
NEXT_CUSTOMER, NEXT_PAYEE = 7_919, 6_151  # from one customer's name to the next, and from one to whom money goes
PAYEES = 6  # of each class that a borrower pays

BALANCE, SAVED, PENDING, NUMBER, MOVE, NOW_COUNT = range(6)
# Where somebody is: the balance of the account and that of the second one, which are numbered so, what is planned of the month, rows so far, next move of a loan.


@compiled
def _begin(random: Any, purse: Purse, owner: Any, now: Array) -> None:
    """Draw who somebody is."""
    defaults = 1 if owner.default != NONE else 0
    owner.opened = max(owner.since - days_of(random, purse.before), 0)
    owner.second = random.random() < purse.second
    owner.income = purse.income[pick(random, purse.income_share)]
    owner.employed = random.random() < purse.employed
    owner.customers = purse.customers[pick(random, purse.customers_share)]
    owner.gambler = random.random() < purse.gamblers[defaults]
    owner.indebted = random.random() < purse.elsewhere[defaults]
    owner.instalment = int(owner.income * between(random, purse.instalment_elsewhere))
    owner.pay_day = days_of(random, purse.pay_days)
    owner.debt_day = 1 + int(random.random() * 28)
    owner.party = int(random.random() * COMPANIES)
    now[:] = 0
    now[BALANCE] = int(owner.income * between(random, purse.opens_with))
    now[MOVE] = owner.moves


@compiled
def _spell(random: Any, purse: Purse, seen: Seen, owner: Any, begins: int, ends: int, cause: int, left: Array) -> None:
    """A spell of trouble: income stops, or shrinks."""
    share = 0.0 if random.random() < purse.stops else between(random, purse.shrinks_to)
    begins, ends = max(begins, 0), min(ends, left.size)
    if begins >= ends:
        return
    trouble = seen.troubles[seen.rows[at.TROUBLE_ROWS]]
    trouble.borrower = owner.borrower
    trouble.begins = begins
    trouble.ends = ends
    trouble.cause = cause
    trouble.left = share
    seen.rows[at.TROUBLE_ROWS] += 1
    for month in range(begins, ends):
        left[month] = min(left[month], share)


@compiled
def _troubles(random: Any, purse: Purse, seen: Seen, owner: Any, shocks: Array, left: Array) -> None:
    """How much is left of the income in each month."""
    left[:] = 1.0
    for place in range(owner.shocks, owner.shocks_end):
        if random.random() < purse.shock_seen:
            _spell(random, purse, seen, owner, int(shocks[place].begins), int(shocks[place].ends), at.SHOCKED, left)
    if owner.default != NONE and random.random() < purse.default_seen:
        begins = int(owner.default - days_of(random, purse.lead))
        ends = int(begins + days_of(random, purse.lasts))
        _spell(random, purse, seen, owner, begins, ends, at.DEFAULTING, left)


@compiled
def _plan(planned: Array, now: Array, moment: int, what: int, party: int, amount: int, loan: int, move: int) -> None:
    """Put something into the month's plans."""
    one = planned[now[PENDING]]
    one.moment = moment
    one.what = what
    one.party = party
    one.amount = amount
    one.loan = loan
    one.move = move
    now[PENDING] += 1


@compiled
def _by_day(random: Any) -> int:
    """A minute of the day."""
    return OPEN + int(random.random() * OPEN_MINUTES)


@compiled
def _some_day(random: Any, first: int) -> int:
    """A minute of any of the first 28 days of a month that begins on a day."""
    return (first + int(random.random() * 28)) * DAY_MINUTES + _by_day(random)


@compiled
def _uneven(random: Any, purse: Purse, amount: float) -> int:
    """An amount, more or less."""
    return int(amount * (1 + purse.unevenness * (2 * random.random() - 1)))


@compiled
def _income(random: Any, purse: Purse, owner: Any, planned: Array, now: Array, first: int, left: float) -> None:
    """What comes in: a salary, or what customers pay, the first of whom pay most."""
    if owner.employed:
        moment = (first + owner.pay_day - 1) * DAY_MINUTES + _by_day(random)
        amount = _uneven(random, purse, left * owner.income)
        if amount > 0:
            _plan(planned, now, moment, at.SALARY, owner.party, amount, NONE, NONE)
        return
    usual = owner.income / (0.5 * (purse.receipts[0] + purse.receipts[1]))
    for _ in range(days_of(random, purse.receipts)):
        customer = int(owner.customers * random.random() * random.random())
        moment = _some_day(random, first)
        amount = _uneven(random, purse, left * usual)
        party = (owner.party + NEXT_CUSTOMER * (1 + customer)) % COMPANIES
        if amount > 0:
            _plan(planned, now, moment, at.RECEIPT, party, amount, NONE, NONE)


@compiled
def _spend(random: Any, purse: Purse, owner: Any, planned: Array, now: Array, first: int) -> None:
    """What is spent on living, or on the business."""
    count = days_of(random, purse.outgoings)
    share = between(random, purse.spent)
    for _ in range(count):
        what = at.FIRST_CLASS + pick(random, purse.spending_share)
        amount = int(owner.income * share / count * (0.5 + random.random()))
        party = (owner.party + NEXT_PAYEE * (1 + int(random.random() * PAYEES))) % COMPANIES
        _plan(planned, now, _some_day(random, first), what, party, -amount, NONE, NONE)


@compiled
def _habits(
    random: Any, purse: Purse, owner: Any, planned: Array, now: Array, first: int, trouble: int, begins: int
) -> None:
    """Another lender is paid, stakes are laid; in trouble money is taken out in cash, and borrowed elsewhere."""
    if owner.indebted:
        moment = (first + owner.debt_day - 1) * DAY_MINUTES + _by_day(random)
        _plan(planned, now, moment, at.ELSEWHERE, owner.party, -owner.instalment, NONE, NONE)
    if owner.gambler:
        for _ in range(days_of(random, purse.gambling_times)):
            stake = int(owner.income * between(random, purse.stakes))
            _plan(planned, now, _some_day(random, first), at.STAKE, owner.party, -stake, NONE, NONE)
    if begins and random.random() < purse.withdraws:
        taken = int(now[BALANCE] * between(random, purse.withdrawn))
        if taken > 0:
            _plan(planned, now, first * DAY_MINUTES + OPEN, at.WITHDRAWN, owner.party, -taken, NONE, NONE)
    if trouble and random.random() < purse.lent_elsewhere:
        lent = int(owner.income * between(random, purse.lent))
        _plan(planned, now, _some_day(random, first), at.LENT, owner.party + 1, lent, NONE, NONE)


@compiled
def _loans(random: Any, owner: Any, planned: Array, now: Array, moves: Array, until: int) -> None:
    """What loans pay out, which is laid out on the same day, and what is paid for them."""
    while now[MOVE] < owner.moves_end and moves[now[MOVE]].on < until:
        move = moves[now[MOVE]]
        begins = move.on * DAY_MINUTES
        if move.what == at.DISBURSED:
            _plan(planned, now, begins + PAID_OUT, at.DISBURSED, 0, move.amount, move.loan, now[MOVE])
            moment, party = begins + SPENT_FROM + int(random.random() * 300), int(random.random() * COMPANIES)
            _plan(planned, now, moment, at.LAID_OUT, party, -move.amount, NONE, NONE)
        else:
            _plan(planned, now, begins + _by_day(random), move.what, 0, move.amount, move.loan, now[MOVE])
        now[MOVE] += 1


@compiled
def _write(
    random: Any,
    purse: Purse,
    seen: Seen,
    owner: Any,
    now: Array,
    account: int,
    one: Any,
    amount: int,
    returned: int,
    end: int,
) -> None:
    """Write a row of an account; some are known late, some were sent with twice the amount at first."""
    number = now[NUMBER]
    now[NUMBER] += 1
    known = one.moment // DAY_MINUTES
    versions = 1
    if random.random() < purse.corrected:
        versions = 2
    elif random.random() < purse.late:
        known += days_of(random, purse.late_days)
    for version in range(versions):
        if version == 1:
            known += days_of(random, purse.late_days)
        if known > end:
            return
        row = seen.txns[seen.rows[at.TXN_ROWS]]
        row.borrower = owner.borrower
        row.account = account
        row.number = number
        row.moment = one.moment
        row.what = one.what
        row.party = one.party
        row.loan = one.loan
        row.known_on = known
        row.amount = 2 * amount if version < versions - 1 else amount
        row.balance = now[account]
        row.returned = returned
        seen.rows[at.TXN_ROWS] += 1


@compiled
def _sort(planned: Array, order: Array, count: int) -> None:
    """Put the places of a month's plans in order of time; those of one minute stay as they are."""
    for place in range(count):
        here = place
        while here > 0 and planned[order[here - 1]].moment > planned[place].moment:
            order[here] = order[here - 1]
            here -= 1
        order[here] = place


@compiled
def _happen(random: Any, purse: Purse, seen: Seen, owner: Any, moves: Array, one: Any, now: Array, end: int) -> None:
    """Something that was planned happens, if there is money for it; if not, it may be taken and given back."""
    if one.what == at.TAKEN_BACK and not moves[moves[one.move].of].done:
        return
    amount, rows = one.amount, 1
    if amount < 0 and now[BALANCE] + amount < -purse.overdraft * owner.income:
        seldom = one.what != at.ELSEWHERE and one.what < at.FIRST_CLASS
        if seldom or random.random() >= purse.bounces:
            return
        rows = 2
    elif one.move != NONE:
        moves[one.move].done = 1
    for row in range(rows):
        now[BALANCE] += amount
        _write(random, purse, seen, owner, now, BALANCE, one, amount, row, end)
        amount = -amount
        one.moment += 1


@compiled
def _put_by(
    random: Any, purse: Purse, seen: Seen, owner: Any, one: Any, now: Array, moment: int, amount: int, end: int
) -> None:
    """Move an amount from the account to the second one, or to one elsewhere; back, if it is negative."""
    one.moment = moment
    one.what = at.PUT_BY
    one.party = owner.party
    one.loan = NONE
    for account in range(SAVED + 1 if owner.second else SAVED):
        moved = amount if account == SAVED else -amount
        now[account] += moved
        _write(random, purse, seen, owner, now, account, one, moved, 0, end)


@compiled
def flow(
    random: Any,
    purse: Purse,
    owners: Array,
    shocks: Array,
    moves: Array,
    starts: Array,
    months: int,
    seen: Seen,
    planned: Array,
    order: Array,
) -> None:
    """The accounts of some owners from their opening to the end of the book."""
    seen.rows[:] = 0
    end = starts[months] - 1
    left = np.ones(months)
    now = np.zeros(NOW_COUNT, np.int64)
    for place in range(owners.size):
        owner = owners[place]
        _begin(random, purse, owner, now)
        _troubles(random, purse, seen, owner, shocks, left)
        for month in range(owner.opened, months):
            first, after = starts[month], starts[month + 1]
            trouble = left[month] < 1
            now[PENDING] = 0
            if trouble and now[SAVED] > 0 and now[BALANCE] < 0:
                back = min(now[SAVED], owner.income)
                _put_by(random, purse, seen, owner, planned[0], now, first * DAY_MINUTES + MORNING, -back, end)
            _income(random, purse, owner, planned, now, first, left[month])
            _spend(random, purse, owner, planned, now, first)
            begins = trouble and (month == 0 or left[month - 1] >= 1)
            _habits(random, purse, owner, planned, now, first, trouble, begins)
            _loans(random, owner, planned, now, moves, after)
            _sort(planned, order, now[PENDING])
            for turn in range(now[PENDING]):
                _happen(random, purse, seen, owner, moves, planned[order[turn]], now, end)
            rest = now[BALANCE] - int(purse.keeps * owner.income)
            if not trouble and rest > 0:
                _put_by(random, purse, seen, owner, planned[0], now, (after - 1) * DAY_MINUTES + NIGHT, rest, end)
