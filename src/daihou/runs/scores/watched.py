"""What is watched of a version on a date: how far its scores and characteristics have moved from training, and how those fared whose window has ended."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from daihou.assessment.scores.choosing import finite
from daihou.assessment.scores.sample import BAD, GOOD
from daihou.assessment.validation import figures, stability
from daihou.assessment.validation.judged import light_of
from daihou.assessment.validation.limits import limits_of
from daihou.book.days import add_months, last_within, month_ends
from daihou.runs.scores.observing import Fates, window
from daihou.runs.scores.score import said_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from daihou.policies.scores import Scores
    from daihou.runs.scores.own_runs import OwnRuns
    from daihou.runs.scores.register import Role, Version
    from daihou.runs.scores.score import Said

FARED: Final = ("default_rate", "auc")
"""Figures that tell how cohorts fared."""
LIGHTS: Final = ("green", "yellow", "red")


@dataclass(frozen=True, slots=True)
class Figure:
    """A row of table `model_watch`, without dates and version."""

    figure: str
    of: str
    n: int
    value: float | None
    light: str | None = None
    bad: int | None = None
    low: float | None = None
    high: float | None = None
    expected: float | None = None
    observed_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Cohort:
    """Subjects whose window has ended, with what they scored and what became of them."""

    observed_on: dt.date
    score: npt.NDArray[np.int32]
    pd: npt.NDArray[np.float64]
    bad: npt.NDArray[np.bool_]
    segment: pl.Series


def watched(runs: OwnRuns, said: Said, day: dt.date, house: Scores) -> list[Figure]:
    """All figures of a version on a date. How cohorts fared changes at month ends: on other days it is as the run before told it."""
    fared = None if _is_month_end(day) else _told_before(runs, said, day)
    if fared is None:
        fared = list(_fared(cohorts(runs, said, day, house.watch_cohorts), house))
    return [*_shifts(said, house), *fared]


def _is_month_end(day: dt.date) -> bool:
    return (day + day.resolution).day == 1


def _told_before(runs: OwnRuns, said: Said, day: dt.date) -> list[Figure] | None:
    """How cohorts fared by the last run before a date within its month; None where that did not watch this version."""
    before = max((date for date in runs.dates if date < day), default=None)
    if before is None or (before + before.resolution).replace(day=1) != day.replace(day=1):
        return None
    paths = runs.files("model_watch", before)
    rows = pl.scan_parquet(paths).filter(pl.col("model") == said.version.called).collect().to_dicts() if paths else []
    names = [field.name for field in fields(Figure)]
    return [Figure(**{name: row[name] for name in names}) for row in rows if row["figure"] in FARED] if rows else None


def _shifts(said: Said, house: Scores) -> Iterator[Figure]:
    """Stability against training: of the score, over all and by segment, and of each characteristic."""
    there = said.scored.there
    reference = said.model.reference
    score = said.scored.score[there]
    yield _psi("psi", "", reference.scores, stability.banded(score, reference.edges), house)
    if said.segment is not None:
        segment = said.segment.filter(pl.Series(there))
        for name, expected in reference.segments.items():
            some = score[(segment == name).fill_null(value=False).to_numpy()]
            yield _psi("psi", name, expected, stability.banded(some, reference.edges), house)
    for one, bins in zip(said.model.inputs, said.model.body.bins, strict=True):
        place = bins.place(finite(said.columns[one.name]))
        yield _psi(
            "csi", one.name, reference.characteristics[one.name], np.bincount(place, minlength=bins.count), house
        )


def _psi(figure: str, of: str, expected: Sequence[int], actual: npt.NDArray[Any], house: Scores) -> Figure:
    value = stability.psi(expected, actual, house.floor)
    light = None if value is None else stability.colour(value, house.psi_amber, house.psi_red)
    return Figure(figure, of, int(actual.sum()), value, light)


def cohorts(runs: OwnRuns, said: Said, day: dt.date, most: int) -> list[Cohort]:
    """The last observation points after those that trained whose window has ended by a date, as the version scores what was known at them."""
    written, asked = set(runs.dates), said.asked.runs
    later = said.model.design.split.out_of_time_from
    first = later or asked.observe.last + dt.timedelta(days=1)
    dates = [
        date for date in month_ends(add_months(day, -asked.window_months - most - 1), day)
        if date >= first and date in written and last_within(date, asked.window_months) <= day and set(window(said.asked, date)) <= written
    ]  # fmt: skip
    fates = runs.kept.setdefault(said.model.design.digest, Fates(runs, said.asked))
    found = (_cohort(runs, said, date, fates) for date in dates[-most:])
    return [one for one in found if one is not None]


def _cohort(runs: OwnRuns, said: Said, date: dt.date, fates: Fates) -> Cohort | None:
    then = said_of(runs, said.version, said.role, date)
    if then is None or not len(then.told.frame):
        return None
    fate = fates.of(date, then.told.ids)
    judged = (fate.is_in([GOOD, BAD])).to_numpy() & then.scored.there
    segment = pl.Series([""]).new_from_index(0, len(fate)) if then.segment is None else then.segment.fill_null("")
    return Cohort(
        date,
        then.scored.score[judged],
        then.scored.pd[judged],
        (fate == BAD).to_numpy()[judged],
        segment.filter(pl.Series(judged)),
    )


def _fared(found: Sequence[Cohort], house: Scores) -> Iterator[Figure]:
    """How cohorts fared: together, by segment, and each by itself."""
    for one in found:
        yield from _outcome(one, "", one.observed_on, house)
    if not found:
        return
    whole = Cohort(
        found[-1].observed_on, np.concatenate([one.score for one in found]), np.concatenate([one.pd for one in found]),
        np.concatenate([one.bad for one in found]), pl.concat([one.segment for one in found]),
    )  # fmt: skip
    yield from _outcome(whole, "", None, house)
    for name in whole.segment.unique().sort().to_list():
        if name:
            some = (whole.segment == name).to_numpy()
            yield from _outcome(
                Cohort(whole.observed_on, whole.score[some], whole.pd[some], whole.bad[some], whole.segment),
                name,
                None,
                house,
            )


def _outcome(one: Cohort, of: str, observed_on: dt.date | None, house: Scores) -> Iterator[Figure]:
    n, bad = len(one.bad), int(one.bad.sum())
    if not n:
        return
    expected = float(one.pd.mean())
    rate = figures.wilson(bad, n, house.confidence)
    told = light_of(n, bad, expected, limits_of(house))
    yield Figure(
        "default_rate",
        of,
        n,
        bad / n,
        told,
        bad,
        None if rate is None else rate.low,
        None if rate is None else rate.high,
        expected,
        observed_on,
    )
    if min(bad, n - bad) >= house.fewest_bad:
        area = figures.auc_interval(-one.score.astype(np.float64), one.bad, house.confidence)
        if area is not None:
            yield Figure("auc", of, n, area.value, None, bad, area.low, area.high, None, observed_on)


def snapshot(said: Said, found: Sequence[Figure], day: dt.date) -> dict[str, Any]:
    """The row of a version in `model_snapshots`, without the pair of dates."""
    validated = said.version.validated
    checked = None if validated is None else validated.payload.get("auc")

    def values(figure: str, *, whole: bool) -> list[Figure]:
        return [one for one in found if one.figure == figure and one.observed_on is None and (one.of == "") == whole]

    def worst(figure: str, *, whole: bool = False) -> float | None:
        return max((one.value for one in values(figure, whole=whole) if one.value is not None), default=None)

    rate = next(iter(values("default_rate", whole=True)), None)
    area = next(iter(values("auc", whole=True)), None)
    lights = [one.light for one in values("default_rate", whole=False) if one.light is not None]
    scored = int(said.scored.there.sum())
    count = len(said.scored.why)
    return {
        "model": said.version.called, "model_id": said.version.model_id, "model_version": said.version.number, "model_role": said.role,
        "model_kind": said.model.kind, "scored": scored, "unscored_share": (count - scored) / count if count else None,
        "score_psi": worst("psi", whole=True), "worst_csi": worst("csi"), "matured": rate.n if rate else 0, "matured_bad": rate.bad if rate else 0,
        "auc": area.value if area else None, "validated_auc": checked,
        "auc_drop": checked - area.value if checked is not None and area is not None and area.value is not None else None,
        "default_rate": rate.value if rate else None, "expected_rate": rate.expected if rate else None,
        "calibration_light": rate.light if rate else None, "worst_segment_light": max(lights, key=LIGHTS.index, default=None),
        "worst_segment_psi": worst("psi"), "months_since_validated": None if validated is None else _months(validated.recorded_on, day),
    }  # fmt: skip


def unable(version: Version, role: Role) -> dict[str, Any]:
    """The row of a version that could not score: nobody has a score, so that the rule on scores that fail speaks."""
    return {
        "model": version.called, "model_id": version.model_id, "model_version": version.number, "model_role": role, "model_kind": version.kind,
        "scored": 0, "unscored_share": 1.0,
    }  # fmt: skip


def _months(first: dt.date, last: dt.date) -> int:
    """Whole months between two dates."""
    return max(0, (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day))
