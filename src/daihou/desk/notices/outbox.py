"""The outbox: what other apps put in, in the transaction of what they do, and what they take back while it was not sent yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import Q

from daihou.desk.notices.choices import PENDING, State
from daihou.desk.notices.models import Delivery, Notice

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable

AT_ONCE: Final = 500
"""Rows a statement."""
MOST_COUNTED: Final = 100
"""Of unread notices the bell counts so many; more are shown as 99+."""


@dataclass(frozen=True, slots=True)
class Told:
    """Something to tell somebody: who (a user's number), what kind, what happened (`about`), and where to read on.

    `params` holds neither names nor figures of persons: `number` of the alert, `due` in ISO, `stage`, `rule`.
    """

    recipient_id: int
    kind: str
    about: str
    path: str
    level: str = ""
    subject: str = ""
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What it is about and for whom: who is told the same twice is told once."""
        return f"{self.about}:{self.recipient_id}"


def post(told: Iterable[Told], at: dt.datetime) -> None:
    """Put notices in. What is in already stays as it is. Part of the caller's transaction: undone with it."""
    rows = [
        Notice(
            recipient_id=one.recipient_id, kind=one.kind, about=one.about, key=one.key, subject=one.subject, level=one.level,
            path=one.path, params=one.params, created_at=at,
        )
        for one in told
    ]  # fmt: skip
    Notice.objects.bulk_create(rows, batch_size=AT_ONCE, ignore_conflicts=True)


def withdraw(subjects: Collection[str], at: dt.datetime, kinds: Collection[str] = ()) -> None:
    """Take back what concerns some subjects and was neither read nor sent: they are closed, or what was asked for (the kinds) is done."""
    if not subjects:
        return
    named = list(subjects)
    with transaction.atomic():
        for first in range(0, len(named), AT_ONCE):
            mine = Q(subject__in=named[first : first + AT_ONCE], withdrawn_at=None, seen_at=None)
            if kinds:
                mine &= Q(kind__in=list(kinds))
            found = list(Notice.objects.filter(mine).values_list("pk", flat=True))
            for begin in range(0, len(found), AT_ONCE):
                some = found[begin : begin + AT_ONCE]
                Notice.objects.filter(pk__in=some).update(withdrawn_at=at)
                Delivery.objects.filter(notice__in=some, state__in=PENDING).update(state=State.WITHDRAWN)


def unread(user_id: int) -> int:
    """How many notices somebody has not seen at the desk, up to `MOST_COUNTED`."""
    return Notice.objects.filter(recipient=user_id, seen_at=None, withdrawn_at=None).order_by()[:MOST_COUNTED].count()


def see(user_id: int, at: dt.datetime, *, subject: str | None = None, notice_id: int | None = None) -> None:
    """Note that somebody saw their notices at the desk: all, those on one subject, or one."""
    mine = Notice.objects.filter(recipient=user_id, seen_at=None)
    if subject is not None:
        mine = mine.filter(subject=subject)
    if notice_id is not None:
        mine = mine.filter(pk=notice_id)
    mine.update(seen_at=at)
