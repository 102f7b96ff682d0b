"""What a receiver reads: an event as JSON, the same bytes however often it is sent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

from daihou.desk.webhooks.choices import PING

if TYPE_CHECKING:
    import datetime as dt

    from daihou.desk.webhooks.models import HookEvent


def of(event: HookEvent) -> dict[str, Any]:
    """id, kind, the moment in the lender's zone, a number that grows from event to event, what happened, and where to read on."""
    return {
        "id": event.uid,
        "kind": event.kind,
        "at": _moment(event.at),
        "sequence": event.pk,
        "data": event.data,
        "links": {"desk": f"{settings.DESK_URL}{event.path}"},
    }


def ping(uid: str, name: str, now: dt.datetime) -> dict[str, Any]:
    """The event of a test: which hook it is."""
    return {
        "id": uid, "kind": PING, "at": _moment(now), "sequence": 0, "data": {"hook": name}, "links": {"desk": settings.DESK_URL},
    }  # fmt: skip


def written(body: dict[str, Any]) -> bytes:
    """A body as it is sent and signed."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _moment(at: dt.datetime) -> str:
    return timezone.localtime(at).isoformat()
