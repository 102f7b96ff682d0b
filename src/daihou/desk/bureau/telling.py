"""Who is told that a query stays unclear and nobody asks for its result by itself any more: the managers near it, in one notice until they have seen it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.urls import reverse

from daihou.desk.bureau.choices import Outcome
from daihou.desk.bureau.models import Query
from daihou.desk.bureau.scope import MANAGE
from daihou.desk.notices import outbox
from daihou.desk.notices.choices import Kind
from daihou.desk.notices.models import Notice
from daihou.desk.notices.outbox import Told
from daihou.desk.people.holders import holders

if TYPE_CHECKING:
    import datetime as dt

NEAREST: Final = 2
"""Managers who are told."""


def stuck(query: Query, at: dt.datetime) -> None:
    """Tell the nearest managers, but who still has such a notice before them, where it is unclear still."""
    if not Query.objects.filter(pk=query.pk, outcome=Outcome.UNCLEAR, due_at=None).exists():
        return
    near = holders(MANAGE, {query.org_id, query.lead_org_id} - {""} or None)[:NEAREST]
    waiting = Notice.objects.filter(kind=Kind.QUERY_STUCK, seen_at=None, withdrawn_at=None)
    told = set(waiting.filter(recipient__in=near).values_list("recipient_id", flat=True))
    path = f"{reverse('bureau_queries')}?view=stuck"
    outbox.post([Told(user.pk, Kind.QUERY_STUCK, f"query:{query.pk}", path) for user in near if user.pk not in told], at)  # fmt: skip
