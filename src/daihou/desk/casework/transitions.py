"""How a case goes on. Each act is one conditional update: where it changes no row, somebody else was first, and nothing is written.

Every act leaves a CaseMove and, where a person did it, an entry of the audit log, in the same transaction. What runs say is written by `following`,
what the clock does by `clock`, contacts, promises and arrangements by their own files, through the same `move`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from daihou.desk.audit.log import record
from daihou.desk.casework import guards, telling
from daihou.desk.casework.choices import Act, Track
from daihou.desk.casework.models import Case, CaseMove
from daihou.desk.refusals import StaleError, refuse

if TYPE_CHECKING:
    import datetime as dt

    from daihou.desk.asked import Asked
    from daihou.desk.casework.models import Agency
    from daihou.desk.people.models import User


def move(
    case: Case, act: Act, *, request: Asked | None = None, note: str = "", detail: dict[str, Any] | None = None,
    at: dt.datetime | None = None, **changes: Any,
) -> Case:  # fmt: skip
    """The case after an act, if it still stands as it was looked at, with what the act leaves behind. Inside a transaction of its caller."""
    now = at or timezone.now()
    seen = Case.objects.filter(pk=case.pk, revision=case.revision)
    if not seen.update(revision=F("revision") + 1, **changes):
        raise StaleError
    after = Case.objects.select_related("owner", "agency").get(pk=case.pk)
    made = CaseMove.objects.create(
        case=after, at=now, actor=request.user if request else None, act=act, stage_before=case.stage, stage_after=after.stage,
        note=note.strip(), detail=detail or {},
    )  # fmt: skip
    telling.tell(after, made)
    if request is not None:
        record(request, f"case.{act.value}", "case", after.number, _difference(case, after, detail or {}))
    return after


def claim(case: Case, revision: int, request: Asked) -> Case:
    """Make it one's own."""
    _seen(case, revision)
    refuse(guards.against_claiming(case, request.user, request.rights))
    return _given(case, Act.CLAIM, request.user, "", request)


def assign(case: Case, revision: int, owner: User, note: str, request: Asked) -> Case:
    """Give it to somebody."""
    _seen(case, revision)
    refuse(guards.against_assigning(case, request.user, request.rights, owner))
    return _given(case, Act.ASSIGN, owner, note, request)


def to_agency(case: Case, revision: int, agency: Agency, note: str, request: Asked) -> Case:
    """Give it to an outside collector; who oversees it in house stays its owner. What was set aside or agreed by the house lapses."""
    _seen(case, revision)
    refuse(guards.against_to_agency(case, request.user, request.rights, agency, note))
    detail = {"agency": agency.code, "reviewed_on": str(agency.reviewed_on)}
    return _done(
        case, Act.TO_AGENCY, note, request, detail, track=Track.AGENCY, agency=agency, call_at=None, paused_until=None
    )


def from_agency(case: Case, revision: int, note: str, request: Asked) -> Case:
    """Take it back in house."""
    _seen(case, revision)
    refuse(guards.against_from_agency(case, request.user, request.rights, note))
    detail = {"agency": case.agency.code if case.agency else ""}
    return _done(case, Act.FROM_AGENCY, note, request, detail, track=Track.HOUSE, agency=None)


def to_litigation(case: Case, revision: int, note: str, request: Asked) -> Case:
    """Hand it to who sues."""
    _seen(case, revision)
    refuse(guards.against_to_litigation(case, request.user, request.rights, note))
    return _done(case, Act.TO_LITIGATION, note, request, {}, track=Track.LITIGATION)


def from_litigation(case: Case, revision: int, note: str, request: Asked) -> Case:
    """Take it back in house."""
    _seen(case, revision)
    refuse(guards.against_from_litigation(case, request.user, request.rights, note))
    return _done(case, Act.FROM_LITIGATION, note, request, {}, track=Track.HOUSE)


def pause(case: Case, revision: int, until: dt.date, reason: str, request: Asked) -> Case:
    """Set it aside until a day."""
    _seen(case, revision)
    refuse(guards.against_pausing(case, request.user, request.rights, until, reason))
    return _done(case, Act.PAUSE, reason, request, {"until": until.isoformat()}, paused_until=until)


def resume(case: Case, revision: int, request: Asked) -> Case:
    """Take it up again before its day."""
    _seen(case, revision)
    refuse(guards.against_resuming(case, request.user, request.rights))
    return _done(case, Act.RESUME, "", request, {}, paused_until=None)


def hand_up(case: Case, revision: int, note: str, request: Asked) -> Case:
    """Hand it to who manages: it leaves the lists and is nobody's until somebody takes or gives it."""
    _seen(case, revision)
    refuse(guards.against_handing_up(case, request.user, request.rights, note))
    return _done(
        case, Act.HAND_UP, note, request, {"owner_before": case.owner_id}, handed_up_at=timezone.now(), owner=None
    )


def call_back(case: Case, revision: int, at: dt.datetime, note: str, request: Asked) -> Case:
    """Agree on a call; a call agreed before is no more."""
    _seen(case, revision)
    refuse(guards.against_calling_back(case, request.user, request.rights, at))
    return _done(case, Act.CALL_BACK, note, request, {"call_at": at.isoformat()}, call_at=at)


def note(case: Case, text: str, request: Asked) -> CaseMove:
    """Say something about it. It changes nothing of the case, so nobody is too late with it."""
    refuse(guards.against_noting(case, request.user, request.rights, text))
    with transaction.atomic():
        made = CaseMove.objects.create(
            case=case, at=timezone.now(), actor=request.user, act=Act.NOTE, stage_before=case.stage, stage_after=case.stage, note=text.strip()
        )  # fmt: skip
        record(request, "case.note", "case", case.number)
    return made


def _given(case: Case, act: Act, owner: User, note: str, request: Asked) -> Case:
    """With another owner; what was handed up is taken up by it."""
    detail = {"owner": owner.pk, "owner_before": case.owner_id}
    return _done(case, act, note, request, detail, owner=owner, handed_up_at=None)


def _done(case: Case, act: Act, note: str, request: Asked, detail: dict[str, Any], **changes: Any) -> Case:
    with transaction.atomic():
        return move(case, act, request=request, note=note, detail=detail, **changes)


def _seen(case: Case, revision: int) -> None:
    """StaleError where the case is not as it was looked at: then no other reason counts."""
    if case.revision != revision or not Case.objects.filter(pk=case.pk, revision=revision).exists():
        raise StaleError


def _difference(before: Case, after: Case, detail: dict[str, Any]) -> dict[str, Any]:
    """What an entry of the audit log says: what changed, and what was given. Notes stay with the move: they may speak of people."""
    changed = {}
    for name in ("stage", "track", "agency_id", "owner_id", "paused_until", "call_at", "closing"):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            changed[name] = [None if value is None else str(value) for value in (old, new)]
    return {**detail, **({"changed": changed} if changed else {})}
