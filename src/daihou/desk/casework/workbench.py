"""The collector's screen of one case: everything that its parts show, in a number of queries that does not grow with what there is."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from daihou.book import money
from daihou.desk.casework import (
    calculator,
    complaining,
    confirming,
    course,
    guards,
    news,
    outcome_panel,
    owed_panel,
    queue_panel,
    reckoning,
    scripts,
)
from daihou.desk.casework import ways as contact_ways
from daihou.desk.casework.choices import PromiseState, Track
from daihou.desk.casework.models import Promise
from daihou.desk.contacts import circumstances
from daihou.desk.contacts.choices import Kind
from daihou.desk.contacts.messages import policy as texts
from daihou.desk.contacts.wording import language_of
from daihou.desk.portfolio.columns import code_label
from daihou.desk.vault import people

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from daihou.desk.asked import Asked
    from daihou.desk.casework.models import Case, CaseLoan
    from daihou.desk.casework.reckoning import Reckoned
    from daihou.desk.casework.scripts import Shown
    from daihou.desk.casework.ways import Ways
    from daihou.desk.contacts.models import Circumstance

SHOWN: Final = 12
"""Entries of the course that stand on the page at first."""
CONSENTS: Final = (Kind.AGREED_HOURS, Kind.AGREED_ATTEMPTS, Kind.CALL_CONSENT, Kind.VISIT_CONSENT, Kind.MESSAGE_CONSENT)
SITUATIONS: Final[Mapping[str, str]] = {Kind.DISPUTE: "dispute", Kind.HARDSHIP: "hardship"}


@dataclass(frozen=True, slots=True)
class Who:
    """The debtor as shown: name and district masked."""

    name: str | None
    place: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Something that holds of the debtor, in a word and its colour."""

    label: str
    colour: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Something of the case to know at a glance."""

    colour: str
    icon: str
    text: str


@dataclass(frozen=True, slots=True)
class PromiseShown:
    """The newest promise, by its first part that is still open, else its last."""

    pk: int
    state: str
    due_on: dt.date
    amount: int
    received: int
    currency: str


@dataclass(frozen=True, slots=True)
class Found:
    """What the parts of the page are made from, read once."""

    case: Case
    loans: tuple[CaseLoan, ...]
    owed: Reckoned
    payments: tuple[news.Payment, ...]
    ways: Ways
    promise: PromiseShown | None
    open_promise: Promise | None
    holds: tuple[Circumstance, ...]
    no: str
    """Why the user may not work the case; empty who may."""

    @property
    def claim(self) -> str:
        """Names the figures shown, with the money that came since."""
        return news.stamp(self.owed.stamp, self.payments)


def found(case: Case, request: Asked, now: dt.datetime) -> Found:
    """What there is of a case at a moment."""
    today = timezone.localdate(now)
    loans = tuple(case.of_loans.all())
    promises = list(Promise.objects.filter(case=case).order_by("-id").prefetch_related("parts")[:1])
    newest = promises[0] if promises else None
    ways = contact_ways.ways(case, [loan.loan_id for loan in loans], request, now)
    return Found(
        case, loans, reckoning.reckoned(case, loans, today), news.unbooked(loans), ways, _shown(newest) if newest else None,
        newest if newest is not None and newest.state == PromiseState.OPEN else None, tuple(circumstances.in_force([case.borrower_id], now)),
        guards.against_working(case, request.user, request.rights),
    )  # fmt: skip


def context(case: Case, request: Asked, now: dt.datetime) -> dict[str, Any]:
    """Everything the page needs."""
    of, today = found(case, request, now), timezone.localdate(now)
    return {
        **parts(of, request, now),
        **beside(of, request, now),
        "marks": marks(case, of),
        "can_claim": bool(of.no) and not guards.against_claiming(case, request.user, request.rights),
        "here": "workbench",
        "aside": {"first_on": today + dt.timedelta(days=1)},
        "calc": calculator.calculator(of.loans, of.owed, today, of.open_promise),
        "told": calculator.NOTHING,
        "outcome": outcome(of, now),
        "news": {"items": first_news(of), "seen": news.seen(case, of.owed.stamp, of.payments, news.last_contact(case))},
    }


def parts(of: Found, request: Asked, now: dt.datetime) -> dict[str, Any]:
    """What the parts need that are shown anew after an act: who, what is owed, how to make contact, what is said."""
    person = people.masked(of.case.borrower_id)
    who = Who(person.name or None if person else None, person.address if person else "")
    return {
        "case": of.case, "loans": of.loans, "who": who, "owed": of.owed, "chart": owed_panel.chart(of.owed), "growth": owed_panel.growth(of.owed),
        "worsens": owed_panel.worsens(of.case, of.owed), "ways": of.ways, "promise": of.promise, "stands": stands(of.holds), "no": of.no,
        "may_work": not of.no, "script": script(of, who, request, now),
    }  # fmt: skip


def beside(of: Found, request: Asked, now: dt.datetime) -> dict[str, Any]:
    """The list of the day, and what happened so far."""
    entries = course.of(of.case)
    shown = entries if request.GET.get("events") == "all" else entries[:SHOWN]
    queue = queue_panel.queue(request.user, timezone.localdate(now), of.case.pk)
    return {"queue": queue, "course": shown, "course_count": len(entries)}


def outcome(of: Found, now: dt.datetime) -> outcome_panel.Panel:
    """The panel of outcomes, for the contact of one's own that is under way."""
    live = of.ways.live
    panel = outcome_panel.panel(of.case, live.contact if live else None, of.claim, of.open_promise, of.no, now)
    panel.confirm = confirming.offer(of.ways, live.contact) if live else None
    return panel


def first_news(of: Found) -> tuple[news.Item, ...]:
    """What a page tells as it opens: money that no run has booked yet."""
    return tuple(news.told(of.loans, of.payments, (), of.owed.on))


def script(of: Found, who: Who, request: Asked, now: dt.datetime) -> Shown:
    """The script for whom one speaks to, else for the debtor."""
    live = of.ways.live
    party = live.contact.party if live else "debtor"
    owed, case, promise = of.owed, of.case, of.promise
    lender = texts(timezone.localdate(now)).lender[language_of(get_language() or "")]
    values = {
        "person": who.name or case.borrower_id, "lender": lender, "agent": str(request.user.name), "claim": money.text(owed.total, owed.currency),
        "penalty": money.text(owed.charges, owed.currency), "dpd": str(owed.dpd), "dues": str(case.unpaid_due_dates),
        "product": code_label("product", case.product), "call_at": f"{timezone.localtime(case.call_at):%m-%d %H:%M}" if case.call_at else "",
        "due_on": f"{owed.next_on:%m-%d}" if owed.next_on else "", "due": money.text(owed.next_amount, owed.currency) if owed.next_on else "",
    }  # fmt: skip
    if promise is not None:
        values |= {
            "promised_on": f"{promise.due_on:%m-%d}", "promised": money.text(promise.amount, promise.currency),
            "received": money.text(promise.received, promise.currency),
        }  # fmt: skip
    return scripts.shown(case.stage, party, situations(of, timezone.localdate(now)), values)


def situations(of: Found, today: dt.date) -> set[str]:
    """What holds, by the codes of scripts."""
    holds = {SITUATIONS[one.kind] for one in of.holds if one.kind in SITUATIONS}
    if of.promise is not None and of.promise.state in (PromiseState.BROKEN, PromiseState.PARTLY):
        holds.add("promise_broken")
    elif (
        of.promise is not None
        and of.promise.state == PromiseState.OPEN
        and of.promise.due_on <= today + dt.timedelta(days=1)
    ):
        holds.add("promise_due")
    if of.case.call_at is not None:
        holds.add("call_agreed")
    if of.case.first_payment:
        holds.add("first_payment")
    return holds


def stands(holds: Sequence[Circumstance]) -> list[Standing]:
    """What holds of the debtor, each kind once; consents are good news, all else is to be minded."""
    kinds = dict.fromkeys(one.kind for one in holds)
    return [Standing(str(Kind(kind).label), "blue" if kind in CONSENTS else "orange") for kind in kinds]


def marks(case: Case, of: Found) -> list[Mark]:
    """What of the state of a case is out of the ordinary."""
    marked = []
    if case.closed_on is not None:
        marked.append(Mark("green", "ok", f"{case.get_closing_display()} {case.closed_on}"))
    if case.paused_until is not None:
        marked.append(Mark("blue", "pause", _("set aside until %(day)s") % {"day": case.paused_until}))
    if case.handed_up_at is not None:
        marked.append(Mark("orange", "up", _("with the manager")))
    if case.track != Track.HOUSE:
        marked.append(
            Mark(
                "yellow",
                "law" if case.track == Track.LITIGATION else "out",
                str(case.agency or case.get_track_display()),
            )
        )
    if case.first_payment:
        marked.append(Mark("orange", "warn", _("first instalment never paid")))
    if complaining.open_of(case):
        marked.append(Mark("red", "warn", _("a complaint is open")))
    if case.call_at is not None:
        marked.append(
            Mark(
                "blue", "phone", _("call agreed for %(at)s") % {"at": f"{timezone.localtime(case.call_at):%m-%d %H:%M}"}
            )
        )
    if of.no and case.open:
        marked.append(Mark("", "lock", of.no))
    return marked


def _shown(promise: Promise) -> PromiseShown | None:
    states = sorted(promise.parts.all(), key=lambda part: part.due_on)
    if not states:
        return None
    part = next((one for one in states if one.state == PromiseState.OPEN), states[-1])
    return PromiseShown(promise.pk, promise.state, part.due_on, promise.amount, promise.received, promise.currency)
