"""A draft tried on today's book, and what came out kept beside it as evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import gettext as _

from daihou.desk.governance import checks, transitions
from daihou.desk.governance.models import Attachment, Draft
from daihou.desk.governance.transitions import RefusedError

if TYPE_CHECKING:
    from daihou.desk.asked import Asked


def attempt(draft: Draft, request: Asked) -> Attachment:
    """Judge the newest run's book by the draft; RefusedError where its conditions cannot be read, DaihouError where nothing was run yet."""
    from daihou.runs.watch import trial

    checked = checks.runnable(draft.text)
    if checked is None:
        raise RefusedError(_("It cannot be tried while its condition has errors."))
    found = trial.tried(settings.HOME, checked)
    result: dict[str, Any] = {
        "as_of": found.as_of.isoformat(),
        "subjects": found.subjects,
        "in_segment": found.in_segment,
        "hits": found.hits,
        "unknown": found.unknown,
        "live": found.live,
        "gained": found.gained,
        "lost": found.lost,
    }
    return transitions.attach(draft, Attachment.Kind.TRIAL, result, draft.judged, request)
