"""Rows as a page posts them, who was quicker, and taking the next that is nobody's."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from django.db.models import Max
from django.utils.translation import gettext as _

from daihou.desk.alerts import scope, transitions
from daihou.desk.alerts.choices import Act
from daihou.desk.alerts.models import Move
from daihou.desk.refusals import RefusedError, StaleError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from daihou.desk.alerts.models import Alert
    from daihou.desk.asked import Asked

PAIR: Final = re.compile(r"(\d{1,15})\.(\d{1,9})", re.ASCII)
BESIDE: Final = (Act.COMMENT, Act.ATTACH, Act.TASK, Act.TASK_DONE, Act.TASK_DROPPED)
"""Acts that leave the alert as it is."""
TRIES: Final = 20
"""So many others may be quicker one after the other."""


def pairs(stated: Iterable[str]) -> list[tuple[int, int]]:
    """Alerts as rows name them, `key.revision`: which, and as of which revision they were looked at; each once, without what is no such thing."""
    found = {int(match[1]): int(match[2]) for each in stated if (match := PAIR.fullmatch(each))}
    return list(found.items())


def take_next(request: Asked) -> Alert | None:
    """Take the most urgent open alert that nobody has, the worst level first and of these the soonest due; None where there is none left."""
    waiting = scope.seen(request.user, request.rights, "alerts.handle").filter(
        closed_at=None, owner=None, snoozed_until=None
    )
    for alert in waiting.order_by("rank", "due_at", "pk")[:TRIES]:
        with suppress(StaleError, RefusedError):
            return transitions.claim(alert, alert.revision, request)
    return None


def who_was_first(alert: Alert) -> str:
    """Who changed an alert since it was looked at, in words."""
    return last_acts([alert.pk]).get(alert.pk) or _("It changed a moment ago.")


def last_acts(keys: Collection[int]) -> dict[int, str]:
    """Who changed each of some alerts last, in words."""
    changing = Move.objects.filter(alert__in=keys).exclude(act__in=BESIDE)
    latest = changing.order_by().values("alert").annotate(last=Max("pk")).values("last")
    told = Move.objects.filter(pk__in=latest).values_list("alert_id", "act", "actor__name")
    return {alert_id: _said(act, name) for alert_id, act, name in told}


def _said(act: str, name: str | None) -> str:
    if not name:
        return _("A run or the clock changed it a moment ago.")
    if act == Act.CLAIM:
        return _("%(name)s took it a moment ago.") % {"name": name}
    return _("%(name)s changed it a moment ago.") % {"name": name}
