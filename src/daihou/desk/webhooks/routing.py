"""From an event to the hooks that are told of it: decided by the sender, by the kinds they ask for and what their users reach then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import transaction

from daihou.desk.people.reach import Access
from daihou.desk.webhooks.models import Delivery, Hook, HookEvent
from daihou.desk.webhooks.reaching import reaches

if TYPE_CHECKING:
    import datetime as dt

AT_ONCE: Final = 500
"""Events of one transaction."""


def route(now: dt.datetime) -> int:
    """Route what was put into the outbox, at most `AT_ONCE` events; how many. Two senders that route the same write it once."""
    with transaction.atomic():
        new = HookEvent.objects.select_for_update(skip_locked=True).filter(routed_at=None).order_by("pk")
        events = list(new[:AT_ONCE])
        if not events:
            return 0
        listening = [(hook, Access(hook.user)) for hook in Hook.listening().select_related("user")]
        made = [
            Delivery(event=event, hook=hook, first_due_at=now, due_at=event.at)
            for event in events
            for hook, rights in listening
            if event.kind in hook.kinds and reaches(rights, event)
        ]
        Delivery.objects.bulk_create(made, batch_size=AT_ONCE, ignore_conflicts=True)
        HookEvent.objects.filter(pk__in=[event.pk for event in events]).update(routed_at=now)
    return len(events)
