"""The outbox: what other apps say has happened, in the transaction in which they do it. Where no hook listens nothing is written."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from daihou.desk.webhooks.models import Hook, HookEvent

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

AT_ONCE: Final = 500
"""Rows a statement."""


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that happened: its kind, to what (alert:123), where to read on, and what the receiver is told.

    `data` holds ids, codes, numbers as texts or whole numbers, dates in ISO, and neither names of people nor what somebody wrote by hand.
    `org_id` to `owner_id` say where its subject stands, so that only who reaches it is told. With a `key` it is told once, however often it is posted.
    """

    kind: str
    subject: str
    path: str
    at: dt.datetime
    data: dict[str, Any] = field(default_factory=dict)
    org_id: str = ""
    lead_org_id: str = ""
    officer_id: str = ""
    owner_id: int | None = None
    key: str = ""

    @property
    def uid(self) -> str:
        """The id that the receiver reads."""
        made = hashlib.sha256(f"{self.kind}:{self.key}".encode()).hexdigest()[:32] if self.key else uuid.uuid4().hex
        return f"evt_{made}"


def wanted() -> frozenset[str]:
    """The kinds of which some hook wants to know: what is in none need not be made. One short query."""
    kinds: set[str] = set()
    for each in Hook.listening().order_by().values_list("kinds", flat=True):
        kinds.update(each)
    return frozenset(kinds)


def post(happened: Iterable[Happened]) -> None:
    """Put in what happened, of kinds that are `wanted`. Part of the caller's transaction: undone with it."""
    rows = [
        HookEvent(
            uid=one.uid, kind=one.kind, subject=one.subject, at=one.at, path=one.path, data=one.data,
            org_id=one.org_id, lead_org_id=one.lead_org_id, officer_id=one.officer_id, owner_id=one.owner_id,
        )
        for one in happened
    ]  # fmt: skip
    HookEvent.objects.bulk_create(rows, batch_size=AT_ONCE, ignore_conflicts=True)
