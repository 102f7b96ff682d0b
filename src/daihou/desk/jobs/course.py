"""How far a job is, as `jobs/state.html` shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone
from django.utils.translation import ngettext

from daihou.desk.jobs import transitions
from daihou.desk.jobs.models import Status

if TYPE_CHECKING:
    from daihou.desk.jobs.models import Job

PATIENCE_SECONDS: Final = 10
"""A job that waits longer with none before it finds no worker."""


def of(job: Job) -> dict[str, Any]:
    """The job, how many come before it, whether nobody takes it, and by which signal it was ended."""
    queued = job.status == Status.QUEUED
    waited = (timezone.now() - job.requested_at).total_seconds() if queued else 0
    ahead = transitions.ahead(job) if queued else 0
    told = ngettext("%(count)d job comes before it.", "%(count)d jobs come before it.", ahead) % {"count": ahead}
    return {
        "job": job,
        "ahead": told if ahead else "",
        "unclaimed": queued and not ahead and waited > PATIENCE_SECONDS,
        "signal": -job.exit_code if job.exit_code is not None and job.exit_code < 0 else None,
    }
