"""What came of a job of models: the versions that its command names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from daihou.desk.audit.log import record
from daihou.desk.jobs.folder import Folder
from daihou.desk.jobs.model_arguments import TRAINED, VALIDATED
from daihou.desk.jobs.models import Kind
from daihou.runs.scores.snapshots import called

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

    from daihou.desk.jobs.models import Job

FILES: Final[Mapping[str, str]] = {Kind.TRAIN: TRAINED, Kind.VALIDATE: VALIDATED}


def versions(job: Job) -> list[dict[str, Any]]:
    """The versions that came of a job, with `model`, `version` and `kind`; empty where there are none."""
    try:
        said = json.loads((Folder(job.pk).path / FILES[job.kind]).read_text("utf-8"))
        return [dict(one) for one in said["versions"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def note(job: Job, request: HttpRequest) -> None:
    """Note in the audit log what whoever asked for a job did by it."""
    for one in versions(job):
        name, detail = called(one["model"], one["version"]), {"job": job.pk, "note": job.arguments.get("note", "")}
        record(request, "model.train" if job.kind == Kind.TRAIN else "model.validate", "model", name, detail)
