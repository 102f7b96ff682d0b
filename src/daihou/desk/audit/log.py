"""Writing to the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from daihou.desk.audit.models import Entry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

SYSTEM = "system"


def record(
    request: HttpRequest | None,
    action: str,
    subject_kind: str,
    subject_id: str,
    detail: Mapping[str, Any] | None = None,
) -> Entry:
    """Append one entry: what the request's user did; without a request, what the system did by itself."""
    user = getattr(request, "user", None)
    known = user is not None and user.is_authenticated
    entry = Entry(
        at=timezone.now(),
        actor_id=user.pk if known and user is not None else None,
        actor=user.get_username() if known and user is not None else ("" if request else SYSTEM),
        address=(request.META.get("REMOTE_ADDR") or "")[:64] if request else "",
        request_id=getattr(request, "id", ""),
        action=action,
        subject_kind=subject_kind,
        subject_id=subject_id[:200],
        detail=dict(detail or {}),
    )
    entry.save()
    return entry
