"""How a case goes on. Each act is one conditional update: where it changes no row, somebody else was first, and nothing is written.

Every act leaves a CaseMove and, where a person did it, an entry of the audit log, in the same transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import F
from django.utils import timezone

from daihou.desk.audit.log import record
from daihou.desk.casework.models import Case, CaseMove

if TYPE_CHECKING:
    import datetime as dt

    from daihou.desk.asked import Asked
    from daihou.desk.casework.choices import Act


class RefusedError(Exception):
    """The act is not allowed; the text says why, in the language in hand."""


class StaleError(Exception):
    """The case was changed since it was looked at; nothing was written."""


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
    CaseMove.objects.create(
        case=after, at=now, actor=request.user if request else None, act=act, stage_before=case.stage, stage_after=after.stage,
        note=note.strip(), detail=detail or {},
    )  # fmt: skip
    if request is not None:
        record(request, f"case.{act.value}", "case", after.number, _difference(case, after, detail or {}))
    return after


def _difference(before: Case, after: Case, detail: dict[str, Any]) -> dict[str, Any]:
    """What an entry of the audit log says: what changed, and what was given. Notes stay with the move: they may speak of people."""
    changed = {}
    for name in ("stage", "track", "agency_id", "owner_id", "paused_until", "call_at", "closing"):
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            changed[name] = [None if value is None else str(value) for value in (old, new)]
    return {**detail, **({"changed": changed} if changed else {})}
