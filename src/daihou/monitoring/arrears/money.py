"""Money and changes applied in turn to the rows in force: the one waterfall of the product."""

from __future__ import annotations

from daihou.book.ledger.layout import (
    ASSET_IN_LIEU,
    BILLS,
    CAPITALISATION,
    CHANGES,
    CHARGES,
    COMPENSATION,
    DRAWS,
    EXTENSION,
    FOREVER,
    NO_AMOUNT,
    PAYMENTS,
    PAYOFF,
    PREPAYMENT,
    RECOVERY,
    REFUND,
    REVERSAL,
    STANDINGS,
    TRANSFER_OUT,
    WAIVER,
    WRITE_BACK,
    WRITE_OFF,
    Facts,
    Records,
)
from daihou.monitoring.arrears import shapes as at
from daihou.monitoring.arrears.inforce import is_known, latest
from daihou.monitoring.arrears.shapes import EMPTY, ON_BILLS, ON_REPORTED, Cents, Scratch
from daihou.monitoring.jit import kernel, part

PRINCIPAL, INTEREST, FEE, OUTSIDE = range(4)


@kernel
def _note(scratch: Scratch, event: int, source: int, component: int, amount: int) -> None:
    """Write down who paid what, where somebody asks; what finds no room is still counted."""
    if scratch.notes.size == 0 or amount == 0:
        return
    place = scratch.pots[at.NOTE_COUNT]
    if place < scratch.notes.size:
        note = scratch.notes[place]
        note.event = event
        note.source = source
        note.component = component
        note.amount = amount
    scratch.pots[at.NOTE_COUNT] = place + 1


@kernel
def _move(scratch: Scratch, event: int, row: int, component: int, amount: int) -> None:
    """Cover one component of one row by so much, or uncover it where the amount is negative."""
    short = scratch.rows[row]
    if component == FEE:
        short.fee -= amount
        short.covered_fee += amount
    elif component == INTEREST:
        short.interest -= amount
        short.covered_interest += amount
    else:
        short.principal -= amount
        short.covered_principal += amount
        scratch.pots[at.COVERED_PRINCIPAL] += amount
    _note(scratch, event, short.source, component, amount)


@kernel
def _short(scratch: Scratch, row: int, component: int) -> int:
    if component == FEE:
        return scratch.rows[row].fee
    return scratch.rows[row].interest if component == INTEREST else scratch.rows[row].principal


@kernel
def _covered(scratch: Scratch, row: int, component: int) -> int:
    if component == FEE:
        return scratch.rows[row].covered_fee
    return scratch.rows[row].covered_interest if component == INTEREST else scratch.rows[row].covered_principal


@kernel
def _cover_component(scratch: Scratch, event: int, row: int, component: int, amount: int) -> int:
    """Cover one component of one row as far as the money goes; returns what was taken."""
    taken = min(_short(scratch, row, component), amount)
    if taken > 0:
        _move(scratch, event, row, component, taken)
    return taken


@kernel
def _pour_row(scratch: Scratch, event: int, row: int, amount: int) -> int:
    """Fee, interest, principal of one row; returns what is left."""
    for component in (FEE, INTEREST, PRINCIPAL):
        if amount > 0:
            amount -= _cover_component(scratch, event, row, component, amount)
    return amount


@kernel
def first_short(scratch: Scratch) -> int:
    """The first row, in order, of which anything is short; the count of rows if none is."""
    rows = scratch.rows
    row = scratch.pots[at.FIRST_SHORT]
    count = scratch.pots[at.ROW_COUNT]
    while row < count and rows[row].fee + rows[row].interest + rows[row].principal == 0:
        row += 1
    scratch.pots[at.FIRST_SHORT] = row
    return row


@kernel
def _pour(scratch: Scratch, event: int, amount: int) -> int:
    """Horizontally: the oldest row first, in each fee, interest, principal; returns what is left."""
    row = first_short(scratch)
    while amount > 0 and row < scratch.pots[at.ROW_COUNT]:
        amount = _pour_row(scratch, event, row, amount)
        row += 1
    return amount


@kernel
def _pour_vertically(scratch: Scratch, event: int, amount: int, day: int) -> int:
    """Of what is owed by the day all fees, then all interest, then all principal; then later rows; returns what is left."""
    rows = scratch.rows
    first = first_short(scratch)
    for component in (FEE, INTEREST, PRINCIPAL):
        row = first
        while amount > 0 and row < scratch.pots[at.ROW_COUNT] and rows[row].owed_on <= day:
            amount -= _cover_component(scratch, event, row, component, amount)
            row += 1
    return _pour(scratch, event, amount)


@kernel
def _row_of(scratch: Scratch, seq: int) -> int:
    if seq != EMPTY:
        for row in range(scratch.pots[at.ROW_COUNT]):
            if scratch.rows[row].seq == seq:
                return row
    return EMPTY


@kernel
def _pour_component(scratch: Scratch, event: int, named: int, component: int, amount: int) -> int:
    """The named row first, then the oldest; returns what is left."""
    if named != EMPTY and amount > 0:
        amount -= _cover_component(scratch, event, named, component, amount)
    row = first_short(scratch)
    while amount > 0 and row < scratch.pots[at.ROW_COUNT]:
        amount -= _cover_component(scratch, event, row, component, amount)
        row += 1
    return amount


@kernel
def _surplus(scratch: Scratch, event: int, amount: int) -> None:
    scratch.pots[at.SURPLUS] += amount
    _note(scratch, event, EMPTY, OUTSIDE, amount)


@part
def _apply_scheduled(payments: Records, splits: Records, scratch: Scratch, i: int, vertical: bool) -> None:
    named = _row_of(scratch, payments[i].seq)
    split = payments[i].split
    if split != EMPTY:
        scratch.pots[at.PENALTY_POT] += splits[split].penalty
        _note(scratch, i, EMPTY, OUTSIDE, splits[split].penalty)
        left = _pour_component(scratch, i, named, FEE, splits[split].fee)
        left += _pour_component(scratch, i, named, INTEREST, splits[split].interest)
        left += _pour_component(scratch, i, named, PRINCIPAL, splits[split].principal)
    else:
        left = payments[i].amount
        if named != EMPTY:
            left = _pour_row(scratch, i, named, left)
        if vertical:
            left = _pour_vertically(scratch, i, left, payments[i].on)
        else:
            left = _pour(scratch, i, left)
    _surplus(scratch, i, left)


@part
def _apply_refund(scratch: Scratch, event: int, amount: int) -> None:
    """Surplus first, then the latest-due cover backwards: principal, interest, fee; then penalties."""
    pots = scratch.pots
    taken = min(pots[at.SURPLUS], amount)
    _surplus(scratch, event, -taken)
    amount -= taken
    row = pots[at.ROW_COUNT] - 1
    while amount > 0 and row >= 0:
        for component in (PRINCIPAL, INTEREST, FEE):
            taken = min(_covered(scratch, row, component), amount)
            _move(scratch, event, row, component, -taken)
            amount -= taken
        row -= 1
    pots[at.FIRST_SHORT] = 0
    taken = min(pots[at.PENALTY_POT], amount)
    pots[at.PENALTY_POT] -= taken
    if amount > taken:
        pots[at.REFUND_LOST] += amount - taken
        pots[at.BROKEN] |= at.REFUND_BEYOND_MONEY


@kernel
def apply_payment(payments: Records, splits: Records, scratch: Scratch, i: int, vertical: bool) -> None:
    """Apply one payment, in its turn."""
    pots = scratch.pots
    purpose = payments[i].purpose
    amount = payments[i].amount
    day = payments[i].on
    if purpose == REVERSAL:
        return
    if purpose == REFUND:
        pots[at.PAID] -= amount
        pots[at.NET_MONEY] -= amount
        _apply_refund(scratch, i, amount)
        return
    pots[at.PAID] += amount
    pots[at.LAST_PAID] = day
    if purpose == RECOVERY:
        pots[at.RECOVERED] += amount
        return
    pots[at.NET_MONEY] += amount
    if purpose == PREPAYMENT:
        split = payments[i].split
        principal = amount if split == EMPTY else splits[split].principal
        pots[at.PREPAID] += principal
        if split != EMPTY:
            pots[at.PENALTY_POT] += splits[split].penalty
            _surplus(scratch, i, splits[split].fee + splits[split].interest)
    elif purpose == PAYOFF:
        pots[at.PAID_OFF] = min(pots[at.PAID_OFF], day)
    else:
        if purpose == COMPENSATION:
            pots[at.LAST_COMPENSATION] = day
        _apply_scheduled(payments, splits, scratch, i, vertical)


@kernel
def _waive(scratch: Scratch, event: int, component: int, amount: int) -> None:
    row = 0
    while amount > 0 and row < scratch.pots[at.ROW_COUNT]:
        short = scratch.rows[row]
        taken = min(_short(scratch, row, component), amount)
        if component == FEE:
            short.fee -= taken
        elif component == INTEREST:
            short.interest -= taken
        else:
            short.principal -= taken
        amount -= taken
        _note(scratch, event, short.source, component, taken)
        row += 1
    if amount > 0:
        scratch.pots[at.BROKEN] |= at.WAIVER_BEYOND_DUES


@kernel
def given(amount: int) -> int:
    """A component, 0 where the lender gave none."""
    return 0 if amount == NO_AMOUNT else amount


@part
def before_write_offs(pots: Cents) -> int:
    """Principal that stands before write-offs: opening + drawn + capitalised - covered - prepaid - waived."""
    return (
        pots[at.OPENING]
        + pots[at.DRAWN]
        + pots[at.CAPITALISED]
        - pots[at.COVERED_PRINCIPAL]
        - pots[at.PREPAID]
        - pots[at.WAIVED_PRINCIPAL]
    )


@kernel
def latest_bill(facts: Facts, loan: int, day: int, known: int) -> int:
    """The latest bill issued, EMPTY without one."""
    return latest(facts.bills, facts.at[BILLS, loan], facts.at[BILLS, loan + 1], day, known)


@kernel
def latest_standing(facts: Facts, loan: int, day: int, known: int) -> int:
    """The lender's latest own figures, EMPTY without any."""
    return latest(facts.standings, facts.at[STANDINGS, loan], facts.at[STANDINGS, loan + 1], day, known)


@kernel
def has_draws(facts: Facts, loan: int, known: int) -> bool:
    """Whether any draw is known, whatever its date: the loan's principal is then a limit."""
    for i in range(facts.at[DRAWS, loan], facts.at[DRAWS, loan + 1]):
        if is_known(facts.draws[i], known):
            return True
    return False


@kernel
def billed_or_reported(facts: Facts, basis: int, standing: int, loan: int, known: int) -> bool:
    """Whether the balance is the lender's own figure rather than the sum of movements."""
    if basis == ON_BILLS:
        return not has_draws(facts, loan, known)
    return basis == ON_REPORTED and standing != EMPTY and facts.standings[standing].principal_outstanding != NO_AMOUNT


@kernel
def balance_before_write_offs(facts: Facts, scratch: Scratch, basis: int, loan: int, day: int, known: int) -> int:
    """Principal before write-offs with the money applied so far: by the plan and the movements, by the last bill, or as reported."""
    standing = latest_standing(facts, loan, day, known)
    bill = latest_bill(facts, loan, day, known)
    if billed_or_reported(facts, basis, standing, loan, known) and (basis == ON_REPORTED or bill != EMPTY):
        if basis == ON_REPORTED:
            return facts.standings[standing].principal_outstanding
        since = 0
        if facts.bills[bill].on < day:
            since = scratch.pots[at.NET_MONEY] - scratch.money_at_bill[bill - facts.at[BILLS, loan]]
        return max(facts.bills[bill].balance - since, 0)
    return before_write_offs(scratch.pots)


@kernel
def _write_off(facts: Facts, scratch: Scratch, basis: int, loan: int, known: int, i: int) -> None:
    changes, pots = facts.changes, scratch.pots
    balance = balance_before_write_offs(facts, scratch, basis, loan, changes[i].on, known)
    left = max(balance - pots[at.WRITTEN_PRINCIPAL], 0)
    pots[at.WRITTEN_PRINCIPAL] += left if changes[i].principal == NO_AMOUNT else changes[i].principal
    pots[at.WRITTEN_INTEREST] += given(changes[i].interest)
    pots[at.WRITTEN_FEE] += given(changes[i].fee)
    pots[at.WRITTEN_PENALTY] += given(changes[i].penalty)
    if balance <= pots[at.WRITTEN_PRINCIPAL]:
        pots[at.WRITTEN_FULL] = 1


@kernel
def _write_back(changes: Records, pots: Cents, i: int) -> None:
    if changes[i].principal == NO_AMOUNT:
        for place in (at.WRITTEN_PRINCIPAL, at.WRITTEN_INTEREST, at.WRITTEN_FEE, at.WRITTEN_PENALTY):
            pots[place] = 0
        pots[at.WRITTEN_FULL] = 0
        return
    pots[at.WRITTEN_PRINCIPAL] = max(pots[at.WRITTEN_PRINCIPAL] - changes[i].principal, 0)
    pots[at.WRITTEN_INTEREST] = max(pots[at.WRITTEN_INTEREST] - given(changes[i].interest), 0)
    pots[at.WRITTEN_FEE] = max(pots[at.WRITTEN_FEE] - given(changes[i].fee), 0)
    pots[at.WRITTEN_PENALTY] = max(pots[at.WRITTEN_PENALTY] - given(changes[i].penalty), 0)
    if changes[i].principal > 0:
        pots[at.WRITTEN_FULL] = 0


@part
def apply_change(facts: Facts, scratch: Scratch, basis: int, loan: int, known: int, i: int) -> None:
    """Apply one change of the contract, in its turn."""
    changes, pots = facts.changes, scratch.pots
    kind = changes[i].kind
    day = changes[i].on
    event = -1 - i
    if kind in (WAIVER, ASSET_IN_LIEU):
        _waive(scratch, event, PRINCIPAL, given(changes[i].principal))
        _waive(scratch, event, INTEREST, given(changes[i].interest))
        _waive(scratch, event, FEE, given(changes[i].fee))
        pots[at.WAIVED_PRINCIPAL] += given(changes[i].principal)
        pots[at.WAIVED_PENALTY] += given(changes[i].penalty)
        if kind == ASSET_IN_LIEU:
            pots[at.LAST_ASSET] = day
    elif kind == CAPITALISATION:
        others = given(changes[i].interest) + given(changes[i].fee) + given(changes[i].penalty)
        pots[at.CAPITALISED] += others if changes[i].principal == NO_AMOUNT else changes[i].principal
    elif kind == WRITE_OFF:
        _write_off(facts, scratch, basis, loan, known, i)
    elif kind == WRITE_BACK:
        _write_back(changes, pots, i)
    elif kind == TRANSFER_OUT:
        pots[at.GONE] = min(pots[at.GONE], day)
    elif kind == EXTENSION:
        pots[at.EXTENSIONS] += 1


@kernel
def empty_pots(pots: Cents) -> None:
    """Forget all money."""
    pots[:] = 0
    pots[at.PAID_OFF] = FOREVER
    pots[at.GONE] = FOREVER
    pots[at.LAST_PAID] = -FOREVER
    pots[at.LAST_COMPENSATION] = -FOREVER
    pots[at.LAST_ASSET] = -FOREVER


@kernel
def _from(events: Records, low: int, high: int, day: int) -> int:
    """The first place whose event is dated on the day or later."""
    while low < high:
        middle = (low + high) // 2
        if events[middle].on < day:
            low = middle + 1
        else:
            high = middle
    return low


@part
def _next(events: Records, i: int, end: int, known: int, opened_on: int, day: int) -> int:
    """The first place from `i` whose event is known and dated from `opened_on` up to `day`; `end` if there is none."""
    if i < end and events[i].on < opened_on:
        i = _from(events, i, end, opened_on)
    while i < end and events[i].on <= day:
        if is_known(events[i], known):
            return i
        i += 1
    return end


@kernel
def apply_all(
    facts: Facts,
    scratch: Scratch,
    basis: int,
    loan: int,
    known: int,
    opened_on: int,
    after: int,
    day: int,
    vertical: bool,
) -> None:
    """Apply all that is dated after `after` and up to `day`: draws, changes, payments of a day in this order, then its bills."""
    pots = scratch.pots
    draws, changes, payments, bills = facts.draws, facts.changes, facts.payments, facts.bills
    since = max(opened_on, after + 1)
    for i in range(facts.at[CHARGES, loan], facts.at[CHARGES, loan + 1]):
        if since <= facts.charges[i].on <= day and is_known(facts.charges[i], known):
            pots[at.CHARGED] += facts.charges[i].amount
    d_end, c_end, p_end, b_end = (
        facts.at[DRAWS, loan + 1],
        facts.at[CHANGES, loan + 1],
        facts.at[PAYMENTS, loan + 1],
        facts.at[BILLS, loan + 1],
    )
    d = _next(draws, facts.at[DRAWS, loan], d_end, known, since, day)
    c = _next(changes, facts.at[CHANGES, loan], c_end, known, since, day)
    p = _next(payments, facts.at[PAYMENTS, loan], p_end, known, since, day)
    b = _next(bills, facts.at[BILLS, loan], b_end, known, after + 1, day)
    while d < d_end or c < c_end or p < p_end or b < b_end:
        d_on = draws[d].on if d < d_end else FOREVER
        c_on = changes[c].on if c < c_end else FOREVER
        p_on = payments[p].on if p < p_end else FOREVER
        b_on = bills[b].on if b < b_end else FOREVER
        if d_on <= min(c_on, p_on, b_on):
            pots[at.DRAWN] += draws[d].amount
            d = _next(draws, d + 1, d_end, known, since, day)
        elif c_on <= min(p_on, b_on):
            apply_change(facts, scratch, basis, loan, known, c)
            c = _next(changes, c + 1, c_end, known, since, day)
        elif p_on <= b_on:
            apply_payment(payments, facts.splits, scratch, p, vertical)
            p = _next(payments, p + 1, p_end, known, since, day)
        else:
            scratch.money_at_bill[b - facts.at[BILLS, loan]] = pots[at.NET_MONEY]
            b = _next(bills, b + 1, b_end, known, after + 1, day)
