"""What people did and found and what debtors promised goes back to the lake as facts: contacts, promises, decisions, findings, through intake like all else.

Told are ends: a contact once its outcome is known, a message once it was delivered, failed, or has been without a receipt for days. Values hold numbers and codes and
no word that somebody wrote, since the lake holds no names. Killed between intake and mark, the same facts are sent again, and add nothing.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db.models import Q

from daihou.book import money
from daihou.book.business_date import open_business_date
from daihou.book.intake import deliver
from daihou.desk.casework.choices import Act, ArrangementState
from daihou.desk.casework.models import FACTS, CaseMove, Promise
from daihou.desk.contacts.choices import MESSAGES, Outcome
from daihou.desk.contacts.models import Circumstance, Contact
from daihou.desk.reviews.models import Fact as ReviewFact
from daihou.monitoring.collection.family import LIFTED, MADE, WITHDRAWN

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable

    from django.db.models import Model

LOG = logging.getLogger(__name__)

TOGETHER: Final = 20_000
"""Facts of one delivery at most."""
MARKED: Final = 500
"""Rows marked by one statement: SQLite takes no more values at once than a thousand or so."""
RECEIPT: Final = dt.timedelta(days=3)
"""A message that was sent and of which nothing was heard for so long stays as sent."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A row of one of the tables; None in place of it: nothing is to be told of that."""

    subject_id: str
    kind: str
    happened_at: dt.datetime
    value: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stream:
    """Rows of the desk that become facts of a table: which of them, what each says, and the column that marks what was told."""

    table: str
    model: type[Model]
    waiting: Callable[[dt.datetime], Q]
    told: str
    fact: Callable[[Any], Fact | None]
    beside: tuple[str, ...] = ()
    """What is read with each row."""


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


def _found(made: ReviewFact) -> Fact:
    return Fact(made.review.borrower_id, made.kind, made.at, made.value)


STREAMS: Final = (
    Stream("findings", ReviewFact, lambda _now: Q(), "told_at", _found, ("review",)),
    Stream("contacts", Contact, _ended, "told_at", _contact),
    Stream("promises", Promise, lambda _now: Q(), "told_at", _promise, ("case",)),
    Stream("promises", Promise, lambda _now: Q(withdrawn_at__isnull=False), "withdrawn_told_at", _withdrawn, ("case",)),
    Stream("promises", CaseMove, lambda _now: Q(act=Act.PROMISE_JUDGED), "told_at", _judged, ("case",)),
    Stream("decisions", CaseMove, lambda _now: Q(act__in=set(FACTS) - {Act.PROMISE_JUDGED}), "told_at", _move, ("case",)),
    Stream("decisions", Circumstance, lambda _now: Q(), "told_at", _entered),
    Stream(
        "decisions", Circumstance, lambda now: Q(lifted_at__isnull=False) | Q(until_at__lte=now), "lifted_told_at", _lifted
    ),
)  # fmt: skip


def write(now: dt.datetime, stop: threading.Event | None = None) -> dict[str, int]:
    """Hand what is new to intake; facts by table. DaihouError where intake cannot begin: then nothing is marked, and all of it waits."""
    done: dict[str, int] = {}
    for stream in STREAMS:
        while stop is None or not stop.is_set():
            rows = _waiting(stream, now)
            if not rows:
                break
            facts = _apart([fact for row in rows if (fact := stream.fact(row)) is not None])
            if facts:
                _send(stream.table, facts, now)
            _mark(stream, [row.pk for row in rows], now)
            done[stream.table] = done.get(stream.table, 0) + len(facts)
    return done


def _waiting(stream: Stream, now: dt.datetime) -> list[Any]:
    rows = stream.model._default_manager.filter(stream.waiting(now), **{stream.told: None}).order_by("pk")  # noqa: SLF001 - where Django keeps what finds rows
    if stream.beside:
        rows = rows.select_related(*stream.beside)
    if stream.fact is _promise:
        rows = rows.prefetch_related("parts")
    return list(rows[:TOGETHER])


def _apart(facts: Iterable[Fact]) -> list[Fact]:
    """No two of one subject and kind at the same moment, which is what names a fact: the second is told a microsecond later."""
    taken: set[tuple[str, str, dt.datetime]] = set()
    found = []
    for fact in facts:
        at = fact.happened_at
        while (fact.subject_id, fact.kind, at) in taken:
            at += dt.timedelta(microseconds=1)
        taken.add((fact.subject_id, fact.kind, at))
        found.append(Fact(fact.subject_id, fact.kind, at, fact.value))
    return found


def _send(table: str, facts: list[Fact], now: dt.datetime) -> None:
    with tempfile.TemporaryDirectory(prefix="daihou-") as folder:
        path = Path(folder) / f"desk_{table}.jsonl"
        with path.open("w", encoding="utf-8") as lines:
            for fact in facts:
                row = {
                    "subject_id": fact.subject_id, "kind": fact.kind, "happened_at": fact.happened_at.isoformat(),
                    "value": json.dumps(fact.value, ensure_ascii=False, sort_keys=True),
                }  # fmt: skip
                lines.write(json.dumps(row, ensure_ascii=False) + "\n")
        report = deliver(settings.HOME, [path], table, today=open_business_date(settings.HOME, now))
    if report.exit_code:
        LOG.warning("some facts of %s that the desk told are in quarantine", table)


def _mark(stream: Stream, keys: list[int], now: dt.datetime) -> None:
    for first in range(0, len(keys), MARKED):
        rows = stream.model._default_manager.filter(pk__in=keys[first : first + MARKED])  # noqa: SLF001 - as above
        rows.update(**{stream.told: now})
