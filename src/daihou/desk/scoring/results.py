"""Jobs of models, as pages ask for them."""

from __future__ import annotations

from typing import Final

from django.http import Http404
from django.shortcuts import get_object_or_404

from daihou.desk.jobs.models import ALIVE, OF_MODELS, Job, Kind

LISTED: Final = 10


def job_or_404(number: int) -> Job:
    """A job of models, where a page is about it."""
    found = get_object_or_404(Job.objects.select_related("requested_by"), pk=number)
    if found.kind not in OF_MODELS:
        raise Http404
    return found


def recent() -> list[Job]:
    """The newest jobs of models."""
    return list(Job.objects.filter(kind__in=OF_MODELS).select_related("requested_by").defer("output")[:LISTED])


def running(model_id: str, number: int) -> Job | None:
    """A validation of a version that is under way."""
    found = Job.objects.filter(
        kind=Kind.VALIDATE, status__in=ALIVE, arguments__model=model_id, arguments__version=number
    )
    return found.order_by("-pk").first()
