"""Until when claims may be brought, loan by loan: the arithmetic of `collection.limitation` over the book, letters that were served, payments and promises.

The debt is due as a whole at its maturity as the newest run has it, or when it was called due early. Loans without a maturity, like cards, are not told of.
An arrangement that was approved is the lender's own act and counts for nothing; the promise of the debtor whose place it took counts on, at the day it was made.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, get_args

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from daihou.book.days import add_months
from daihou.collection.guaranteed import Duty, Extension, guarantee_period
from daihou.collection.limitation import Claim, Event, limitation
from daihou.desk.casework import consents
from daihou.desk.casework.choices import ArrangementState
from daihou.desk.casework.models import Arrangement, Promise
from daihou.desk.letters import paid
from daihou.desk.letters.candidates import COLUMNS, OWING
from daihou.desk.letters.choices import Kind, State, To
from daihou.desk.letters.models import ClaimEvent, Service
from daihou.desk.letters.policy import law, policy
from daihou.desk.portfolio import facts, reading
from daihou.policies.limitation import Form

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from daihou.collection.guaranteed import Guarantee
    from daihou.collection.limitation import Standing
    from daihou.desk.casework import consents as stated
    from daihou.desk.letters.paid import Days
    from daihou.desk.people.reach import Reach
    from daihou.desk.portfolio.moments import Moment

TOGETHER: Final = 500
"""Loans asked of the database at once."""
AGREED: Final = (ArrangementState.APPROVED, ArrangementState.BROKEN, ArrangementState.DONE)
SPARE_DAYS: Final = 31
"""Beyond the years of the period, since a last day may move over holidays."""
LIST_MOST: Final = 2_000
"""Rows of each part of the list at most, those that end first."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A loan's row of the newest run, and how its limitation stands."""

    row: dict[str, Any]
    standing: Standing
    sued: bool = False
    """Whether a suit or the like is known, counted or not."""


@dataclass(frozen=True, slots=True)
class Soon:
    """Claims whose limitation ends soon, and those for which it is over, each cut; and how many there are of each."""

    running: Sequence[Limit] = ()
    over: Sequence[Limit] = ()
    running_count: int = 0
    over_count: int = 0


@dataclass(frozen=True, slots=True)
class Guaranteed:
    """A guarantor of a loan, masked, and until when they can be held to it."""

    person_id: str
    name: str
    period: Guarantee
    stated: bool
    """Whether the facts say that it is joint or general. Where they do not, what keeps it is not known: nothing is said but its end."""

    @property
    def lapsed(self) -> bool:
        """Whether the guarantor is free."""
        return self.stated and self.period.lapsed

    @property
    def may_be_asked(self) -> bool:
        """Whether a letter makes sense still: of a form that is not stated until the end that the contract names, or on if a demand came before it."""
        return not self.period.lapsed if self.stated or self.period.agreed else True


def of_loan(loan_id: str, moment: Moment, today: dt.date) -> Limit | None:
    """How the limitation of a loan stands; None where nothing is overdue on it, or it has no maturity."""
    return next(iter(of_borrower([loan_id], moment, today)), None)


def of_borrower(loan_ids: Sequence[str], moment: Moment, today: dt.date) -> list[Limit]:
    """The same of some loans, those that end first, first; what is held by a procedure last."""
    rows = reading.rows(
        f"SELECT {COLUMNS} FROM {reading.snapshots(moment).sql} WHERE loan_id IN (SELECT unnest(?::VARCHAR[])) AND {OWING} ORDER BY loan_id",
        [list(loan_ids)],
    )
    return sorted(standings(rows, moment.known_on, today), key=lambda one: one.standing.ends_on or dt.date.max)


def soon(moment: Moment, reach: Reach, today: dt.date) -> Soon:
    """Overdue claims in reach whose limitation ends within the days of policy, or is over; those that end first, first.

    Only loans are looked at whose first period ends by then: nothing makes a period end sooner.
    """
    held = law(today)
    until = today + dt.timedelta(days=policy(today).soon_days)
    latest = add_months(until, -12 * held.years)
    within, values = reading.within(reach, ())
    rows = reading.rows(
        f"SELECT {COLUMNS} FROM {reading.snapshots(moment).sql} WHERE {OWING} AND {within} AND least(matures_on, accelerated_on) <= ?",
        [*values, latest],
    )
    days = paid.of_old(moment, latest, OWING, held.payments)
    found = sorted(
        (
            one
            for one in standings(rows, moment.known_on, today, days)
            if one.standing.ends_on is not None and one.standing.ends_on <= until
        ),
        key=lambda one: (one.standing.ends_on, one.row["loan_id"]),
    )
    running = [one for one in found if not one.standing.barred]
    over = [one for one in found if one.standing.barred]
    return Soon(running[:LIST_MOST], over[:LIST_MOST], len(running), len(over))


def standings(
    rows: Sequence[dict[str, Any]], known_on: dt.date, today: dt.date, days: Days | None = None
) -> list[Limit]:  # fmt: skip
    """How each of some loans stands that has a maturity or was called due early; in their order. `days`: on which was paid, where that is read already."""
    due = [row for row in rows if row["matures_on"] is not None or row["accelerated_on"] is not None]
    held, calendar = law(today), settings.HOME.settings.calendar
    if days is None:
        days = paid.paid({row["loan_id"]: _claim(row).due_on for row in due}, known_on, held.payments)
    events = _events(due, days)
    procedures = {one.code for one in held.kinds if one.effect == "procedure"}
    return [
        Limit(
            row, limitation(held, _claim(row), events[row["loan_id"]], today, calendar), any(one.kind in procedures for one in events[row["loan_id"]])
        )
        for row in due
    ]  # fmt: skip


def guarantors(row: Mapping[str, Any], today: dt.date) -> list[Guaranteed]:
    """The guarantors of a loan and their periods. That they agreed to an extension is not known here: without their consent the first maturity counts."""
    bound = consents.bound(row["borrower_id"], [row["loan_id"]], today, ended=True)
    if not bound or row["matures_on"] is None:
        return []
    first = _first_maturity(row["loan_id"]) or row["matures_on"]
    later = (Extension(first, row["matures_on"], consented=False),) if first != row["matures_on"] else ()
    served: dict[str, list[Event]] = defaultdict(list)
    for service in _served([row["loan_id"]], To.GUARANTOR):
        served[service.letter.addressee_id].append(_demand(service, "guarantor"))
    held, calendar = law(today), settings.HOME.settings.calendar
    against_debtor = [event for _, event in _stated([row["loan_id"]])]

    def judged(one: stated.Guarantor, told: stated.Guarantee) -> Guaranteed:
        clear = told.form in get_args(Form)
        form: Any = told.form if clear else "joint"  # a demand may keep it; what is made of that says `Guaranteed`
        duty = Duty(first, form, told.period_end, later, row["accelerated_on"])
        period = guarantee_period(held, duty, [*served[one.person_id], *against_debtor], today, calendar)
        return Guaranteed(one.person_id, one.name or one.person_id, period, clear)

    return [  # of several guarantees of somebody the one that holds them longest
        max((judged(one, told) for told in one.guarantees), key=lambda each: (each.may_be_asked, each.period.ends_on))
        for one in bound
    ]


def to_be_asked(row: Mapping[str, Any], today: dt.date) -> list[str]:
    """The numbers of the guarantors of a loan who can be held to it still."""
    if row["matures_on"] is None:
        return [one.person_id for one in consents.bound(row["borrower_id"], [row["loan_id"]], today)]
    return [one.person_id for one in guarantors(row, today) if one.may_be_asked]


def _claim(row: Mapping[str, Any]) -> Claim:
    """Of a row with a maturity, or a day on which it was called due early."""
    called: dt.date | None = row["accelerated_on"]
    matures_on: dt.date | None = row["matures_on"] or called
    assert matures_on is not None  # noqa: S101 - `standings` leaves out those with neither
    return Claim(matures_on, called)


def _events(rows: Sequence[dict[str, Any]], days: Days) -> dict[str, list[Event]]:
    """What may have interrupted the limitation of each loan."""
    found: dict[str, list[Event]] = defaultdict(list)
    if not rows:
        return found
    due = sorted({row["loan_id"] for row in rows})
    for loan_id in due:
        found[loan_id] += [Event(paid_on, "payment") for paid_on in days.get(loan_id, ())]
    for part in _parts(due):
        for service in _served(part, To.DEBTOR):
            found[service.letter.loan_id].append(_demand(service, "debtor"))
        for loan_id, event in _stated(part):
            found[loan_id].append(event)
    for part in _parts(sorted({row["borrower_id"] for row in rows})):
        for promise in _promises(part):
            for loan_id in promise.loan_ids:
                found[loan_id].append(Event(promise.made_on, "promise", f"{promise.pk}"))
    return found


def _promises(borrower_ids: Sequence[str]) -> Iterator[Promise]:
    """What debtors promised themselves: not what the desk wrote down when an arrangement was approved, but what that took the place of."""
    decided = Arrangement.objects.filter(case=OuterRef("case"), decided_at=OuterRef("withdrawn_at"), state__in=AGREED)
    own = Promise.objects.filter(case__borrower_id__in=borrower_ids, arrangement=None)
    yield from own.filter(Q(withdrawn_at=None) | Exists(decided))


def _stated(loan_ids: Sequence[str]) -> Iterator[tuple[str, Event]]:
    """What people stated by papers, loan by loan."""
    for one in ClaimEvent.objects.filter(loan_id__in=loan_ids, withdrawn_at=None):
        yield one.loan_id, Event(one.on, one.kind, one.source, one.ended_on)


def _demand(service: Service, to: str) -> Event:
    """A served letter; with the debtor's signature that the debt stands it is an acknowledgement."""
    assert service.served_on is not None  # noqa: S101 - those that were served alone are asked for
    kind = "acknowledgement" if service.acknowledged else "demand_served"
    return Event(service.served_on, kind, service.letter.number, None, to)


def _served(loan_ids: Sequence[str], to: To) -> Iterator[Service]:
    letters = {
        "letter__loan_id__in": loan_ids,
        "letter__to": to,
        "letter__kind": Kind.OVERDUE,
        "letter__state": State.SERVED,
    }
    yield from Service.objects.filter(**letters, served_on__isnull=False).select_related("letter")


def _first_maturity(loan_id: str) -> dt.date | None:
    """As the loan was first agreed: of the versions known, the one known first."""
    loans = facts.versions("loans")
    if not loans:
        return None
    rows = reading.rows(
        f'SELECT matures_on FROM {loans} WHERE loan_id = ? AND matures_on IS NOT NULL ORDER BY known_on, batch, "row" LIMIT 1', [loan_id]
    )  # fmt: skip
    return rows[0]["matures_on"] if rows else None


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(ids), TOGETHER):
        yield ids[first : first + TOGETHER]
