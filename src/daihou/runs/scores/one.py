"""One borrower before a model: how the stored row of a date scores, input by input; why there is no score; and the score over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from daihou.assessment.scores.breakdown import lines
from daihou.assessment.scores.overlay import overlaid
from daihou.runs.scores import overlay, register
from daihou.runs.scores.asked import asked
from daihou.runs.scores.house import policy
from daihou.runs.scores.observing import fate_at_once
from daihou.runs.scores.own_runs import OwnRuns, that_stands
from daihou.runs.scores.recalled import scores_of
from daihou.runs.scores.snapshots import called
from daihou.runs.scores.told import rows
from daihou.runs.scores.validate import fate_said, why_said

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from daihou.assessment.scores.breakdown import Line
    from daihou.assessment.scores.model import Model
    from daihou.assessment.validation.said import Said
    from daihou.book.home import Home
    from daihou.runs.scores.asked import Asked
    from daihou.runs.scores.register import Version


@dataclass(frozen=True, slots=True)
class Explained:
    """What a version says of one subject on a date, and why."""

    version: Version
    model: Model
    day: dt.date
    subject_id: str
    borrower_id: str
    score: int | None
    pd: float | None
    """Before the overlay."""
    multiplier: float
    why: Said | None
    """Why there is no score."""
    lines: tuple[Line, ...]
    """Its inputs, the one that costs most first; none of whom the model is not for."""

    @property
    def pd_overlaid(self) -> float | None:
        """With the overlay of the date."""
        return None if self.pd is None else overlaid(self.pd, self.multiplier)


@dataclass(frozen=True, slots=True)
class Point:
    """The score of a month: what a run wrote, or what the version would have said of what was known then."""

    day: dt.date
    score: int
    model: str
    """The version that scored, or that was asked now."""
    stored: bool


def scored_day(home: Home, as_of: dt.date, known_on: dt.date) -> dt.date | None:
    """The date of the run whose scores stand for a pair of dates: the last of its own knowledge that is not too old by policy `scores`; None without one."""
    return that_stands(OwnRuns(home).dates, as_of, known_on, policy(home))


def explained(home: Home, borrower_id: str, day: dt.date, version: Version) -> list[Explained]:
    """What a version says of a borrower, or of each of its loans, on a date that was run by its own knowledge: the lowest score first.

    Empty where the run does not know the borrower, and of a model that is told of tables.
    """
    model = register.model(home, version)
    if model.design.runs is None:
        return []
    return _at(OwnRuns(home), version, asked(model.design, version.called), borrower_id, day)


def _at(runs: OwnRuns, version: Version, question: Asked, borrower_id: str, day: dt.date) -> list[Explained]:
    home, model = runs.home, register.model(runs.home, version)
    snapshots, borrowers = (runs.files(name, day) for name in ("snapshots", "borrower_snapshots"))
    told = rows(home, model.design.subject, snapshots, borrowers, question.at_first | set(model.asked), borrower_id)
    if not len(told.frame):
        return []
    fates, kept = fate_at_once(question, told)
    factor = overlay.multiplier(home, version.model_id, day)
    found = [
        Explained(version, model, day, subject_id, borrower_id, None, None, factor, fate_said(model, fate), ())
        for subject_id, fate in zip(told.ids.cast(pl.String).to_list(), fates.to_list(), strict=True)
        if fate
    ]
    if len(kept.frame):
        columns = kept.columns(question.fields_of(model), day)
        said = model.scored(columns, kept.segment(question.segment))
        ids, whys, told_lines = kept.ids.cast(pl.String).to_list(), said.why.to_list(), lines(model, columns)
        found += [
            Explained(
                version, model, day, subject_id, borrower_id, int(said.score[at]) if there else None, float(said.pd[at]) if there else None, factor,
                None if there else why_said(model, whys[at]), told_lines[at],
            )
            for at, (subject_id, there) in enumerate(zip(ids, said.there.tolist(), strict=True))
        ]  # fmt: skip
    return sorted(found, key=lambda one: (one.score is None, one.score or 0, one.subject_id))


def over_time(home: Home, borrower_id: str, days: Sequence[dt.date], version: Version) -> list[Point]:
    """The scores of a borrower on dates run by their own knowledge, in order; of a model of loans the lowest of each day.

    They are those of the model that were stored, and where a run stored none what the version would have said.
    """
    stored = scores_of(home, borrower_id, list(days)).filter(
        pl.col("model_id") == version.model_id, pl.col("role") == "champion", pl.col("score").is_not_null()
    )
    by_day = {
        day: (score, model)
        for day, score, model in stored.sort("as_of", "score", "subject_id", descending=[False, True, True])
        .select("as_of", "score", "model")
        .iter_rows()
    }
    model, runs = register.model(home, version), OwnRuns(home)
    if model.design.runs is None:
        return []
    question = asked(model.design, version.called)
    found = []
    for day in sorted(days):
        if day in by_day:
            found.append(Point(day, *by_day[day], stored=True))
            continue
        first = next(iter(_at(runs, version, question, borrower_id, day)), None)
        if first is not None and first.score is not None:
            found.append(Point(day, first.score, called(version.model_id, version.number), stored=False))
    return found
