"""The last validation of a version, as its file holds it; and the reports beside it."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from django.conf import settings

from daihou.assessment.scores.model import digest_of
from daihou.assessment.validation.as_json import from_dict
from daihou.desk.scoring import labels
from daihou.runs.scores.register import VALIDATION, folder
from daihou.runs.scores.validate import REPORTS

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.assessment.validation.result import Finding, Validation
    from daihou.runs.scores.register import Version

LEVELS: Final = ("serious", "attention", "good")
"""The gravest first."""


def of(version: Version) -> Validation | None:
    """The figures; None of a version that was not validated, or whose file is gone or is not the one that was registered."""
    entry = version.validated
    return None if entry is None else _read(_folder(version) / VALIDATION, entry.digest)


@lru_cache(maxsize=32)
def _read(path: Path, digest: str) -> Validation | None:
    try:
        text = path.read_text("utf-8")
        return from_dict(json.loads(text)) if digest_of(text) == digest else None
    except (OSError, ValueError, KeyError):
        return None


def findings(found: Validation) -> list[Finding]:
    """What was found, the gravest first."""
    return sorted(found.findings, key=lambda one: LEVELS.index(one.level))


def report(version: Version, language: str = "") -> str | None:
    """The page of the report, in the language of the desk unless another is named; None where there is none."""
    chosen = language if language in REPORTS else "zh" if labels.chinese() else "en"
    if version.validated is None:
        return None
    try:
        return (_folder(version) / REPORTS[chosen]).read_text("utf-8")
    except OSError:
        return None


def _folder(version: Version) -> Path:
    return folder(settings.HOME, version.model_id, version.number)
