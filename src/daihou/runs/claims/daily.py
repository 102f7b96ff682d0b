"""A claim day by day: what fell due, was charged, paid, waived or changed, and what is owed after it.

What an event of a day did is found by walking the kernels without it and with it: first without any event of the day, which shows what fell due and what
a new plan changed, then with one more at a time, in the order in which the ledger applies them. So the movements of a day add up by construction, and
say the same as the ledger on any plan, policy or state.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from daihou.book.days import date_of, day_of
from daihou.book.ledger.layout import (
    ASSET_IN_LIEU,
    CHANGE_KINDS,
    CHANGES,
    CHARGES,
    NO_DAY,
    PAYMENTS,
    PURPOSES,
    REVERSAL,
    TRANSFER_IN,
    WAIVER,
)
from daihou.monitoring.arrears import shapes as at
from daihou.monitoring.arrears.inforce import taken_over_on
from daihou.runs.claims.figures import NOTHING, Claim, Day, Event, Owed
from daihou.runs.claims.one_loan import EVENTS, NOTHING_OWED, claimed, is_whole, lines_of, owed_of, taken

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from daihou.book.home import Home
    from daihou.book.ledger.layout import Record, Records
    from daihou.book.ledger.ledger import Ledger
    from daihou.monitoring.arrears.shapes import Scratch
    from daihou.runs.claims.figures import Kind
    from daihou.runs.claims.one_loan import OneLoan

TOLD_BY: Final = (
    "state", "basis", "version", "accelerated_on", "overdue_amount", "overdue_principal", "overdue_interest", "overdue_fee",
    "charges_accrued", "total_claim",
)  # fmt: skip
"""Columns of which one changes whenever a claim does."""


def claim(
    home: Home, ledger: Ledger, loan_id: str, days: Sequence[dt.date], known_on: dt.date, on: dt.date | None = None
) -> Claim:
    """The claim of a loan on ascending days, past or to come, as known on one; its lines at the end of `on`, `known_on` unless given.

    DaihouError for a loan not known by then; ValueError where days do not ascend.
    """
    return claim_of(taken(home, ledger, loan_id, known_on), days, on or known_on)


def claim_of(loan: OneLoan, days: Sequence[dt.date], on: dt.date) -> Claim:
    """The same of a loan that was taken out of its shard."""
    asked = [day_of(day) for day in days]
    if any(later <= earlier for earlier, later in pairwise(asked)):
        raise ValueError("days must ascend")
    told = _told(loan, asked) if asked else ()
    answer, work = loan.on(day_of(on))
    lines = lines_of(loan, answer, work, day_of(on))
    return Claim(loan.loan_id, loan.currency, on, date_of(loan.known), told, lines)


@dataclass(slots=True)
class _Moves:
    """The movements since the asked day before."""

    due: Owed = NOTHING
    charged: Owed = NOTHING
    paid: Owed = NOTHING
    waived: Owed = NOTHING
    changed: Owed = NOTHING

    def add(self, event: Event) -> None:
        if event.kind == "due":
            self.due += event.effect
        elif event.kind == "charge":
            self.charged += event.effect
        elif event.kind == "payment":
            self.paid -= event.effect
        elif event.kind == "waiver":
            self.waived -= event.effect
        else:
            self.changed += event.effect


def _told(loan: OneLoan, asked: Sequence[int]) -> tuple[Day, ...]:
    first, last = asked[0], asked[-1]
    answers = loan.over(first - 1, last)
    happened = _happened(loan, first, last)
    busy = _busy(answers, first) | happened.keys()
    owed = owed_of(*loan.on(first - 1), first - 1)
    wanted = set(asked)
    found: list[Day] = []
    moves, events, opening = _Moves(), list[Event](), owed or NOTHING
    for day in range(first, last + 1):
        if day in busy:
            owed, of_day = _moved(loan, day, happened.get(day, ()))
            for event in of_day:
                moves.add(event)
            events.extend(of_day)
        if day not in wanted:
            continue
        answer = answers[day - first + 1]
        found.append(
            Day(
                date_of(day), at.STATES[int(answer.state)], None if answer.dpd == at.EMPTY else int(answer.dpd), opening, moves.due, moves.charged,
                moves.paid, moves.waived, moves.changed, owed, *_to_come(loan, answer, day), tuple(events),
            )
        )  # fmt: skip
        moves, events, opening = _Moves(), [], owed or NOTHING
    return tuple(found)


def _busy(answers: Records, first: int) -> set[int]:
    """The days on which what is told differs from the day before; the first answer is that of the day before `first`."""
    plain = answers.view(np.ndarray)
    moved = np.zeros(len(plain) - 1, bool)
    for name in TOLD_BY:
        moved |= plain[name][1:] != plain[name][:-1]
    return {first + int(place) for place in np.flatnonzero(moved)}


def _happened(loan: OneLoan, first: int, last: int) -> dict[int, list[tuple[int, int]]]:
    """By day the events (table, row) that count as known, in the order in which they are applied."""
    change = int(taken_over_on(loan.facts, 0, loan.known))
    begun = NO_DAY if change == at.EMPTY else int(loan.facts.changes[change].on)
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for table in (CHARGES, CHANGES, PAYMENTS):
        events = getattr(loan.facts, EVENTS[table]).view(np.ndarray)
        counted = (events["known_on"] <= loan.known) & (events["until"] > loan.known)
        counted &= (events["on"] >= max(first, begun)) & (events["on"] <= last)
        if table == PAYMENTS:
            counted &= events["purpose"] != REVERSAL
        elif table == CHANGES:  # a loan taken over began with that day, and is asked about from there alone
            counted &= events["kind"] != TRANSFER_IN
        for row in np.flatnonzero(counted).tolist():
            found[int(events["on"][row])].append((table, row))
    return found


def _moved(loan: OneLoan, day: int, happened: Sequence[tuple[int, int]]) -> tuple[Owed | None, list[Event]]:
    """What is owed at the end of a day, and the events that brought it there."""
    before, before_work = loan.on(day - 1)
    for table, row in happened:
        loan.hide(table, row)
    try:
        answer, work = loan.on(day)
        came_due = _came_due(loan, day, (before, before_work), (answer, work))
        owed = owed_of(answer, work, day)
        rest = (owed or NOTHING) - (owed_of(before, before_work, day - 1) or NOTHING)
        for event in came_due:
            rest -= event.effect
        events = []
        for table, row in happened:
            loan.show(table, row)
            after = owed_of(*loan.on(day), day)
            events.append(_event(loan, day, table, row, (after or NOTHING) - (owed or NOTHING)))
            owed = after
    finally:
        for table, row in happened:
            loan.show(table, row)
    if rest != NOTHING:
        _explain(events, rest, day, at.STATES[int(answer.state)] if answer.state != before.state else "plan")
    return owed, came_due + events


def _explain(events: list[Event], rest: Owed, day: int, about: str) -> None:
    """Lay what the day moved without any event of its own to the change of the contract that came with it, else to the plan or the loan's state."""
    for place, event in enumerate(events):
        if event.kind == "change":
            events[place] = replace(event, effect=event.effect + rest)
            return
    events.insert(0, Event(date_of(day), "change", about, "", None, rest))


def _came_due(
    loan: OneLoan, day: int, before: tuple[Record, Scratch], now: tuple[Record, Scratch]
) -> list[Event]:  # fmt: skip
    """What came into the claim by the passing of time: an instalment whose days of grace are over, or a bill."""
    answer, work = now
    on = date_of(day)
    if int(answer.basis) == at.ON_BILLS and not is_whole(answer):
        more = (owed_of(*now, day) or NOTHING).unsplit - (owed_of(*before, day - 1) or NOTHING).unsplit
        return [Event(on, "due", "bill", "", None, Owed(unsplit=more))] if more > 0 else []
    whole = is_whole(answer)
    was = claimed(*before, loan, day - 1)
    found = []
    for seq, row in claimed(answer, work, loan, day).items():
        effect = Owed(0 if whole else int(row.principal), int(row.interest), int(row.fee))
        if seq not in was and effect != NOTHING:
            found.append(Event(on, "due", "instalment", str(seq), None, effect))
    return found


def _event(loan: OneLoan, day: int, table: int, row: int, effect: Owed) -> Event:
    event: Any = getattr(loan.facts, EVENTS[table])[row]
    kind: Kind = "payment"
    if table == CHARGES:
        kind, about, ref = "charge", loan.text(table, "kind", row), loan.text(table, "charge_id", row)
    elif table == CHANGES:
        kind = "waiver" if event.kind in (WAIVER, ASSET_IN_LIEU) else "change"
        about, ref = CHANGE_KINDS[event.kind], loan.text(table, "change_id", row)
    else:
        about, ref = PURPOSES[event.purpose], loan.text(table, "payment_id", row)
    return Event(date_of(day), kind, about, ref, None if table == CHANGES else int(event.amount), effect)


def _to_come(loan: OneLoan, answer: Record, day: int) -> tuple[int, int]:
    """What is short of what is not owed yet: due before a day and in its days of grace, and due on the day. Of bills the latest one due says all."""
    if int(answer.state) in NOTHING_OWED or is_whole(answer) or int(answer.basis) not in (at.ON_SCHEDULE, at.ON_BILLS):
        return 0, 0
    due_today = int(answer.next_due_on) == day
    overdue, charges, recovered = (
        int(answer.overdue_amount),
        int(answer.charges_accrued),
        int(answer.recovered_after_write_off),
    )
    if int(answer.basis) == at.ON_BILLS:
        graced = max(int(answer.total_claim) + recovered - charges - overdue, 0)
        return (0, max(int(answer.next_due_amount) - overdue, 0)) if due_today else (graced, 0)
    if not due_today and recovered == 0 and int(answer.total_claim) == overdue + charges:
        return 0, 0
    _, work = loan.on(day)
    rows = work.rows[: int(work.pots[at.ROW_COUNT])]
    past, today = (
        sum(int(due[part].sum()) for part in ("principal", "interest", "fee"))
        for due in (rows[rows["owed_on"] < day], rows[rows["owed_on"] == day])
    )
    return past - overdue, today
