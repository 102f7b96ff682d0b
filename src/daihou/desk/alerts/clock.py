"""Time passing over open alerts: what rests wakes, who left is replaced, what is late is chased and goes up.

Every act is looked for by what is due and done by a conditional update, so that it may run at any time, twice at once, or not for a week.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from daihou.book.calendars import is_work_day
from daihou.desk.alerts import deadlines, guards, scope, telling
from daihou.desk.alerts.choices import RANKS, Act
from daihou.desk.alerts.models import Alert, Move
from daihou.desk.alerts.owners import Chooser
from daihou.desk.alerts.policy import policy
from daihou.desk.alerts.transitions import move, waking
from daihou.desk.people.reach import Access
from daihou.desk.refusals import StaleError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from django.db.models import QuerySet

    from daihou.desk.people.models import User

MOST: Final = 500
"""Acts of each kind in one tick, so that it can be stopped; what is left over waits for the next."""

Done = tuple[Act, dict[str, Any], dict[str, Any]]
"""An act, its detail, and what it changes of the alert."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many alerts a tick woke, gave another owner, chased and handed up."""

    woken: int = 0
    replaced: int = 0
    chased: int = 0
    escalated: int = 0

    @property
    def more(self) -> bool:
        """Whether there may be more to do at once."""
        return MOST in (self.woken, self.replaced, self.chased, self.escalated)


def tick(now: dt.datetime) -> Counts:
    """Do all that is due at a moment, or the first of it, and tell owners what is due today."""
    done = Counts(_wake(now), _replace(now), _chase(now), _escalate(now))
    with transaction.atomic():
        telling.due_today(now)
    return done


def _wake(now: dt.datetime) -> int:
    """Wake what was to rest until today."""
    rested = _open().filter(snoozed_until__lte=timezone.localtime(now).date())
    return _each(rested.order_by("snoozed_until", "pk"), now, lambda alert: (Act.WAKE, {}, waking(alert, now)))


def _replace(now: dt.datetime) -> int:
    """Give what belongs to somebody who left, or works on alerts of its org no more, to whom it would come today; what is about a model to nobody."""
    chooser = Chooser.on(timezone.localtime(now).date())
    open_ones = Alert.objects.filter(closed_at=None, owner__isnull=False).order_by("pk")
    of_models = open_ones.exclude(model="").select_related("owner")
    owned = open_ones.filter(model="")
    places = owned.order_by().values_list("owner_id", "org_id", "lead_org_id").distinct()
    to: dict[int, User | None] = {
        alert.pk: None for alert in of_models[:MOST] if alert.owner and not scope.may_own(Access(alert.owner), alert)
    }
    for owner_id, org_id, lead_org_id in [place for place in places if not chooser.keeps(*place)]:
        theirs = owned.filter(owner_id=owner_id, org_id=org_id, lead_org_id=lead_org_id)
        officers = dict(theirs.values_list("pk", "officer_id"))
        kept = _given(list(officers), owner_id) if owner_id in chooser.handles else set()
        for pk, officer_id in officers.items():
            if pk not in kept and len(to) < MOST:
                owner = chooser.choose(org_id, officer_id, lead_org_id)
                if owner is None or owner.pk != owner_id:
                    to[pk] = owner

    def given(alert: Alert) -> Done:
        owner = to[alert.pk]
        return Act.ASSIGN, {"owner": owner.pk if owner else None, "owner_before": alert.owner_id}, {"owner": owner}

    return _each(_open().filter(pk__in=to).order_by("pk"), now, given)


def _given(pks: list[int], owner_id: int) -> set[int]:
    """Of alerts of an owner, those that a person gave them, or that they took: these are theirs wherever they lie."""
    handed = Move.objects.filter(alert_id__in=pks, act__in=(Act.ASSIGN, Act.CLAIM)).order_by("pk")
    last = {made.alert_id: made for made in handed}
    return {pk for pk, made in last.items() if made.actor_id is not None and made.detail.get("owner") == owner_id}


def _chase(now: dt.datetime) -> int:
    """Press who owns what is overdue by as much as policy says, once a work day 督办."""
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    if not is_work_day(settings.HOME.settings.calendar, today.date()):
        return 0
    late = _late(now, policy(today.date()).chase_after_work_days)
    waiting = late.filter(Q(chased_at=None) | Q(chased_at__lt=today), owner__isnull=False)
    return _each(waiting, now, lambda _alert: (Act.CHASE, {}, {"chased_at": now}))


def _escalate(now: dt.datetime) -> int:
    """Hand what is overdue by as much as policy says up one org, and again after as many work days, until it is with head office."""
    after = policy(timezone.localtime(now).date()).escalate_after_work_days
    rested = Q(escalated_at=None)
    for level, work_days in after.items():
        rested |= Q(level=level, escalated_at__lt=deadlines.late_before(now, work_days))
    below_the_top = Q(escalated_org_id=None, org_id__gt="") | Q(escalated_org_id__gt="")

    def up(alert: Alert) -> Done:
        to = guards.above(alert) or ""  # what is with head office was not asked for
        return Act.ESCALATE, {"org_id": to}, {"escalated_org_id": to, "escalated_at": now}

    return _each(_late(now, after).filter(rested & below_the_top), now, up)


def _open() -> QuerySet[Alert]:
    return Alert.objects.filter(closed_at=None).select_related("owner", "lead")


def _late(now: dt.datetime, after: Any) -> QuerySet[Alert]:
    """What does not rest and is overdue by so many work days, by level; what waits longest first."""
    overdue = Q(pk__in=())
    for level in RANKS:
        overdue |= Q(level=level, due_at__lt=deadlines.late_before(now, after[level]))
    return _open().filter(overdue, snoozed_until=None).order_by("due_at", "pk")


def _each(alerts: QuerySet[Alert], now: dt.datetime, act: Callable[[Alert], Done]) -> int:
    """Do an act to each of the first alerts, one transaction each; how many it was done to.

    Where somebody was first, it is left: they have just looked at it, and the next tick looks again.
    """
    done = 0
    for alert in alerts[:MOST]:
        name, detail, changes = act(alert)
        try:
            with transaction.atomic():
                move(alert, name, detail=detail, at=now, **changes)
            done += 1
        except StaleError:
            continue
    return done
