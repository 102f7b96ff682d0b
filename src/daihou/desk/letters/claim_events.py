"""What bears on the limitation of a claim and no table or letter tells: suits, acknowledgements, obstacles, as people state them by a paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from daihou.desk.audit.log import record
from daihou.desk.letters.guards import NOTE_CHARACTERS
from daihou.desk.letters.models import ClaimEvent
from daihou.desk.letters.policy import law
from daihou.desk.refusals import RefusedError, StaleError

if TYPE_CHECKING:
    import datetime as dt

    from daihou.desk.asked import Asked

SOURCE_MOST: Final = 120
LASTING: Final = ("procedure", "suspends")
"""Effects of what goes on for a time, until a day or still."""


def state(
    loan_id: str, borrower_id: str, kind: str, on: dt.date | None, ended_on: dt.date | None, source: str, note: str, request: Asked
) -> ClaimEvent:  # fmt: skip
    """Write one down, once; RefusedError with what is wrong. That the loan is in reach its caller has checked."""
    source, today = source.strip()[:SOURCE_MOST], timezone.localdate()
    if reason := _against(kind, on, ended_on, source, today):
        raise RefusedError(reason)
    said = {"loan_id": loan_id, "kind": kind, "on": on, "source": source}
    try:
        with transaction.atomic():
            made = ClaimEvent.objects.create(
                **said,
                borrower_id=borrower_id,
                ended_on=ended_on,
                note=note.strip(),
                at=timezone.now(),
                by=request.user,
            )
            detail = {
                "loan": loan_id,
                "kind": kind,
                "on": str(on),
                "ended_on": str(ended_on or ""),
                "event": made.pk,
            }
            record(request, "claim.event", "borrower", borrower_id, detail)
    except IntegrityError:  # pressed twice
        return ClaimEvent.objects.get(**said, withdrawn_at=None)
    return made


def end(event: ClaimEvent, ended_on: dt.date | None, request: Asked) -> None:
    """Say on which day what went on was over: said once, and withdrawn where it was wrong. RefusedError with what is wrong."""
    if reason := _against(event.kind, event.on, ended_on, event.source, timezone.localdate()):
        raise RefusedError(reason)
    if ended_on is None:
        raise RefusedError(_("Say on which day, today at the latest."))
    with transaction.atomic():
        going_on = ClaimEvent.objects.filter(pk=event.pk, withdrawn_at=None, ended_on=None)
        if not going_on.update(ended_on=ended_on):
            raise StaleError
        detail = {"loan": event.loan_id, "event": event.pk, "ended_on": str(ended_on)}
        record(request, "claim.event_end", "borrower", event.borrower_id, detail)


def withdraw(event: ClaimEvent, because: str, request: Asked) -> None:
    """Take it back with a reason: it counts no more, nor did it ever."""
    because = because.strip()
    if len(because) < NOTE_CHARACTERS:
        raise RefusedError(_("Say why, in a few words."))
    with transaction.atomic():
        standing = ClaimEvent.objects.filter(pk=event.pk, withdrawn_at=None)
        if not standing.update(withdrawn_at=timezone.now(), withdrawn_by=request.user, withdrawn_because=because):
            raise StaleError
        detail = {"loan": event.loan_id, "event": event.pk, "note": because}
        record(request, "claim.event_withdraw", "borrower", event.borrower_id, detail)


def lasting() -> frozenset[str]:
    """The codes of what goes on until it is over."""
    return frozenset(one.code for one in law().kinds if one.effect in LASTING)


def _against(kind: str, on: dt.date | None, ended_on: dt.date | None, source: str, today: dt.date) -> str:
    held = law()
    found = held.kind(kind) if kind in held.stated else None
    if found is None:
        return _("Say what happened.")
    if on is None or on > today:
        return _("Say on which day, today at the latest.")
    if ended_on is not None and found.effect not in LASTING:
        return _("This is done on one day and has no end.")
    if ended_on is not None and not on <= ended_on <= today:
        return _("It ended between the day it began and today; leave the end open else.")
    return "" if source else _("Name the paper that shows it.")
