"""What is in force on a day as known on a day: the loan's version, its policy, its instalment rows, and what took it over."""

from __future__ import annotations

import numpy as np

from daihou.book.days import FIRST_DAY
from daihou.book.ledger.layout import (
    ACCELERATION,
    BORROWERS,
    CHANGES,
    FOREVER,
    INSTALMENTS,
    TRANSFER_IN,
    VERSIONS,
    Facts,
    Records,
)
from daihou.monitoring.arrears.shapes import EMPTY, FIRST_SHORT, ROW_COUNT, Moment, Scratch, Terms
from daihou.monitoring.jit import kernel, part


@part
def is_known(event: Records, known: int) -> bool:
    """Whether an event counts as known on a day: known by then, and not yet replaced or voided."""
    return event.known_on <= known < event.until  # type: ignore[attr-defined]


@part
def version_on(facts: Facts, loan: int, day: int, known: int) -> int:
    """The loan row in force; the first known one holds from ever; EMPTY where none is known."""
    versions = facts.versions
    first = best = EMPTY
    for i in range(facts.at[VERSIONS, loan], facts.at[VERSIONS, loan + 1]):
        if versions[i].known_on <= known:
            if first == EMPTY:
                first = i
            if versions[i].effective_on <= day:
                best = i
    return best if best != EMPTY else first


@part
def borrower_on(facts: Facts, loan: int, version: int, day: int, known: int) -> int:
    """The row of the loan's borrower in force; EMPTY where the borrower is not known."""
    who = facts.versions[version].who
    first = best = EMPTY
    for i in range(facts.at[BORROWERS, loan], facts.at[BORROWERS, loan + 1]):
        row = facts.borrowers[i]
        if row.who == who and row.known_on <= known:
            if first == EMPTY:
                first = i
            if row.effective_on <= day:
                best = i
    return best if best != EMPTY else first


@part
def terms_on(terms: Terms, product: int, day: int) -> int:
    """The policy version of a product on a day; the first one holds from ever."""
    found = terms.offsets[product]
    for i in range(found + 1, terms.offsets[product + 1]):
        if terms.versions[i].from_on <= day:
            found = i
    return found


@part
def moved(terms: Terms, policy: int, due_on: int) -> int:
    """The due date, moved to the next working day where the policy says so."""
    calendar = terms.versions[policy].calendar
    if calendar == EMPTY:
        return due_on
    return terms.moved[calendar, due_on - FIRST_DAY]


@kernel
def taken_over_on(facts: Facts, loan: int, known: int) -> int:
    """The change (index) by which the loan was taken over mid-life, EMPTY if it was not."""
    changes = facts.changes
    found = EMPTY
    for i in range(facts.at[CHANGES, loan], facts.at[CHANGES, loan + 1]):
        if changes[i].kind == TRANSFER_IN and is_known(changes[i], known) and found == EMPTY:
            found = i
    return found


@kernel
def accelerated_on(facts: Facts, loan: int, day: int, known: int, opened_on: int) -> int:
    """From when all remaining principal is due; FOREVER if it is not."""
    changes = facts.changes
    for i in range(facts.at[CHANGES, loan], facts.at[CHANGES, loan + 1]):
        on = changes[i].on
        if on > day:
            break
        if changes[i].kind == ACCELERATION and on >= opened_on and is_known(changes[i], known):
            return on
    return FOREVER


@part
def _place(rows: Records, count: int, due_on: int, seq: int) -> int:
    """Make room for a row in order of (own due date, seq); returns its place."""
    at = count
    while at > 0 and (rows[at - 1].due_on > due_on or (rows[at - 1].due_on == due_on and rows[at - 1].seq > seq)):
        rows[at] = rows[at - 1]
        at -= 1
    return at


@part
def choose_rows(
    facts: Facts,
    terms: Terms,
    scratch: Scratch,
    loan: int,
    day: int,
    known: int,
    policy: int,
    opened_on: int,
    due_at_once: int,
) -> bool:
    """Fill the scratch rows with the instalments in force, nothing covered yet. Returns whether the loan has a plan at all."""
    rows, plan = scratch.rows, facts.instalments
    count = 0
    planned = False
    i = facts.at[INSTALMENTS, loan]
    end = facts.at[INSTALMENTS, loan + 1]
    while i < end:
        seq = plan[i].seq
        best = EMPTY
        while i < end and plan[i].seq == seq:
            if plan[i].known_on <= known and plan[i].effective_on <= day:
                best = i
            i += 1
        if best == EMPTY:
            continue
        planned = True
        due = moved(terms, policy, plan[best].due_on)
        if plan[best].cancelled or due < opened_on:
            continue
        at = _place(rows, count, due, seq)
        rows[at].source = best
        rows[at].seq = seq
        rows[at].due_on = due
        rows[at].owed_on = min(due, due_at_once)
        rows[at].principal = plan[best].principal
        rows[at].interest = plan[best].interest if due <= due_at_once else 0
        rows[at].fee = plan[best].fee if due <= due_at_once else 0
        rows[at].covered_principal = 0
        rows[at].covered_interest = 0
        rows[at].covered_fee = 0
        rows[at].early = 0
        count += 1
    scratch.pots[ROW_COUNT] = count
    scratch.pots[FIRST_SHORT] = 0
    return planned


@part
def latest(events: Records, start: int, end: int, day: int, known: int) -> int:
    """The latest known event up to a day, EMPTY where there is none."""
    for i in range(end - 1, start - 1, -1):
        if events[i].on <= day and is_known(events[i], known):
            return i
    return EMPTY


@part
def moment_of(
    version: int, policy: int, basis: int, grace: int, tolerance: int, phase: int, owed_since: int, reported: int, standing: int, met: int,
    opened_on: int, due_at_once: int,
) -> Moment:  # fmt: skip
    """A `Moment` of one integer type, which compiled code asks for."""
    return Moment(
        np.int64(version), np.int64(policy), np.int64(basis), np.int64(grace), np.int64(tolerance), np.int64(phase), np.int64(owed_since),
        np.int64(reported), np.int64(standing), np.int64(met), np.int64(opened_on), np.int64(due_at_once),
    )  # fmt: skip
