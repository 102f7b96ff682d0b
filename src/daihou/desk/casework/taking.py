"""Taking the next case that is nobody's, and who was quicker."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from daihou.desk.casework import scope, transitions
from daihou.desk.casework.choices import Act, Track
from daihou.desk.casework.models import OPEN, Case, CaseMove
from daihou.desk.refusals import RefusedError, StaleError

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from daihou.desk.asked import Asked

TRIES: Final = 20
"""So many others may be quicker one after the other."""


def queue(request: Asked) -> QuerySet[Case]:
    """The cases in somebody's reach that wait for a collector, in house, not set aside, not with the manager: those furthest along first, of these the largest claim."""
    waiting = scope.seen(request.user, request.rights, "collection.work").filter(
        OPEN, owner=None, track=Track.HOUSE, handed_up_at=None
    )
    return waiting.exclude(paused_until__gt=timezone.localdate()).order_by("-rank", "-claim", "pk")


def take_next(request: Asked) -> Case | None:
    """Take the first of the queue; None where there is none left."""
    for case in queue(request).select_related("owner", "agency")[:TRIES]:
        with suppress(StaleError, RefusedError):
            return transitions.claim(case, case.revision, request)
    return None


def who_was_first(case: Case) -> str:
    """Who changed a case since it was looked at, in words."""
    last = CaseMove.objects.filter(case=case).exclude(act=Act.NOTE).select_related("actor").order_by("-pk").first()
    if last is None:
        return _("It changed a moment ago.")
    if last.actor is None:
        return _("A run or the clock changed it a moment ago.")
    if last.act == Act.CLAIM:
        return _("%(name)s took it a moment ago.") % {"name": last.actor}
    return _("%(name)s changed it a moment ago.") % {"name": last.actor}
