"""A borrower's score as pages show it: what the run wrote, the reasons behind it, or why there is none."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.utils.translation import gettext as _

from daihou.book.errors import DaihouError
from daihou.desk.scoring import labels, registry
from daihou.runs.scores import one, register
from daihou.runs.scores.own_runs import OwnRuns
from daihou.runs.scores.snapshots import model_id

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from daihou.runs.scores.one import Explained
    from daihou.runs.scores.register import Version

MONTHS: Final = 24
"""Of the score over time."""
ROUNDING: Final = 1e-9
"""Probabilities that differ by no more are the same."""


@dataclass(frozen=True, slots=True)
class Scored:
    """What stands of a borrower's score on the dates of a page."""

    day: dt.date
    """The date of the run whose scores stand."""
    version: Version
    score: int | None
    pd: float | None
    pd_overlaid: float | None
    change: float | None
    why: str
    """Why there is no score."""
    explained: Explained | None
    """How it came about; None where that cannot be told now."""
    trouble: str = ""
    """Why it cannot."""

    @property
    def overlaid(self) -> bool:
        """Whether an overlay of the market moves the probability."""
        return self.pd is not None and self.pd_overlaid is not None and abs(self.pd - self.pd_overlaid) > ROUNDING


def of(borrower_id: str, row: Mapping[str, Any], as_of: dt.date, known_on: dt.date) -> Scored | None:
    """The score of a borrower from its row of a run; None where no model scores borrowers' dates like these."""
    day = one.scored_day(settings.HOME, as_of, known_on)
    if day is None:
        return None
    if row.get("score") is not None:
        version = _version(str(row["score_model"]))
        return None if version is None else _told(borrower_id, row, day, version)
    champions = [version for version, role in registry.known().scoring(day) if role == "champion" and _of_runs(version)]
    return _untold(borrower_id, day, champions[0]) if champions else None


def _of_runs(version: Version) -> bool:
    """Whether a version scores what runs write, not rows of files; of one whose file cannot be read nobody knows, and its trouble is told where it is asked."""
    try:
        return register.model(settings.HOME, version).design.runs is not None
    except DaihouError:
        return True


def _version(called: str) -> Version | None:
    """The version of a name like `ID v3`; None of one that the register does not know."""
    found = registry.known().of(model_id(called))
    return next((version for version in found if version.called == called), None)


def _told(borrower_id: str, row: Mapping[str, Any], day: dt.date, version: Version) -> Scored:
    explained, trouble = None, ""
    try:
        explained = next(iter(one.explained(settings.HOME, borrower_id, day, version)), None)
    except DaihouError as error:
        trouble = " ".join(labels.told(error))
    return Scored(
        day,
        version,
        round(row["score"]),
        row["score_pd"],
        row["score_pd_overlaid"],
        row.get("score_change_3m"),
        "",
        explained,
        trouble,
    )


def _untold(borrower_id: str, day: dt.date, version: Version) -> Scored:
    try:
        found = next(iter(one.explained(settings.HOME, borrower_id, day, version)), None)
    except DaihouError as error:
        return Scored(day, version, None, None, None, None, " ".join(labels.told(error)), None)
    if found is None:
        why = _("The run of %(day)s does not know the borrower.") % {"day": day.isoformat()}
    elif found.why is not None:
        why = labels.said(found.why)
    else:
        why = _("No run has scored since the model was approved; the next one does.")
    return Scored(day, version, None, None, None, None, why, found)


def days(last: dt.date) -> list[dt.date]:
    """The dates on which a score over time is told: of each month the last that was run by its own knowledge, up to a date."""
    run = [day for day in OwnRuns(settings.HOME).dates if day <= last]
    return [max(group) for _month, group in itertools.groupby(run, key=lambda day: (day.year, day.month))][-MONTHS:]
