"""How far a job is, for a page that waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from daihou.desk.jobs import course

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked
    from daihou.desk.jobs.models import Job


def moved(request: Asked, job: Job) -> HttpResponse:
    """The state of a job under way; at its end the page is loaded again, once."""
    response = render(request, "jobs/state.html", {**course.of(job), "state_url": request.path})
    if not job.alive:
        response["HX-Refresh"] = "true"
    return response
