"""Time passing over open cases: what was set aside is taken up on its day, and what belongs to somebody who left goes to another.

Every act is looked for by what is due and done by a conditional update, so that it may run at any time, twice at once, or not for a week.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils import timezone

from daihou.desk.casework.choices import Act, Track
from daihou.desk.casework.models import OPEN, Case
from daihou.desk.casework.owners import Chooser
from daihou.desk.casework.transitions import move
from daihou.desk.refusals import StaleError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from django.db.models import QuerySet

MOST: Final = 500
"""Acts of each kind in one tick, so that it can be stopped; what is left over waits for the next."""

Done = tuple[Act, dict[str, Any], dict[str, Any]]
"""An act, its detail, and what it changes of the case."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many cases a tick took up again, and gave another owner or none."""

    resumed: int = 0
    replaced: int = 0

    @property
    def more(self) -> bool:
        """Whether there may be more to do at once."""
        return MOST in (self.resumed, self.replaced)


def tick(now: dt.datetime) -> Counts:
    """Do all that is due at a moment, or the first of it."""
    return Counts(_resume(now), _replace(now))


def _resume(now: dt.datetime) -> int:
    """Take up what was set aside until today."""
    rested = _open().filter(paused_until__lte=timezone.localtime(now).date()).order_by("paused_until", "pk")
    return _each(rested, now, lambda _case: (Act.RESUME, {}, {"paused_until": None}))


def _replace(now: dt.datetime) -> int:
    """Give what belongs to somebody who left, or works cases of its org no more, to the next by turns; what is not in house goes to the queue."""
    chooser = Chooser.on(timezone.localtime(now).date())
    places = Case.objects.filter(OPEN, owner__isnull=False).order_by().values_list("owner_id", "org_id", "lead_org_id")
    to: list[int] = []
    for owner_id, org_id, lead_org_id in places.distinct():
        if not chooser.keeps(owner_id, org_id, lead_org_id):
            theirs = Case.objects.filter(OPEN, owner_id=owner_id, org_id=org_id, lead_org_id=lead_org_id)
            to += theirs.order_by("pk").values_list("pk", flat=True)[: MOST - len(to)]

    def given(case: Case) -> Done:
        owner_id = chooser.choose(case.org_id) if case.track == Track.HOUSE else None
        return Act.ASSIGN, {"owner": owner_id, "owner_before": case.owner_id}, {"owner_id": owner_id}

    return _each(_open().filter(pk__in=to).order_by("pk"), now, given)


def _open() -> QuerySet[Case]:
    return Case.objects.filter(OPEN).select_related("owner", "agency")


def _each(cases: QuerySet[Case], now: dt.datetime, act: Callable[[Case], Done]) -> int:
    """Do an act to each of the first cases, one transaction each; how many it was done to. Where somebody was first it is left for the next tick to look at."""
    done = 0
    for case in cases[:MOST]:
        name, detail, changes = act(case)
        try:
            with transaction.atomic():
                move(case, name, detail=detail, at=now, **changes)
            done += 1
        except StaleError:
            continue
    return done
