"""Sending: what is due is claimed for this sender, sent once, and marked by what came of it. Any number of senders may run.

At least once: who finds a claim long after, whose sender died, sends it again, under the same id, by which the receiver knows it. Order is not kept: several
go to a hook at once, and one that failed does not hold up the next; `sequence` says what came first. A hook that fails gets one request at a time, after a rest.
"""

from __future__ import annotations

import logging
import time
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils import timezone

from daihou.desk.audit.log import record
from daihou.desk.people.reach import Access
from daihou.desk.webhooks import body, posting, retrying, signing
from daihou.desk.webhooks.choices import PENDING, HookState, State, Trouble
from daihou.desk.webhooks.errors import DeliveryError
from daihou.desk.webhooks.models import Delivery, Hook
from daihou.desk.webhooks.reaching import reaches

if TYPE_CHECKING:
    import datetime as dt

    from daihou.desk.webhooks.posting import Answer

LOG = logging.getLogger(__name__)

AT_A_TIME: Final = 4
"""Requests that a hook gets at once from a sender; so a slow receiver takes half of a sender's threads at most."""
LEASE: Final = timedelta(minutes=2)
"""A request ends in a fraction of it, also where a name server is slow. Longer than that, and its sender is dead."""
NOTED_EVERY: Final = timedelta(minutes=1)
"""How exactly a hook says when it last answered."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery in the hand of one sender, the hook that it goes to, and whether the hook's user reaches what it is about at this moment."""

    delivery: Delivery
    hook: Hook
    allowed: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a try: the trouble or nothing, what was answered, and how long it took."""

    trouble: Trouble | None
    status: int | None
    answer: str
    wait_seconds: float
    took_ms: int


def claim(now: dt.datetime, room: int) -> list[Claimed]:
    """What is due, for this sender alone, at most so many: of every hook that is not resting, those that wait longest."""
    due = Delivery.objects.filter(state__in=PENDING, due_at__lte=now)
    hooks = Hook.objects.filter(
        Q(rests_until=None) | Q(rests_until__lte=now), Exists(due.filter(hook=OuterRef("pk"))), state=HookState.ACTIVE, removed_at=None
    ).select_related("user")  # fmt: skip
    sending = Delivery.objects.filter(state=State.SENDING).order_by().values_list("hook").annotate(n=Count("pk"))
    in_hand: dict[int, int] = dict(sending)
    found: list[Claimed] = []
    for hook in sorted(hooks, key=lambda one: in_hand.get(one.pk, 0)):
        most = min(room - len(found), (1 if hook.failures else AT_A_TIME) - in_hand.get(hook.pk, 0))
        if most > 0:
            found += _claimed(hook, now, most)
    return found


def _claimed(hook: Hook, now: dt.datetime, most: int) -> list[Claimed]:
    rights = Access(hook.user)
    number = uuid.uuid4()
    with transaction.atomic():
        due = Delivery.objects.filter(hook=hook, state__in=PENDING, due_at__lte=now).order_by("due_at", "pk")
        ids = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:most])
        Delivery.objects.filter(pk__in=ids, state__in=PENDING).update(
            state=State.SENDING, claim=number, claimed_at=now, tries=F("tries") + 1
        )
        held = Delivery.objects.filter(pk__in=ids, claim=number).select_related("event").order_by("due_at", "pk")
        return [Claimed(each, hook, reaches(rights, each.event)) for each in held]


def send(claimed: Claimed) -> None:
    """Send what was claimed, where its hook may be told of it, and mark it by what came of it."""
    event, outcome = claimed.delivery.event, Outcome(Trouble.NO_RIGHT, None, "", 0.0, 0)
    if claimed.allowed:
        outcome = attempt(claimed.hook, event.uid, body.written(body.of(event)))
    settle(claimed, outcome, timezone.now())


def attempt(hook: Hook, uid: str, written: bytes) -> Outcome:
    """Sign a body with the hook's secrets and send it; what came of it."""
    now, began = timezone.now(), time.monotonic()
    try:
        headers = signing.headers(uid, now, written, signing.of(hook, now))
        answer: Answer = posting.post(hook.url, written, headers, settings.HOOKS_ALLOWED, now)
    except DeliveryError as error:
        LOG.warning("hook %s, event %s: %s %s", hook.pk, uid, error.trouble, error.status or "")
        return Outcome(error.trouble, error.status, error.answer, error.wait, _milliseconds(began))
    return Outcome(None, answer.status, answer.text, 0.0, _milliseconds(began))


def settle(claimed: Claimed, outcome: Outcome, now: dt.datetime) -> bool:
    """Mark a try by its outcome, where it is still this sender's to mark; whether it was."""
    delivery = claimed.delivery
    told = {
        "trouble": outcome.trouble or "",
        "status": outcome.status,
        "answer": outcome.answer,
        "course": [*delivery.course, [now.isoformat(), outcome.trouble or "", outcome.status, outcome.took_ms]],
    }
    with transaction.atomic():
        mine = Delivery.objects.filter(pk=delivery.pk, claim=delivery.claim, state=State.SENDING)
        if outcome.trouble is None:
            marked = mine.update(state=State.SENT, ended_at=now, **told)
        elif _over(delivery, outcome, now):
            marked = mine.update(state=State.DEAD, ended_at=now, **told)
        else:
            due = retrying.again_at(delivery.tries, now, outcome.wait_seconds)
            marked = mine.update(state=State.FAILED, due_at=due, **told)
        if marked:
            _note(claimed.hook, outcome, now)
    return bool(marked)


def expire(now: dt.datetime) -> int:
    """Let go of what was claimed long ago and never marked since: its sender died over it, and it is due again. How many."""
    stale = Delivery.objects.filter(state=State.SENDING, claimed_at__lt=now - LEASE)
    over = stale.filter(tries__gte=retrying.TRIES).update(state=State.DEAD, trouble=Trouble.CRASHED, ended_at=now)
    return over + stale.update(state=State.FAILED, trouble=Trouble.CRASHED, due_at=now)


def _over(delivery: Delivery, outcome: Outcome, now: dt.datetime) -> bool:
    """Whether it is given up: tried enough, or where trying again cannot help, or where its hook was removed or switched off meanwhile."""
    hopeless = outcome.trouble in (Trouble.GONE, Trouble.NO_RIGHT)
    tried = retrying.is_over(delivery.tries, delivery.first_due_at, now)
    return hopeless or tried or not Hook.listening().filter(pk=delivery.hook_id).exists()


def _note(hook: Hook, outcome: Outcome, now: dt.datetime) -> None:
    """What a hook keeps of a try: that it answers, or how often in a row it did not, and how long it rests; switched off where it wants no more."""
    same = Hook.objects.filter(pk=hook.pk)
    if outcome.trouble is None:
        unsaid = Q(failures__gt=0) | Q(answered_at=None) | Q(answered_at__lt=now - NOTED_EVERY)
        same.filter(unsaid).update(failures=0, rests_until=None, answered_at=now)
    elif outcome.trouble == Trouble.GONE:
        switch_off(hook, now)
    elif outcome.trouble != Trouble.NO_RIGHT:
        failures = same.values_list("failures", flat=True).get() + 1
        same.update(failures=failures, rests_until=retrying.rests_until(failures, now, outcome.wait_seconds))


def switch_off(hook: Hook, now: dt.datetime) -> None:
    """Tell a hook nothing more, as its receiver asked (410); what waits for it is given up, so that people see what it was not told."""
    if Hook.objects.filter(pk=hook.pk).exclude(state=HookState.OFF).update(state=HookState.OFF):
        waiting = Delivery.objects.filter(hook=hook, state__in=PENDING)
        n = waiting.update(state=State.DEAD, trouble=Trouble.GONE, ended_at=now)
        record(None, "webhook.gone", "webhook", str(hook.pk), {"given_up": n})


def _milliseconds(began: float) -> int:
    return round((time.monotonic() - began) * 1_000)
