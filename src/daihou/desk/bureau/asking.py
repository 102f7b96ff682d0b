"""Asking for a report: decided by the gate while the decisions of the house are held, and written with its entry of the audit log before anything leaves.

What is allowed waits for the sender, which asks the gate once more. Nothing in this file sends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from daihou.desk.audit.log import record
from daihou.desk.bureau import deciding, scope
from daihou.desk.bureau.choices import Outcome, Reason
from daihou.desk.bureau.deciding import Wanted
from daihou.desk.bureau.errors import UnfitError
from daihou.desk.bureau.held import lock
from daihou.desk.bureau.models import KEY_MOST, Query
from daihou.desk.bureau.standing import kind_of, standing
from daihou.desk.contacts.elapsing import Elapsing
from daihou.desk.refusals import StaleError

if TYPE_CHECKING:
    import datetime as dt

    from daihou.desk.asked import Asked
    from daihou.desk.bureau.deciding import Said

NOTE_MOST: Final = 500


@dataclass(frozen=True, slots=True)
class Asking:
    """What somebody asks for, as a page sends it. `key` is made with the form: sent twice, it is one query."""

    borrower_id: str
    bureau: str
    reason: str
    key: str
    note: str = ""


def ask(asking: Asking, request: Asked, now: dt.datetime | None = None) -> Query:
    """The query, written: refused, answered by a report at hand, or waiting to be sent. UnfitError for what does not fit together.

    404 where the borrower lies out of reach. Not within a transaction of the caller: a refusal is not to be undone with it.
    """
    clock = Elapsing(now or timezone.now())
    of = scope.reached(request, asking.borrower_id, scope.QUERY)
    bureau = settings.HOME.settings.bureau(asking.bureau)
    if bureau is None:
        raise UnfitError(_("There is no such bureau."))
    if asking.reason not in Reason.values:
        raise UnfitError(_("Say for which reason."))
    if not 0 < len(asking.key) <= KEY_MOST:
        raise UnfitError(_("Load the page again, and ask once more."))
    today = timezone.localdate(clock.now())
    kind = kind_of(asking.borrower_id, today)
    wanted = Wanted(
        asking.borrower_id, kind, bureau.code, asking.reason, scope.roles(request.rights, of) or [""], bureau.cost
    )
    bound = standing(asking.borrower_id, today)
    with transaction.atomic(durable=True):
        lock()
        at = clock.now()  # others may have held it for a while
        stood = _stood(asking, request)
        if stood is not None:
            return stood
        said = deciding.decide(wanted, bound, at)
        query = Query(
            **of, borrower_id=asking.borrower_id, key=asking.key, kind=kind, bureau=bureau.code, reason=asking.reason, role=said.role,
            asked_by=request.user, asked_on=timezone.localdate(at), asked_at=at, note=asking.note.strip()[:NOTE_MOST],
            cost_expected=bureau.cost, **outcome_of(said, at),
        )  # fmt: skip
        query.save()
        if said.decision.allowed:
            record(request, "bureau.query", "query", query.number, detail(query))
        else:
            record(request, "bureau.refuse", "query", query.number, detail(query))
    return query


def outcome_of(said: Said, at: dt.datetime) -> dict[str, Any]:
    """What a decision makes of a query that has not left."""
    kept = {"decision": said.kept}
    if not said.decision.allowed:
        return kept | {"outcome": Outcome.REFUSED, "cost": deciding.NOTHING, "ended_at": at}
    if said.decision.report_id is not None:
        return kept | {"outcome": Outcome.CACHED, "cost": deciding.NOTHING, "report_id": said.decision.report_id, "ended_at": at}  # fmt: skip
    return kept | {"outcome": Outcome.WAITING}


def withdraw(query: Query, revision: int, request: Asked) -> Query:
    """Take back a query that has not left; StaleError once it has, or where somebody was first."""
    now = timezone.now()
    with transaction.atomic():
        lock()
        mine = Query.objects.filter(pk=query.pk, revision=revision, outcome=Outcome.WAITING, sent_at=None)
        changes = {"outcome": Outcome.WITHDRAWN, "cost": deciding.NOTHING, "ended_at": now}
        if not mine.update(revision=F("revision") + 1, **changes):
            raise StaleError
        record(request, "bureau.withdraw", "query", query.number, {"borrower": query.borrower_id})
    return Query.objects.get(pk=query.pk)


def detail(query: Query) -> dict[str, Any]:
    """What the audit log says of a query: numbers and codes."""
    said = query.decision
    found: dict[str, Any] = {
        "borrower": query.borrower_id, "bureau": query.bureau, "reason": query.reason, "role": query.role, "outcome": str(query.outcome),
        "cost_expected": str(query.cost_expected), "policies": said["policies"],
    }  # fmt: skip
    if said["basis"]:
        found["basis"] = said["basis"]["reference"]
    if said["refusals"]:
        found["rules"] = [{name: one[name] for name in ("policy", "rule", "citation", "earliest")} for one in said["refusals"]]  # fmt: skip
    return found | ({"report": query.report_id} if query.report_id else {})


def _stood(asking: Asking, request: Asked) -> Query | None:
    """The query that was made under a key; UnfitError where it is another than the one wanted."""
    stood = Query.objects.filter(key=asking.key).first()
    wanted = (asking.borrower_id, asking.bureau, asking.reason, request.user.pk)
    if stood is not None and (stood.borrower_id, stood.bureau, stood.reason, stood.asked_by_id) != wanted:
        raise UnfitError(_("Load the page again, and ask once more."))
    return stood
