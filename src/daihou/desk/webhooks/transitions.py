"""What administrators do about webhooks: enter, change, pause, give a new secret, remove, try one, and send again or drop what is stuck. Each is logged."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone

from daihou.desk.audit.log import record
from daihou.desk.webhooks import body, dispatch, signing
from daihou.desk.webhooks.choices import IN_TROUBLE, PENDING, REMEDIES, HookState, State
from daihou.desk.webhooks.models import Delivery, Hook

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from daihou.desk.asked import Asked

OVERLAP: Final = timedelta(hours=24)
"""So long after a new secret was given requests are signed by the one before too, so that the receiver can change over in its own time."""
AT_ONCE: Final = 1_000
"""Deliveries of one statement."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a test: what the receiver said, and, where it failed, what is wrong and what to do."""

    good: bool
    status: int | None
    answer: str
    took_ms: int
    trouble: str = ""
    remedy: str = ""


def enter(values: Mapping[str, Any], request: Asked) -> tuple[Hook, str]:
    """A new hook, and its secret in clear, which is kept nowhere else."""
    secret = signing.fresh()
    with transaction.atomic():
        made = Hook.objects.create(
            **values, secret=signing.seal(secret), made_at=timezone.now(), made_by=request.user
        )  # fmt: skip
        record(request, "webhook.enter", "webhook", str(made.pk), _said(values))
    return made, secret


def change(hook: Hook, values: Mapping[str, Any], request: Asked) -> None:
    """Other data of a hook; it holds for what is routed, and the address for what is sent, from then on."""
    before = {name: getattr(hook, name) for name in values}
    with transaction.atomic():
        if Hook.objects.filter(pk=hook.pk, removed_at=None).update(**values) and before != dict(values):
            detail = {"before": _said(before), "after": _said(values)}
            record(request, "webhook.change", "webhook", str(hook.pk), detail)


def pause(hook: Hook, request: Asked) -> bool:
    """Tell it nothing until it is resumed; what happens meanwhile is kept for it. Whether it was active."""
    with transaction.atomic():
        done = Hook.objects.filter(pk=hook.pk, removed_at=None, state=HookState.ACTIVE).update(state=HookState.PAUSED)
        if done:
            record(request, "webhook.pause", "webhook", str(hook.pk))
    return bool(done)


def resume(hook: Hook, request: Asked) -> bool:
    """Tell it again, also one that its receiver switched off. What waits is due at once, with all its tries and days before it. Whether it was not active."""
    now = timezone.now()
    with transaction.atomic():
        still = Hook.objects.filter(pk=hook.pk, removed_at=None).exclude(state=HookState.ACTIVE)
        done = still.update(state=HookState.ACTIVE, failures=0, rests_until=None)
        if done:
            waiting = Delivery.objects.filter(hook=hook, state__in=PENDING)
            waiting.update(first_due_at=now, due_at=now, tries=0)
            record(request, "webhook.resume", "webhook", str(hook.pk))
    return bool(done)


def rotate(hook: Hook, request: Asked) -> tuple[str, dt.datetime]:
    """A new secret, in clear, and until when requests are signed by the one before too."""
    secret, until = signing.fresh(), timezone.now() + OVERLAP
    with transaction.atomic():
        held = Hook.objects.select_for_update().get(pk=hook.pk, removed_at=None)
        held.older_secret, held.older_until, held.secret = held.secret, until, signing.seal(secret)
        held.save(update_fields=["secret", "older_secret", "older_until"])
        record(request, "webhook.rotate", "webhook", str(hook.pk), {"older_until": until.isoformat()})
    return secret, until


def remove(hook: Hook, request: Asked) -> bool:
    """Remove a hook: its secrets are gone, and what waits for it is dropped. Whether it was there."""
    now = timezone.now()
    gone = {"removed_at": now, "secret": "", "older_secret": "", "older_until": None}
    with transaction.atomic():
        done = Hook.objects.filter(pk=hook.pk, removed_at=None).update(**gone)
        if done:
            n = Delivery.objects.filter(hook=hook, state__in=(*PENDING, State.DEAD)).update(
                state=State.DROPPED, ended_at=now
            )
            record(request, "webhook.remove", "webhook", str(hook.pk), {"dropped": n})
    return bool(done)


def ping(hook: Hook, request: Asked) -> Trial:
    """Send a test at once; what came of it. It says which hook it is and nothing else, and is tried once."""
    uid = f"evt_{uuid.uuid4().hex}"
    outcome = dispatch.attempt(hook, uid, body.written(body.ping(uid, hook.name, timezone.now())))
    trouble = outcome.trouble
    answered: dict[str, Any] = {"status": outcome.status, "answer": outcome.answer, "took_ms": outcome.took_ms}
    record(request, "webhook.test", "webhook", str(hook.pk), {"good": trouble is None, "status": outcome.status})
    if trouble is None:
        return Trial(good=True, **answered)
    return Trial(good=False, trouble=str(trouble.label), remedy=str(REMEDIES[trouble]), **answered)


def send_again(chosen: QuerySet[Delivery], request: Asked) -> int:
    """Begin anew with what is in trouble, of hooks that are still there: due at once, under its old id; how many."""
    now = timezone.now()
    values = {"state": State.WAITING, "first_due_at": now, "due_at": now, "tries": 0, "ended_at": None, "course": []}
    with transaction.atomic():
        subject, detail = _moved(chosen.filter(hook__removed_at=None), values)
        if detail["n"]:
            record(request, "webhook.resend", "webhook", subject, detail)
    return int(detail["n"])


def drop(chosen: QuerySet[Delivery], request: Asked) -> int:
    """Try what is in trouble no more; how many."""
    with transaction.atomic():
        subject, detail = _moved(chosen, {"state": State.DROPPED, "ended_at": timezone.now()})
        if detail["n"]:
            record(request, "webhook.drop", "webhook", subject, detail)
    return int(detail["n"])


def _moved(chosen: QuerySet[Delivery], values: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Change what is in trouble, within a transaction; what the audit log is told of it: the hooks, and how many from where to where."""
    stuck = chosen.filter(state__in=IN_TROUBLE).order_by("pk")
    found = list(stuck.select_for_update(of=("self",)).values_list("pk", "hook_id"))
    done = 0
    for first in range(0, len(found), AT_ONCE):
        some = [pk for pk, _hook in found[first : first + AT_ONCE]]
        done += Delivery.objects.filter(pk__in=some, state__in=IN_TROUBLE).update(**values)
    subject = ",".join(str(hook) for hook in sorted({hook for _pk, hook in found}))
    return subject, {"n": done, **({"first": found[0][0], "last": found[-1][0]} if found else {})}


def _said(values: Mapping[str, Any]) -> dict[str, Any]:
    """What the audit log keeps: of the address the host alone, since its path may hold a secret."""
    told = {"name": values["name"], "host": urlsplit(values["url"]).netloc, "user": values["user"].username}
    return {**told, "kinds": list(values["kinds"])}
