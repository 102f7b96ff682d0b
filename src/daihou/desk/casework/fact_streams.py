"""Contacts, promises and decisions as facts.

Told are ends: a contact once its outcome is known, a message once it was delivered, failed, or has been without a receipt for days. Values hold numbers and codes and
no word that somebody wrote, since the lake holds no names.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.db.models import Q

from daihou.book import money
from daihou.desk.casework.choices import Act, ArrangementState
from daihou.desk.casework.models import FACTS, CaseMove, Promise
from daihou.desk.contacts.choices import MESSAGES, Outcome
from daihou.desk.contacts.models import Circumstance, Contact
from daihou.desk.facts.stream import Fact, Stream
from daihou.monitoring.collection.family import LIFTED, MADE, WITHDRAWN

RECEIPT: Final = dt.timedelta(days=3)
"""A message that was sent and of which nothing was heard for so long stays as sent."""


def _contact(made: Contact) -> Fact:
    value = {
        "contact": made.pk,
        "party": made.party,
        "purpose": made.purpose,
        "loans": made.loan_ids,
        "inbound": made.inbound,
    }
    more = {
        "person": made.person_id if made.person_id != made.debtor_id else "",
        "agency": made.agency,
        "said": made.said,
        "seconds": made.seconds,
    }
    value |= {name: told for name, told in more.items() if told}
    return Fact(made.debtor_id, f"{made.channel}_{made.outcome}", made.at, value)


def _promise(made: Promise) -> Fact:
    parts = [
        [part.due_on.isoformat(), money.text(part.amount, made.currency).replace(",", "")] for part in made.parts.all()
    ]
    value = {"promise": made.pk, "currency": made.currency, "parts": parts, "loans": made.loan_ids}
    return Fact(made.case.borrower_id, MADE, made.made_at, value)


def _withdrawn(made: Promise) -> Fact | None:
    at = made.withdrawn_at
    return Fact(made.case.borrower_id, WITHDRAWN, at, {"promise": made.pk}) if at else None


def _move(made: CaseMove) -> Fact | None:
    """What a move decided; of arrangements what was approved, for all else there was no decision yet."""
    kind, value = made.act, {"case": made.case.number}
    if made.act == Act.ARRANGE:
        if made.detail["state"][1] != ArrangementState.APPROVED:
            return None
        kind, value = made.detail["kind"], value | {"arrangement": made.detail["arrangement"]}
    elif made.act == Act.CLOSE:
        value["closing"] = made.case.closing
    elif made.act == Act.HARDSHIP:
        kind, value = "hardship_assessed", value | {"cause": made.detail["cause"]}
    return Fact(made.case.borrower_id, kind, made.at, value)


def _judged(made: CaseMove) -> Fact:
    return Fact(made.case.borrower_id, made.detail["state"], made.at, {"promise": made.detail["promise"]})


def _entered(made: Circumstance) -> Fact:
    return Fact(made.person_id, made.kind, made.from_at, _holds(made))


def _lifted(made: Circumstance) -> Fact | None:
    """That it no longer holds, because somebody lifted it or its time was over. What was lifted before it began ends as it begins: the last word counts."""
    ends = [at for at in (made.lifted_at, made.until_at) if at is not None]
    if not ends:
        return None
    end = max(min(ends), made.from_at + dt.timedelta(microseconds=1))
    return Fact(made.person_id, f"{made.kind}{LIFTED}", end, _holds(made))


def _holds(made: Circumstance) -> dict[str, Any]:
    of = {"circumstance": made.pk, "channel": made.channel, "loan": made.loan_id}
    return {name: told for name, told in of.items() if told}


def _ended(now: dt.datetime) -> Q:
    """Contacts of which no more is expected."""
    open_ones = Q(outcome=Outcome.PENDING) | Q(outcome=Outcome.SENT, channel__in=MESSAGES, at__gt=now - RECEIPT)
    return ~open_ones & ~Q(outcome=Outcome.NOT_MADE)


STREAMS: Final = (
    Stream("contacts", Contact, _ended, "told_at", _contact),
    Stream("promises", Promise, lambda _now: Q(), "told_at", _promise, ("case",), ("parts",)),
    Stream("promises", Promise, lambda _now: Q(withdrawn_at__isnull=False), "withdrawn_told_at", _withdrawn, ("case",)),
    Stream("promises", CaseMove, lambda _now: Q(act=Act.PROMISE_JUDGED), "told_at", _judged, ("case",)),
    Stream("decisions", CaseMove, lambda _now: Q(act__in=set(FACTS) - {Act.PROMISE_JUDGED}), "told_at", _move, ("case",)),
    Stream("decisions", Circumstance, lambda _now: Q(), "told_at", _entered),
    Stream(
        "decisions", Circumstance, lambda now: Q(lifted_at__isnull=False) | Q(until_at__lte=now), "lifted_told_at", _lifted
    ),
)  # fmt: skip
