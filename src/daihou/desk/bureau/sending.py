"""Sending: one query is claimed, judged once more, sent once, and settled by what came of it.

A query is `unclear` with the moment of sending written and committed before the first byte leaves. So whatever is killed wherever, nothing that may have been charged is
taken for something that may be sent: an unclear query is asked for its result by its number, and never sent again. Any number of senders may run.
"""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from django.db import DatabaseError, InterfaceError, transaction
from django.db.models import F, Q
from django.utils import timezone

from daihou.desk.audit.log import record
from daihou.desk.bureau import asking, deciding, policy, scope, settling, telling
from daihou.desk.bureau.choices import Outcome, Trouble
from daihou.desk.bureau.connectors import known
from daihou.desk.bureau.connectors.connector import Answer, DeclinedError, Sent, Still
from daihou.desk.bureau.deciding import NOTHING
from daihou.desk.bureau.held import lock
from daihou.desk.bureau.models import Authorisation, Query
from daihou.desk.bureau.people import whom
from daihou.desk.bureau.standing import standing
from daihou.desk.contacts.elapsing import Elapsing
from daihou.desk.notices.handing import FailedError, UnclearError
from daihou.desk.people.reach import Access

if TYPE_CHECKING:
    from daihou.desk.bureau.people import Whom

LOG = logging.getLogger(__name__)

AT_ONCE: Final = 20
"""Queries read at a time to find one that may be sent."""
LATER: Final = dt.timedelta(minutes=5)
"""After so long something that could not be read is tried again."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A query that this sender alone may send, once."""

    query: Query
    person: Whom = field(repr=False)
    authorisation: str
    """What it stands on: a document, or an article."""


def step(now: dt.datetime) -> bool:
    """Ask for one result that is due, and send one query; whether there was either."""
    asked = ask_for_result(now)
    claimed = claim(now)
    if claimed is not None:
        send(claimed, now)
    return asked or claimed is not None


def claim(now: dt.datetime) -> Claimed | None:
    """The query that has waited longest at a bureau that is connected, for this sender alone; None where there is none."""
    clock = Elapsing(now)
    waiting = Query.objects.filter(
        Q(due_at=None) | Q(due_at__lte=now), outcome=Outcome.WAITING, bureau__in=known.ready()
    )
    for query in waiting.order_by("pk")[:AT_ONCE]:
        try:
            claimed = _claim(query, clock)
        except (DatabaseError, InterfaceError):
            raise
        except Exception:  # facts that cannot be read hold back what needs them, and nothing else
            LOG.exception("query %s waits", query.number)
            Query.objects.filter(pk=query.pk, outcome=Outcome.WAITING).update(due_at=clock.now() + LATER)
            continue
        if claimed is not None:
            return claimed
    return None


def _claim(query: Query, clock: Elapsing) -> Claimed | None:
    """Mark it as sent if the gate allows it still; else end it. In one transaction, committed before anything leaves."""
    bound = standing(query.borrower_id, timezone.localdate(clock.now()))
    of = scope.whose_of(query.borrower_id)
    with transaction.atomic(durable=True):
        lock()
        now = clock.now()
        mine = Query.objects.filter(pk=query.pk, outcome=Outcome.WAITING)
        if not mine.update(claimed_at=now, revision=F("revision") + 1):
            return None  # another sender has it, or somebody took it back
        if of is None or query.role not in scope.roles(Access(query.asked_by), of):
            _end(query, Outcome.WITHDRAWN, now, Trouble.NO_ROLE)
            return None
        said = deciding.again(query, bound, now)
        person = whom(query.borrower_id)
        if not said.decision.allowed or said.decision.report_id is not None:
            mine.update(**asking.outcome_of(said, now), due_at=None)
            _log_end(query.pk, allowed=said.decision.allowed)
            return None
        if person is None or not person.name or not person.id_no:
            _end(query, Outcome.FAILED, now, Trouble.NOBODY)
            return None
        try:
            known.of(query.bureau)
        except FailedError as error:  # before it counts as sent: no token, or none that can be
            _end(query, Outcome.FAILED, now, error.trouble, error.answer)
            return None
        first = policy.results(timezone.localdate(now)).ask_after_minutes[0]
        mine.update(outcome=Outcome.UNCLEAR, sent_at=now, due_at=now + dt.timedelta(minutes=first), decision=said.kept)
        basis = said.decision.basis
        detail = {"borrower": query.borrower_id, "bureau": query.bureau, "uncovered": ["name", "id_no"], "basis": basis.reference if basis else ""}  # fmt: skip
        record(None, "bureau.send", "query", query.number, detail)
        return Claimed(Query.objects.get(pk=query.pk), person, _document(query.borrower_id, basis.reference if basis else ""))  # fmt: skip


def _end(query: Query, outcome: Outcome, now: dt.datetime, trouble: str, answer: str = "") -> None:
    """End a query that cannot be sent; it cost nothing."""
    mine = Query.objects.filter(pk=query.pk)
    mine.update(outcome=outcome, cost=NOTHING, ended_at=now, due_at=None, trouble=trouble, answer=answer)
    detail = {"borrower": query.borrower_id, "outcome": outcome.value, "trouble": str(trouble)}
    record(None, "bureau.end", "query", query.number, detail)


def _log_end(key: int, *, allowed: bool) -> None:
    """Log what the gate said just before sending: a refusal, or a report that is at hand since."""
    query = Query.objects.get(pk=key)
    if allowed:
        record(None, "bureau.end", "query", query.number, asking.detail(query))
    else:
        record(None, "bureau.refuse", "query", query.number, asking.detail(query))


def _document(borrower_id: str, reference: str) -> str:
    """The document that an authorisation is written in; an article as it is."""
    found = (row for row in Authorisation.objects.filter(borrower_id=borrower_id) if row.number == reference)
    return next((row.document for row in found), reference)


def send(claimed: Claimed, now: dt.datetime) -> None:
    """Ask the bureau, outside of any transaction, and settle the query by what it says. What nobody knows leaves it unclear, as it is already."""
    query = claimed.query
    sent = Sent(
        query.sent_number, query.kind, claimed.person.name, claimed.person.id_no, query.reason, claimed.authorisation,
        query.asked_at.astimezone(dt.UTC).isoformat(),
    )  # fmt: skip
    try:
        try:
            answer = known.of(query.bureau).fetch(sent)
        except DeclinedError as error:
            _declined(query, error, now)
        except FailedError as error:
            settling.ended(query, Outcome.FAILED, _by_now(now), error)
        except UnclearError as error:
            settling.unclear(query, error)
        else:
            settling.answered(query, answer, _by_now(now))
    except (DatabaseError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 - others still wait behind it
        _broke(query, error)


def ask_for_result(now: dt.datetime) -> bool:
    """Ask for the result of one unclear query that is due; whether there was one. The next one is set before this one is asked; after the last, people are told."""
    due = Query.objects.filter(outcome=Outcome.UNCLEAR, due_at__lte=now).order_by("due_at", "pk").first()
    if due is None:
        return False
    held = policy.results(timezone.localdate(now))
    tries = due.tries_of_result + 1
    waits = held.ask_after_minutes
    following = now + dt.timedelta(minutes=waits[tries]) if tries < len(waits) else None
    mine = Query.objects.filter(
        pk=due.pk, outcome=Outcome.UNCLEAR, tries_of_result=due.tries_of_result, due_at=due.due_at
    )
    if not mine.update(tries_of_result=tries, due_at=following, revision=F("revision") + 1):
        return True  # another sender asks for it
    try:
        try:
            told = known.of(due.bureau).result(due.sent_number)
        except DeclinedError as error:
            _declined(due, error, now)
        except (FailedError, UnclearError) as error:
            settling.unclear(due, error)
        else:
            _told(due, told, _by_now(now), dt.timedelta(minutes=held.unknown_after_minutes))
    except (DatabaseError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 - the same
        _broke(due, error)
    if following is None:
        telling.stuck(due, now)
    return True


def _declined(query: Query, error: DeclinedError, now: dt.datetime) -> None:
    """A bureau that does not say that it cost nothing may have charged it."""
    settling.ended(query, Outcome.DECLINED, _by_now(now), error, query.cost_expected if error.cost is None else error.cost)  # fmt: skip


def _broke(query: Query, error: Exception) -> None:
    """Leave a query unclear of which something broke that nobody foresaw. The text of an error may hold a token, or what a report says."""
    LOG.error("query %s stays unclear: %s", query.number, type(error).__name__)
    settling.unclear(query, UnclearError(Trouble.BROKE_OFF, type(error).__name__))


def _by_now(now: dt.datetime) -> dt.datetime:
    """The moment at which an answer is here: a report of the next day may come to a question asked before midnight."""
    return max(now, timezone.now())


def _told(query: Query, told: Answer | Still, now: dt.datetime, unknown_after: dt.timedelta) -> None:
    if isinstance(told, Answer):
        settling.answered(query, told, now)
    elif told is Still.UNKNOWN and not query.acknowledged and query.sent_at and now - query.sent_at >= unknown_after:
        settling.ended(query, Outcome.FAILED, now, FailedError(Trouble.UNKNOWN))
    else:
        trouble = Trouble.UNKNOWN if told is Still.UNKNOWN else Trouble.TAKEN
        settling.unclear(query, UnclearError(trouble))
