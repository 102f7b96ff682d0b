"""Reports brought in as files: for a query that a person took to the bureau, or of a borrower without a query, which is marked so. Read whole, or refused."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from daihou.desk.audit.log import record
from daihou.desk.bureau import deciding, reading, settling, storing
from daihou.desk.bureau.choices import UNDER_WAY, Outcome, Trouble
from daihou.desk.bureau.deciding import NOTHING
from daihou.desk.bureau.errors import UnfitError
from daihou.desk.bureau.held import lock
from daihou.desk.bureau.models import Query, Result
from daihou.desk.bureau.people import whom
from daihou.desk.bureau.standing import standing
from daihou.desk.refusals import StaleError

if TYPE_CHECKING:
    from daihou.desk.asked import Asked
    from daihou.desk.bureau.reading import Told
    from daihou.desk.files.fitness import Incoming

WHY_CHARACTERS: Final = 4
BEFORE: Final = dt.timedelta(days=1)
"""So much earlier than the query a report may be dated: days begin at other moments elsewhere."""
BECOMES: Final = (Outcome.FAILED, Outcome.DECLINED)
"""What a person may say became of a query that stays unclear, besides bringing its report."""


@dataclass(frozen=True, slots=True)
class Brought:
    """A report of a borrower that no query asked for."""

    borrower_id: str
    bureau: str
    mapping: str
    whose: dict[str, Any]


def for_query(query: Query, revision: int, incoming: Incoming, request: Asked) -> Result:
    """The report of a query that is under way, as a file: it is answered by it. UnfitError where it cannot be read, StaleError where somebody was first.

    Of one that waits the gate is asked once more: from now on the report serves, and nothing may serve what is not allowed any more.
    """
    bureau = settings.HOME.settings.bureau(query.bureau)
    if bureau is None:
        raise UnfitError(_("There is no such bureau."))
    now = timezone.now()
    told = _read(incoming, bureau.mapping, query.borrower_id, now, named=bureau.connected)
    if told.queried_on is None or told.queried_on < query.asked_on - BEFORE:
        raise UnfitError(_("The report is older than the query that it is to answer."))
    bound = standing(query.borrower_id, timezone.localdate(now))
    with storing.kept(query.borrower_id, incoming) as path, transaction.atomic():
        lock()
        if query.outcome == Outcome.WAITING:
            refused = deciding.again(query, bound, now).kept["refusals"]
            if refused:
                raise UnfitError(_("The gate does not allow it any more: %(why)s") % {"why": _in_language(refused[0])})
        mine = Query.objects.filter(pk=query.pk, revision=revision, outcome__in=UNDER_WAY)
        changes: dict[str, Any] = {
            "outcome": Outcome.ANSWERED,
            "cost": query.cost_expected,
            "report_id": query.number,
            "ended_at": now,
            "due_at": None,
        }
        if not mine.update(revision=F("revision") + 1, trouble=Trouble.BY_HAND, **changes):
            raise StaleError
        made = settling.keep(query, incoming, path, bureau.mapping, told, now, request.user)
        record(
            request,
            "bureau.import",
            "query",
            query.number,
            {"borrower": query.borrower_id, "digest": incoming.digest, "cost": str(query.cost_expected)},
        )
    return made


def without_query(brought: Brought, incoming: Incoming, request: Asked | None) -> tuple[Result, bool]:
    """The report, and whether it is new: the same file of the same borrower again is the same report. UnfitError where it cannot be read."""
    bureau = settings.HOME.settings.bureau(brought.bureau)
    if bureau is None:
        raise UnfitError(_("There is no such bureau."))
    now = timezone.now()
    told = _read(incoming, brought.mapping, brought.borrower_id, now, named=bureau.connected)
    stood = Result.objects.filter(
        query=None, borrower_id=brought.borrower_id, bureau=brought.bureau, digest=incoming.digest
    )
    if (found := stood.first()) is not None:
        return found, False
    try:
        with storing.kept(brought.borrower_id, incoming) as path, transaction.atomic():
            lock()
            made = Result.objects.create(
                **brought.whose, borrower_id=brought.borrower_id, bureau=brought.bureau, by=request.user if request else None,
                **_columns(incoming, path, brought.mapping, told, now),
            )  # fmt: skip
            detail = {
                "borrower": brought.borrower_id,
                "bureau": brought.bureau,
                "digest": incoming.digest,
                "query": False,
            }
            record(request, "bureau.import", "report", made.report_id, detail)
    except IntegrityError:  # somebody brought it in at this moment
        return stood.get(), False
    return made, True


def settle(query: Query, revision: int, became: str, because: str, request: Asked) -> Query:
    """Say what became of a query that stays unclear, on the bureau's word: not taken up, or declined and charged as expected."""
    if became not in BECOMES:
        raise UnfitError(_("Say what became of it."))
    if len(because.strip()) < WHY_CHARACTERS:
        raise UnfitError(_("Say why, in a few words."))
    cost = NOTHING if became == Outcome.FAILED else query.cost_expected
    with transaction.atomic():
        lock()
        mine = Query.objects.filter(pk=query.pk, revision=revision, outcome=Outcome.UNCLEAR)
        changes = {
            "outcome": became,
            "cost": cost,
            "ended_at": timezone.now(),
            "due_at": None,
            "trouble": Trouble.BY_HAND,
            "because": because.strip(),
        }
        if not mine.update(revision=F("revision") + 1, **changes):
            raise StaleError
        record(
            request,
            "bureau.settle",
            "query",
            query.number,
            {"borrower": query.borrower_id, "outcome": became, "cost": str(cost)},
        )
    return Query.objects.get(pk=query.pk)


def ask_now(query: Query, revision: int, request: Asked) -> None:
    """Have the result of an unclear query asked for at once, by its number; it costs nothing."""
    with transaction.atomic():
        mine = Query.objects.filter(pk=query.pk, revision=revision, outcome=Outcome.UNCLEAR)
        if not mine.update(revision=F("revision") + 1, due_at=timezone.now()):
            raise StaleError
        record(request, "bureau.result", "query", query.number, {"borrower": query.borrower_id})


def reread(result: Result, request: Asked) -> Result:
    """Read a report that could not be read once more, by its bureau's mapping as it is now: its query is answered. UnfitError where that cannot be either."""
    query = result.query
    if result.rows is not None or query is None:
        raise StaleError
    bureau = settings.HOME.settings.bureau(result.bureau)
    mapping = bureau.mapping if bureau else result.mapping
    person = whom(result.borrower_id)
    if person is None:
        raise UnfitError(_("The vault holds nobody of this number."))
    now = timezone.now()
    named = result.by_id is None or (bureau is not None and bureau.connected)
    told = reading.told(storing.read(result), mapping, person, timezone.localdate(now), named=named)
    if told.trouble:
        raise UnfitError(said(told.trouble))
    with transaction.atomic():
        mine = Result.objects.filter(pk=result.pk, rows__isnull=True)
        if not mine.update(mapping=mapping, **told.columns):
            raise StaleError
        said_nothing = query.cost is None or (query.trouble == Trouble.BY_HAND and not query.cost)
        cost = query.cost_expected if said_nothing else query.cost
        changes = {
            "outcome": Outcome.ANSWERED,
            "cost": cost,
            "report_id": query.number,
            "ended_at": now,
            "due_at": None,
        }
        answered = Query.objects.filter(settling.OPEN, pk=query.pk)
        if not answered.update(revision=F("revision") + 1, trouble="", **changes):
            raise StaleError
        record(request, "bureau.reread", "query", query.number, {"borrower": query.borrower_id, "mapping": mapping})
    return Result.objects.get(pk=result.pk)


def said(trouble: dict[str, Any]) -> str:
    """Why a report cannot be read, in the language in hand."""
    what, remedy = _in_language(trouble)
    return f"{what} {remedy}"


def _in_language(texts: dict[str, Any]) -> Any:
    return texts["zh" if (get_language() or "").startswith("zh") else "en"]


def _read(incoming: Incoming, mapping: str, borrower_id: str, now: dt.datetime, *, named: bool) -> Told:
    person = whom(borrower_id)
    if person is None:
        raise UnfitError(_("The vault holds nobody of this number."))
    incoming.content.seek(0)
    told = reading.told(incoming.content.read(), mapping, person, timezone.localdate(now), named=named)
    if told.trouble:
        raise UnfitError(said(told.trouble))
    return told


def _columns(incoming: Incoming, path: str, mapping: str, told: Told, now: dt.datetime) -> dict[str, Any]:
    return {
        "name": incoming.name, "mime": incoming.kind, "size": incoming.size, "digest": incoming.digest, "content": path, "mapping": mapping,
        "received_on": timezone.localdate(now), "received_at": now, **told.columns,
    }  # fmt: skip
