"""What happened around a case, newest first: acts on it, contacts, promises, and payments, changes and charges of its loans as the ledger has them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from daihou.book import money
from daihou.book.errors import DaihouError
from daihou.desk.casework.choices import PROMISE_COLOURS, Act, Closing, PromiseState, Said, Stage
from daihou.desk.casework.models import Promise
from daihou.desk.contacts.choices import Outcome
from daihou.desk.contacts.models import Contact
from daihou.desk.people import orgs
from daihou.desk.people.models import User
from daihou.desk.portfolio import accounts, timeline
from daihou.runs.explain import explain_in

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from daihou.book.home import Home
    from daihou.desk.casework.models import Case, CaseMove
    from daihou.runs.explain import Explanation

KINDS: Final = ("case", "contact", "promise", "pay", "change", "charge", "loan")
"""What an entry may be about; the last four are facts of the book."""
FACTS: Final = frozenset(KINDS[3:])
MOST: Final = 200
"""Contacts that are told, the newest."""
LOANS: Final = 20
"""Loans whose facts are told; those furthest past due first."""
PROMISING: Final = (Act.PROMISE, Act.PROMISE_JUDGED, Act.PROMISE_WITHDRAWN)
COLOURS: Final = {
    Act.STAGE: "orange", Act.CLOSE: "green", Act.TO_AGENCY: "yellow", Act.TO_LITIGATION: "red", Act.HAND_UP: "orange", Act.COMPLAINT: "red",
    Act.ARRANGE: "blue", Act.HARDSHIP: "blue", Act.CALL_BACK: "blue",
}  # fmt: skip
OUTCOMES: Final = {
    Outcome.CONVERSATION: "green", Outcome.DELIVERED: "green", Outcome.SENT: "green", Outcome.INVALID: "red", Outcome.FAILED: "red",
    Outcome.REFUSED: "red", Outcome.THIRD_PARTY: "yellow", Outcome.PENDING: "blue",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing: when (to the minute where people or the clock did it, else the day), what, who, in whose words. It names no debtor."""

    on: dt.date
    at: dt.datetime | None
    kind: str
    """One of `KINDS`."""
    title: str
    who: str = ""
    """Empty: the run, the clock, or a fact of the book."""
    note: str = ""
    detail: str = ""
    colour: str = ""
    url: str = ""

    @property
    def order(self) -> tuple[dt.date, dt.time]:
        """What comes later is greater; of a day what has no time comes first."""
        return self.on, timezone.localtime(self.at).time() if self.at else dt.time()


def of(case: Case, kinds: Collection[str] = KINDS) -> list[Entry]:
    """What happened, of some kinds, newest first. Four queries at most however much it is; without a ledger the facts of the book are left out."""
    found: list[Entry] = []
    if not {"case", "promise"}.isdisjoint(kinds):
        found += [entry for entry in _acts(case) if entry.kind in kinds]
    if "contact" in kinds:
        contacts = Contact.objects.filter(debtor_id=case.borrower_id).select_related("actor").order_by("-at", "-id")
        found += [_contact(contact) for contact in contacts[:MOST]]
    if not FACTS.isdisjoint(kinds):
        found += [entry for entry in _facts(case) if entry.kind in kinds]
    return sorted(found, key=lambda entry: entry.order, reverse=True)


def _acts(case: Case) -> Iterable[Entry]:
    """Every act on it but contacts, which are told by themselves."""
    moves = list(case.moves.exclude(act=Act.CONTACT).select_related("actor").order_by("-id"))
    wanted = {move.detail[key] for move in moves for key in ("owner", "owner_before") if move.detail.get(key)}
    people = dict(User.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}
    states = {}
    if any(move.act in PROMISING for move in moves):
        states = dict(Promise.objects.filter(case=case).values_list("pk", "state").order_by())
    return [_act(move, people, states) for move in moves]


def _act(move: CaseMove, people: Mapping[int, str], states: Mapping[int, str]) -> Entry:
    act = Act(move.act)
    colour = COLOURS.get(act, "")
    if act in PROMISING:
        state = move.detail.get("state") or (PromiseState.OPEN if act == Act.PROMISE else PromiseState.WITHDRAWN)
        colour = PROMISE_COLOURS[PromiseState(state)]
    return Entry(
        timezone.localtime(move.at).date(), move.at, "promise" if act in PROMISING else "case", _title(move, act, people),
        str(move.actor) if move.actor else "", move.note, _detail(move, act, states), colour,
    )  # fmt: skip


def _title(move: CaseMove, act: Act, people: Mapping[int, str]) -> str:
    """What was done, in words."""
    told = move.detail
    match act:
        case Act.OPEN:
            return _("Opened at %(stage)s") % {"stage": Stage(move.stage_after).label}
        case Act.STAGE:
            return _("Stage %(before)s → %(after)s") % {
                "before": Stage(move.stage_before).label,
                "after": Stage(move.stage_after).label,
            }
        case Act.CLOSE if told.get("closing"):
            return _("Closed: %(why)s") % {"why": Closing(told["closing"]).label}
        case Act.ASSIGN:
            name = people.get(told.get("owner") or 0, "")
            return _("Assigned to %(name)s") % {"name": name} if name else _("Back in the queue")
        case Act.MOVE:
            return _("Moved to %(org)s") % {"org": orgs.tree().name(told.get("org_id"))}
        case Act.PAUSE if told.get("until"):
            return _("Set aside until %(day)s") % {"day": told["until"]}
        case Act.CALL_BACK if told.get("call_at"):
            return _("Call agreed for %(at)s") % {"at": _moment(told["call_at"])}
        case Act.PROMISE if told.get("parts"):
            parts = [f"{money.text(amount, told['currency'])} · {day}" for day, amount in told["parts"]]
            return _("Promised: %(parts)s") % {"parts": ", ".join(parts)}
        case Act.PROMISE_JUDGED if told.get("state"):
            return _("Promise judged: %(state)s") % {"state": PromiseState(told["state"]).label}
        case _:
            return str(act.label)


def _detail(move: CaseMove, act: Act, states: Mapping[int, str]) -> str:
    """What is to be known beside it."""
    told = move.detail
    if act == Act.OPEN and told.get("first_payment"):
        return _("the first instalment was never paid")
    if act == Act.TO_AGENCY and told.get("agency"):
        return str(told["agency"])
    if act == Act.PROMISE and told.get("promise") in states:
        return _("now: %(state)s") % {"state": PromiseState(states[told["promise"]]).label}
    if act == Act.PROMISE_JUDGED and told.get("currency"):
        return _("received %(amount)s") % {"amount": money.text(told["received"], told["currency"])}
    return ""


def _moment(stated: str) -> str:
    return f"{timezone.localtime(dt.datetime.fromisoformat(stated)):%Y-%m-%d %H:%M}"


def _contact(contact: Contact) -> Entry:
    """A contact: by what way, with whom, what came of it; of a message that was not sent yet, how far it is."""
    said = str(Said(contact.said).label) if contact.said in Said.values else ""
    came = contact.get_outcome_display()
    if contact.state and contact.outcome == Outcome.PENDING:
        came = contact.get_state_display()
    spoken = _("%(n)s s") % {"n": contact.seconds} if contact.seconds else ""
    whom = contact.get_party_display()
    began = _("begun by the person") if contact.inbound else ""
    return Entry(
        timezone.localtime(contact.at).date(), contact.at, "contact", f"{contact.get_channel_display()} · {whom} · {came}",
        str(contact.actor) if contact.actor else contact.agency, contact.note, " · ".join(filter(None, (said, spoken, began))),
        OUTCOMES.get(Outcome(contact.outcome), ""),
    )  # fmt: skip


def _facts(case: Case) -> list[Entry]:
    """What the ledger says of its loans, as of the case's date and as known by then."""
    try:
        ledger = accounts.ledger()
    except DaihouError:
        return []
    loans: list[str] = list(case.of_loans.values_list("loan_id", flat=True)[:LOANS])
    told = [
        _explained(settings.HOME, ledger.pointer.generation, loan_id, case.as_of)
        for loan_id in loans
        if ledger.find(loan_id)
    ]
    return [
        Entry(
            event.on, None, event.kind, event.title, detail=" · ".join(filter(None, (event.loan_id, event.detail))), colour=event.colour,
            url=reverse("loan", args=[event.loan_id]),
        )
        for event in timeline.events(told)
    ]  # fmt: skip


@lru_cache(maxsize=128)
def _explained(home: Home, generation: int, loan_id: str, on: dt.date) -> Explanation:  # noqa: ARG001 - the generation is the cache's key
    return explain_in(home, accounts.ledger(), loan_id, on, on)
