"""What became of a query that was sent, written once: whoever comes second, with the same answer or another, writes nothing."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from daihou.desk.audit.log import record
from daihou.desk.bureau import reading, storing
from daihou.desk.bureau.choices import Outcome, Trouble
from daihou.desk.bureau.deciding import NOTHING
from daihou.desk.bureau.models import Query, Result
from daihou.desk.bureau.people import whom

if TYPE_CHECKING:
    import datetime as dt
    from decimal import Decimal

    from daihou.desk.bureau.connectors.connector import Answer
    from daihou.desk.bureau.reading import Told
    from daihou.desk.files.fitness import Incoming
    from daihou.desk.notices.handing import HandingError
    from daihou.desk.people.models import User

LOG = logging.getLogger(__name__)

SETTLED: Final = Q(trouble=Trouble.BY_HAND, outcome__in=(Outcome.FAILED, Outcome.DECLINED))
"""Settled by a person, without a report."""
OPEN: Final = Q(outcome=Outcome.UNCLEAR) | SETTLED
"""What an answer of the bureau still changes."""
ENDINGS: Final = {"application/json": "json", "text/csv": "csv", "application/xml": "xml", "text/xml": "xml"}


def answered(query: Query, answer: Answer, now: dt.datetime) -> bool:
    """Write what came; whether this was the first to come.

    What cannot be read may be no report at all, and may have been charged: it is kept as it came, and the query stays unclear, so that it is asked for again by its
    number, read again, brought as a file or settled, and nothing is sent anew. Of who was erased meanwhile nothing is kept but the cost.
    """
    cost = query.cost_expected if answer.cost is None else answer.cost
    person = whom(query.borrower_id)
    if person is None:
        return _ended(query, Outcome.ANSWERED, now, cost=cost, trouble=Trouble.NOBODY)
    bureau = settings.HOME.settings.bureau(query.bureau)
    mapping = bureau.mapping if bureau else ""
    told = reading.told(answer.raw, mapping, person, timezone.localdate(now), named=True)
    file = storing.incoming(answer.raw, f"{query.number}.{ENDINGS.get(answer.mime, 'txt')}", answer.mime)
    detail = {"borrower": query.borrower_id, "cost": str(cost), "digest": file.digest, "read": told.rows is not None}
    with storing.kept(query.borrower_id, file) as path, transaction.atomic():
        ends = {"outcome": Outcome.ANSWERED, "cost": cost, "report_id": query.number}
        if not (_unreadable(query, answer) if told.rows is None else _write(query, now, **ends)):
            return _brought_before(query, answer, detail)
        keep(query, file, path, mapping, told, now)
        record(None, "bureau.answer", "query", query.number, detail)
    if told.trouble:
        LOG.warning("what came of query %s cannot be read: %s", query.number, told.trouble["place"])
    return True


def keep(query: Query, file: Incoming, path: str, mapping: str, told: Told, now: dt.datetime, by: User | None = None) -> Result:  # fmt: skip
    """The row of what came of a query, in the transaction of the caller; the same file again is the same row."""
    values = {
        "borrower_id": query.borrower_id, "org_id": query.org_id, "lead_org_id": query.lead_org_id, "officer_id": query.officer_id,
        "bureau": query.bureau, "name": file.name, "mime": file.kind, "size": file.size, "content": path, "mapping": mapping,
        "received_on": timezone.localdate(now), "received_at": now, "by": by, **told.columns,
    }  # fmt: skip
    return Result.objects.update_or_create(query=query, digest=file.digest, defaults=values)[0]


def _unreadable(query: Query, answer: Answer) -> bool:
    """Note that something came that cannot be read. Who settled it by hand is told the cost, where it is stated."""
    mine = Query.objects.filter(pk=query.pk)
    changes = {"trouble": Trouble.UNREADABLE, "answer": "", "acknowledged": True, "cost": answer.cost}
    if mine.filter(outcome=Outcome.UNCLEAR).update(revision=F("revision") + 1, **changes):
        return True
    known = {} if answer.cost is None else {"cost": answer.cost}
    return bool(mine.filter(SETTLED).update(revision=F("revision") + 1, **known))


def _brought_before(query: Query, answer: Answer, detail: dict[str, Any]) -> bool:
    """Log an answer to a query whose report was brought as a file meanwhile, and correct its cost; it is not the first."""
    mine = Query.objects.filter(pk=query.pk, outcome=Outcome.ANSWERED, trouble=Trouble.BY_HAND)
    known = {} if answer.cost is None else {"cost": answer.cost}
    if mine.update(revision=F("revision") + 1, **known):
        record(None, "bureau.answer", "query", query.number, detail)
    return False


def ended(query: Query, outcome: Outcome, now: dt.datetime, error: HandingError, cost: Decimal = NOTHING) -> bool:
    """Write that no report came: declined, or not taken up; whether this was the first to come."""
    LOG.warning("query %s is %s: %s", query.number, outcome.value, error.trouble)
    return _ended(query, outcome, now, cost=cost, trouble=error.trouble, answer=error.answer)


def unclear(query: Query, error: HandingError) -> None:
    """Note what is known of a query of which nothing is: it stays unclear."""
    still = Query.objects.filter(pk=query.pk, outcome=Outcome.UNCLEAR)
    taken = {"acknowledged": True} if error.trouble == Trouble.TAKEN else {}
    if still.update(trouble=error.trouble, answer=error.answer, revision=F("revision") + 1, **taken):
        LOG.warning("query %s is unclear: %s", query.number, error.trouble)


def _ended(query: Query, outcome: Outcome, now: dt.datetime, **changes: Any) -> bool:
    with transaction.atomic():
        if not _write(query, now, outcome=outcome, **changes):
            return False
        detail = {"borrower": query.borrower_id, "outcome": outcome.value, "cost": str(changes["cost"]), "trouble": str(changes["trouble"])}  # fmt: skip
        record(None, "bureau.end", "query", query.number, detail)
    return True


def _write(query: Query, now: dt.datetime, **changes: Any) -> bool:
    """Write what became of it. What the bureau itself says, and charges, stands over what people said meanwhile; that it knows nothing does not."""
    mine = Query.objects.filter(pk=query.pk)
    mine = mine.filter(outcome=Outcome.UNCLEAR) if changes["outcome"] == Outcome.FAILED else mine.filter(OPEN)
    defaults = {"trouble": "", "answer": ""} | changes
    return bool(mine.update(revision=F("revision") + 1, ended_at=now, due_at=None, **defaults))
