"""The judgement of one stretch of days by the general loop: which basis, what is owed since when, which phase."""

from __future__ import annotations

from daihou.book.ledger.layout import BILLS, FOREVER, NO_AMOUNT, NO_DAY, NO_NUMBER, Facts
from daihou.monitoring.arrears import shapes as at
from daihou.monitoring.arrears.inforce import (
    accelerated_on,
    choose_rows,
    is_known,
    moment_of,
    moved,
    taken_over_on,
    terms_on,
    version_on,
)
from daihou.monitoring.arrears.money import (
    balance_before_write_offs,
    billed_or_reported,
    empty_pots,
    first_short,
    has_draws,
    latest_bill,
    latest_standing,
)
from daihou.monitoring.arrears.shapes import (
    CLOSED,
    CURRENT,
    EMPTY,
    NOT_STARTED,
    ON_BILLS,
    ON_NOTHING,
    ON_REPORTED,
    ON_SCHEDULE,
    TRANSFERRED,
    WRITTEN_OFF,
    Cents,
    Moment,
    Scratch,
    Terms,
)
from daihou.monitoring.jit import kernel, part


@kernel
def charges_left(pots: Cents) -> int:
    """Charges net of what waived and paid them."""
    return max(pots[at.CHARGED] - pots[at.WAIVED_PENALTY] - pots[at.PENALTY_POT] - pots[at.SURPLUS], 0)


@kernel
def outstanding(facts: Facts, scratch: Scratch, moment: Moment, loan: int, day: int, known: int) -> int:
    """Principal on the book, never below 0. Bills and reported figures already show what was written off."""
    pots = scratch.pots
    if pots[at.WRITTEN_FULL]:
        return 0
    balance = balance_before_write_offs(facts, scratch, moment.basis, loan, day, known)
    if not billed_or_reported(facts, moment.basis, moment.standing, loan, known):
        balance -= pots[at.WRITTEN_PRINCIPAL]
    return max(balance, 0)


@part
def basis_on(facts: Facts, terms: Terms, planned: bool, loan: int, day: int, known: int) -> int:
    """By what the loan is measured on a day: its plan, its bills, the lender's own fresh figures, or nothing."""
    if planned:
        return ON_SCHEDULE
    if latest_bill(facts, loan, day, known) != EMPTY:
        return ON_BILLS
    standing = latest_standing(facts, loan, day, known)
    if (
        standing != EMPTY
        and day - facts.standings[standing].on <= terms.standing_days
        and facts.standings[standing].dpd != EMPTY
    ):
        return ON_REPORTED
    return ON_NOTHING


@part
def begin(facts: Facts, terms: Terms, scratch: Scratch, loan: int, day: int, known: int) -> Moment:
    """Start from nothing with what is in force on a day: rows chosen, no money applied yet."""
    version = version_on(facts, loan, day, known)
    policy = terms_on(terms, facts.versions[version].product, day)
    opening = facts.versions[version].principal
    opened_on = NO_DAY
    change = taken_over_on(facts, loan, known)
    if change != EMPTY:
        opened_on = facts.changes[change].on
    if has_draws(facts, loan, known) or facts.versions[version].revolving:
        opening = 0
    if change != EMPTY and opened_on <= day and facts.changes[change].principal != NO_AMOUNT:
        opening = facts.changes[change].principal
    due_at_once = accelerated_on(facts, loan, day, known, opened_on)
    empty_pots(scratch.pots)
    planned = choose_rows(facts, terms, scratch, loan, day, known, policy, opened_on, due_at_once)
    scratch.pots[at.OPENING] = opening
    grace = facts.versions[version].grace_days
    if grace == NO_NUMBER:
        grace = terms.versions[policy].grace_days
    tolerance = terms.tolerance[policy, facts.loans[loan].currency]
    basis = basis_on(facts, terms, planned, loan, day, known)
    return moment_of(
        version, policy, basis, grace, tolerance, CURRENT, FOREVER, EMPTY, EMPTY, EMPTY, opened_on, due_at_once
    )


@part
def oldest_short_row(scratch: Scratch, tolerance: int) -> int:
    """The due date of the oldest row not covered; FOREVER if all are."""
    rows = scratch.rows
    for row in range(first_short(scratch), scratch.pots[at.ROW_COUNT]):
        if rows[row].fee + rows[row].interest + rows[row].principal > tolerance:
            return rows[row].owed_on
    return FOREVER


@kernel
def bill_missing(facts: Facts, scratch: Scratch, loan: int, i: int) -> int:
    """What is missing of a bill's minimum."""
    since = scratch.pots[at.NET_MONEY] - scratch.money_at_bill[i - facts.at[BILLS, loan]]
    return max(facts.bills[i].minimum_due - since, 0)


@part
def latest_met(facts: Facts, scratch: Scratch, loan: int, day: int, known: int, tolerance: int) -> int:
    """The latest bill met; the place before the first bill if none is."""
    met = facts.at[BILLS, loan] - 1
    for i in range(facts.at[BILLS, loan], facts.at[BILLS, loan + 1]):
        if facts.bills[i].on <= day and is_known(facts.bills[i], known):
            if bill_missing(facts, scratch, loan, i) <= tolerance:
                met = i
    return met


@part
def _oldest_unmet(facts: Facts, terms: Terms, loan: int, met: int, day: int, known: int, policy: int) -> int:
    oldest = FOREVER
    for i in range(met + 1, facts.at[BILLS, loan + 1]):
        if facts.bills[i].on <= day and is_known(facts.bills[i], known):
            oldest = min(oldest, moved(terms, policy, facts.bills[i].due_on))
    return oldest


@part
def _phase(facts: Facts, scratch: Scratch, moment: Moment, loan: int, day: int, known: int) -> int:
    versions, pots = facts.versions, scratch.pots
    if day < versions[moment.version].disbursed_on:
        return NOT_STARTED
    if pots[at.GONE] != FOREVER:
        return TRANSFERRED
    closed_on = versions[moment.version].closed_on
    if (closed_on != NO_DAY and closed_on <= day) or pots[at.PAID_OFF] != FOREVER:
        return CLOSED
    if pots[at.WRITTEN_FULL]:
        return WRITTEN_OFF
    nothing_due = moment.reported == 0 if moment.basis == ON_REPORTED else moment.owed_since == FOREVER
    if nothing_due and moment.basis != ON_NOTHING and not versions[moment.version].revolving:
        if charges_left(pots) == 0 and outstanding(facts, scratch, moment, loan, day, known) == 0:
            return CLOSED
    return CURRENT


@part
def judge(facts: Facts, terms: Terms, scratch: Scratch, begun: Moment, loan: int, day: int, known: int) -> Moment:
    """The stretch that starts on `day`, with all money up to it applied."""
    basis = begun.basis
    standing = latest_standing(facts, loan, day, known)
    reported = EMPTY
    if standing != EMPTY and day - facts.standings[standing].on <= terms.standing_days:
        reported = facts.standings[standing].dpd
    owed_since = FOREVER
    met = EMPTY
    if basis == ON_SCHEDULE:
        owed_since = oldest_short_row(scratch, begun.tolerance)
    elif basis == ON_BILLS:
        met = latest_met(facts, scratch, loan, day, known, begun.tolerance)
        owed_since = _oldest_unmet(facts, terms, loan, met, day, known, begun.policy)
    moment = moment_of(
        begun.version, begun.policy, basis, begun.grace, begun.tolerance, CURRENT, owed_since, reported, standing, met,
        begun.opened_on, begun.due_at_once,
    )  # fmt: skip
    phase = _phase(facts, scratch, moment, loan, day, known)
    return moment_of(
        begun.version, begun.policy, basis, begun.grace, begun.tolerance, phase, owed_since, reported, standing, met,
        begun.opened_on, begun.due_at_once,
    )  # fmt: skip
