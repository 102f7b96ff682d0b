"""What jobs of rules have found: the file that a command left in the folder of its job, or why there is none."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from django.http import Http404
from django.shortcuts import get_object_or_404

from daihou.desk.jobs.folder import Folder
from daihou.desk.jobs.models import Job, Kind
from daihou.desk.jobs.rule_arguments import BACKTESTED, SUGGESTED

if TYPE_CHECKING:
    from collections.abc import Mapping

FILES: Final[Mapping[str, str]] = {Kind.SUGGEST: SUGGESTED, Kind.BACKTEST: BACKTESTED}
LISTED: Final = 10
TOLD: Final = re.compile(r"^(?:Error|错误): (?P<message>.*)$", re.MULTILINE)
REMEDY: Final = re.compile(r"^(?:Do|处理): (?P<remedy>.*)$", re.MULTILINE)
"""How a command says on the terminal what is wrong and what to do."""


def job_or_404(number: int, kind: str) -> Job:
    """A job of a kind, where a page is about it."""
    return get_object_or_404(Job.objects.select_related("requested_by"), pk=number, kind=kind)


def recent(kind: str, about: str = "") -> list[Job]:
    """The newest jobs of a kind; those about a rule alone where one is named."""
    found = Job.objects.filter(kind=kind).select_related("requested_by").defer("output")
    return list((found.filter(arguments__about=about) if about else found)[:LISTED])


def found(job: Job) -> dict[str, Any] | None:
    """What the command of a job wrote; None where it wrote nothing, or its folder is gone."""
    try:
        said = json.loads((Folder(job.pk).path / FILES[job.kind]).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return said if isinstance(said, dict) else None


def found_or_404(job: Job) -> dict[str, Any]:
    """The same, where there is nothing to do without it."""
    said = found(job)
    if said is None:
        raise Http404
    return said


def trouble(job: Job) -> tuple[str, str]:
    """What a command that failed said is wrong, and what to do; empty where it said nothing of the kind."""
    message, remedy = TOLD.search(job.output), REMEDY.search(job.output)
    return message["message"] if message else "", remedy["remedy"] if remedy else ""
