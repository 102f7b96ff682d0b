"""What is not kept for ever: events that were told, and those that no hook was to be told of."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db.models import Exists, OuterRef

from daihou.desk.webhooks.choices import State
from daihou.desk.webhooks.models import Delivery, HookEvent

if TYPE_CHECKING:
    import datetime as dt

KEPT: Final = timedelta(days=30)
"""What was delivered or dropped can be looked up so long."""
KEPT_DEAD: Final = timedelta(days=180)
"""What was given up can be sent again so long: longer than anybody takes to notice a receiver that is silent."""
AT_ONCE: Final = 1_000
"""Rows of one transaction, so that nobody waits for it."""


def prune(now: dt.datetime) -> int:
    """Delete what is over, at most `AT_ONCE` of each; how many."""
    done = Delivery.objects.filter(state__in=(State.SENT, State.DROPPED), ended_at__lt=now - KEPT)
    dead = Delivery.objects.filter(state=State.DEAD, ended_at__lt=now - KEPT_DEAD)
    told = Exists(Delivery.objects.filter(event=OuterRef("pk")))
    alone = HookEvent.objects.filter(~told, at__lt=now - KEPT, routed_at__isnull=False)
    gone = 0
    for model, rows in ((Delivery, done), (Delivery, dead), (HookEvent, alone)):
        ids = list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
        gone += model._default_manager.filter(pk__in=ids).delete()[0]  # noqa: SLF001 - Django's documented way to a model's manager
    return gone
