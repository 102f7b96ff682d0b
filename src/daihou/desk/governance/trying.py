"""A draft tried on today's book, and what came out kept beside it as evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from daihou.desk.governance import checks, dates, published, transitions
from daihou.desk.governance.models import Attachment, Draft
from daihou.desk.refusals import RefusedError
from daihou.runs.watch.trial import tried

if TYPE_CHECKING:
    from daihou.desk.asked import Asked


def attempt(draft: Draft, request: Asked) -> Attachment:
    """Judge the newest run's book by the draft; RefusedError where its conditions cannot run, DaihouError where nothing was run yet."""
    checked = checks.runnable(draft.text)
    if checked is None:
        raise RefusedError(_("It cannot be tried while its condition has errors."))
    live = published.live(draft.rule_id, dates.today(settings.HOME, timezone.now()))
    found = tried(settings.HOME, checked, live)
    result: dict[str, Any] = {
        "as_of": found.as_of.isoformat(),
        "subject": found.subject,
        "subjects": found.subjects,
        "within": found.within,
        "hits": found.holds,
        "unknown": found.unknown,
        "missing": [[name, count] for name, count in found.missing],
        "live": found.live_holds,
        "gained": found.gained_count,
        "gained_ids": list(found.gained),
        "lost": found.lost_count,
        "lost_ids": list(found.lost),
    }
    return transitions.attach(draft, Attachment.Kind.TRIAL, result, draft.judged, request)
