"""The general loop: any facts at all. It walks from stop to stop, a stop being a day on which something changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from daihou.book.ledger.layout import (
    BILLS,
    CHANGES,
    CHARGES,
    DRAWS,
    FOREVER,
    INSTALMENTS,
    NO_DAY,
    PAYMENTS,
    STANDINGS,
    VERSIONS,
    Facts,
    Records,
)
from daihou.monitoring.arrears import shapes as at
from daihou.monitoring.arrears.dues import mark_early, remember_bills, remember_first, remember_rows
from daihou.monitoring.arrears.emit import emit, instalments_due
from daihou.monitoring.arrears.history import forget, remember_stretch
from daihou.monitoring.arrears.inforce import accelerated_on, is_known, moment_of, taken_over_on, terms_on, version_on
from daihou.monitoring.arrears.money import apply_all
from daihou.monitoring.arrears.shapes import EMPTY, ON_SCHEDULE, Ints, Moment, Scratch, Terms
from daihou.monitoring.arrears.stretch import basis_on, begin, judge
from daihou.monitoring.jit import kernel, part

if TYPE_CHECKING:
    from daihou.book.days import Months


@part
def _stop(scratch: Scratch, count: int, on: int, after: int, last: int) -> int:
    if after < on <= last:
        scratch.stops[count] = on
        return count + 1
    return count


@part
def _event_stops(
    scratch: Scratch, count: int, events: Records, start: int, end: int, known: int, after: int, last: int
) -> int:
    for i in range(start, end):
        if is_known(events[i], known):
            count = _stop(scratch, count, events[i].on, after, last)
    return count


@kernel
def _sort(stops: Ints, count: int) -> None:
    """Sort in place by gaps that shrink (Shell); stops come in a few ascending runs."""
    gap = 1
    while gap < count // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for i in range(gap, count):
            stop = stops[i]
            place = i
            while place >= gap and stops[place - gap] > stop:
                stops[place] = stops[place - gap]
                place -= gap
            stops[place] = stop
        gap //= 3


@part
def _find_stops(facts: Facts, terms: Terms, scratch: Scratch, loan: int, known: int, after: int, last: int) -> int:
    """Fill the stops with the days in (after, last] on which anything may change, in order; returns their count."""
    versions, plan, standings = facts.versions, facts.instalments, facts.standings
    count = 0
    for i in range(facts.at[VERSIONS, loan], facts.at[VERSIONS, loan + 1]):
        if versions[i].known_on <= known:
            count = _stop(scratch, count, versions[i].effective_on, after, last)
            count = _stop(scratch, count, versions[i].disbursed_on, after, last)
            if versions[i].closed_on != NO_DAY:
                count = _stop(scratch, count, versions[i].closed_on, after, last)
            product = versions[i].product
            for k in range(terms.offsets[product] + 1, terms.offsets[product + 1]):
                count = _stop(scratch, count, terms.versions[k].from_on, after, last)
    previous = NO_DAY
    for i in range(facts.at[INSTALMENTS, loan], facts.at[INSTALMENTS, loan + 1]):
        if plan[i].known_on <= known and plan[i].effective_on != previous:
            previous = plan[i].effective_on
            scratch.memory[at.ROWS_UNTIL] = max(scratch.memory[at.ROWS_UNTIL], previous)
            count = _stop(scratch, count, previous, after, last)
    count = _event_stops(
        scratch, count, facts.payments, facts.at[PAYMENTS, loan], facts.at[PAYMENTS, loan + 1], known, after, last
    )
    count = _event_stops(
        scratch, count, facts.changes, facts.at[CHANGES, loan], facts.at[CHANGES, loan + 1], known, after, last
    )
    count = _event_stops(
        scratch, count, facts.charges, facts.at[CHARGES, loan], facts.at[CHARGES, loan + 1], known, after, last
    )
    count = _event_stops(
        scratch, count, facts.draws, facts.at[DRAWS, loan], facts.at[DRAWS, loan + 1], known, after, last
    )
    count = _event_stops(
        scratch, count, facts.bills, facts.at[BILLS, loan], facts.at[BILLS, loan + 1], known, after, last
    )
    for i in range(facts.at[STANDINGS, loan], facts.at[STANDINGS, loan + 1]):
        if is_known(standings[i], known):
            count = _stop(scratch, count, standings[i].on, after, last)
            count = _stop(scratch, count, standings[i].on + terms.standing_days + 1, after, last)
    _sort(scratch.stops, count)
    kept = 0
    for i in range(count):
        if kept == 0 or scratch.stops[i] != scratch.stops[kept - 1]:
            scratch.stops[kept] = scratch.stops[i]
            kept += 1
    return kept


@part
def _new_rows(facts: Facts, scratch: Scratch, loan: int, day: int, known: int) -> bool:
    plan = facts.instalments
    if day > scratch.memory[at.ROWS_UNTIL]:
        return False
    for i in range(facts.at[INSTALMENTS, loan], facts.at[INSTALMENTS, loan + 1]):
        if plan[i].effective_on == day and plan[i].known_on <= known:
            return True
    return False


@part
def _begins_anew(facts: Facts, terms: Terms, scratch: Scratch, moment: Moment, loan: int, day: int, known: int) -> bool:
    """Whether on this day other rows, another policy or another opening come into force, so that all money is applied afresh."""
    version = version_on(facts, loan, day, known)
    if version != moment.version or terms_on(terms, facts.versions[version].product, day) != moment.policy:
        return True
    change = taken_over_on(facts, loan, known)
    if change != EMPTY and facts.changes[change].on == day:
        return True
    if moment.due_at_once == FOREVER and accelerated_on(facts, loan, day, known, moment.opened_on) != FOREVER:
        return True
    if _new_rows(facts, scratch, loan, day, known):
        return True
    # What a write-off found outstanding depends on the basis of the day judged.
    return basis_on(facts, terms, moment.basis == ON_SCHEDULE, loan, day, known) != moment.basis


@kernel
def _changed(events: Records, start: int, end: int, day: int, was: int, known: int) -> bool:
    """Whether events dated up to `day` became known, or were replaced or voided, after `was` and up to `known`."""
    for i in range(start, end):
        event = events[i]
        if event.on <= day and (was < event.known_on <= known or event.known_on <= was < event.until <= known):
            return True
    return False


@kernel
def past_changed(facts: Facts, loan: int, day: int, was: int, known: int) -> bool:
    """Whether what is known on `known` changes days up to `day` as they were known on `was`."""
    if was == known:
        return False
    versions, plan = facts.versions, facts.instalments
    for i in range(facts.at[VERSIONS, loan], facts.at[VERSIONS, loan + 1]):
        if was < versions[i].known_on <= known:
            return True
    for i in range(facts.at[INSTALMENTS, loan], facts.at[INSTALMENTS, loan + 1]):
        if plan[i].effective_on <= day and was < plan[i].known_on <= known:
            return True
    # A transfer_in and the first draw change every day, whatever their own date.
    if _changed(facts.changes, facts.at[CHANGES, loan], facts.at[CHANGES, loan + 1], FOREVER, was, known):
        return True
    if _changed(facts.draws, facts.at[DRAWS, loan], facts.at[DRAWS, loan + 1], FOREVER, was, known):
        return True
    return (
        _changed(facts.payments, facts.at[PAYMENTS, loan], facts.at[PAYMENTS, loan + 1], day, was, known)
        or _changed(facts.charges, facts.at[CHARGES, loan], facts.at[CHARGES, loan + 1], day, was, known)
        or _changed(facts.bills, facts.at[BILLS, loan], facts.at[BILLS, loan + 1], day, was, known)
        or _changed(facts.standings, facts.at[STANDINGS, loan], facts.at[STANDINGS, loan + 1], day, was, known)
    )


@part
def _remember(
    facts: Facts,
    terms: Terms,
    months: Months,
    scratch: Scratch,
    moment: Moment,
    loan: int,
    known: int,
    start: int,
    end: int,
) -> None:
    remember_stretch(months, scratch, moment, start, end)
    remember_rows(facts, scratch, moment, start, end)
    remember_bills(facts, terms, scratch, moment, loan, known, start, end)
    remember_first(facts, terms, scratch, moment, loan, known, end)


@part
def _advance(
    facts: Facts,
    terms: Terms,
    months: Months,
    scratch: Scratch,
    before: Moment,
    loan: int,
    known: int,
    after: int,
    day: int,
) -> Moment:
    """Walk from the day after `after` (NO_DAY: from the first fact) to `day`, remembering each stretch; returns the last one."""
    count = _find_stops(facts, terms, scratch, loan, known, after, day)
    moment = before
    start = after + 1
    if after != NO_DAY:
        mark_early(facts, scratch, moment, loan, start, known)
    for place in range(count + 1):
        stop = scratch.stops[place] if place < count else day + 1
        if start < stop and (after != NO_DAY or place > 0):
            _remember(facts, terms, months, scratch, moment, loan, known, start, stop - 1)
        if place == count:
            break
        applied = stop - 1
        if moment.version == EMPTY or _begins_anew(facts, terms, scratch, moment, loan, stop, known):
            moment = begin(facts, terms, scratch, loan, stop, known)
            applied = NO_DAY
        vertical = terms.versions[moment.policy].vertical == 1
        if applied < stop - 1:
            apply_all(facts, scratch, moment.basis, loan, known, moment.opened_on, applied, stop - 1, vertical)
        mark_early(facts, scratch, moment, loan, stop, known)
        apply_all(facts, scratch, moment.basis, loan, known, moment.opened_on, stop - 1, stop, vertical)
        moment = judge(facts, terms, scratch, moment, loan, stop, known)
        start = stop
    return moment


@kernel
def walk_general(
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
    """Answer every date for one known loan; dates ascend. A date goes on from the one before unless the past changed between them."""
    nothing = moment_of(EMPTY, EMPTY, EMPTY, 0, 0, 0, FOREVER, EMPTY, EMPTY, EMPTY, NO_DAY, FOREVER)
    moment = nothing
    for i in range(as_of.size):
        day, known = np.int64(as_of[i]), np.int64(known_on[i])
        if facts.loans[loan].known_on > known:
            out[i, j].version = EMPTY
            continue
        after = np.int64(as_of[i - 1]) if i > 0 else NO_DAY
        if moment.version == EMPTY or past_changed(facts, loan, after, known_on[i - 1], known):
            forget(scratch.memory)
            moment = nothing
            after = NO_DAY
        moment = _advance(facts, terms, months, scratch, moment, loan, known, after, day)
        seen = moment
        if moment.version == EMPTY:  # nothing is dated yet
            seen = judge(facts, terms, scratch, begin(facts, terms, scratch, loan, day, known), loan, day, known)
        due = instalments_due(facts, terms, scratch, seen, loan, day, known)
        emit(out[i, j], facts, terms, months, scratch, seen, loan, day, known, due)
