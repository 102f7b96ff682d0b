"""Validating a score: all its figures from the rows that it scored. Pure; what it is told decides what it says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from daihou.assessment.validation import figures, stability
from daihou.assessment.validation.findings import findings
from daihou.assessment.validation.judged import judged, untold
from daihou.assessment.validation.result import Against, Band, Curve, Shift, Unscored, Validation
from daihou.assessment.validation.rows import PARTS, Part, Rival, Rows
from daihou.assessment.validation.said import Said, same

if TYPE_CHECKING:
    import numpy.typing as npt

    from daihou.assessment.validation.judged import Judged
    from daihou.assessment.validation.limits import Limits
    from daihou.assessment.validation.stability import Csi

    Bools = npt.NDArray[np.bool_]

__all__ = ["Rival", "Rows", "validate"]

TENTHS: Final = 10
"""Parts of the gains table, and bands of the score in the stability index: the customary ten."""
POINTS: Final = 200
"""Of a curve: more cannot be seen."""
BANDS: Final = 40
"""Of the distribution of scores at most."""
NAMES: Final[dict[Part, Said]] = {
    "train": Said("Training", "训练样本"), "test": Said("Out of sample", "样本外（同期）"), "later": Said("Out of time", "时间外样本"),
}  # fmt: skip
CALIBRATED: Final[tuple[Part, ...]] = ("train", "test")
"""Parts that trained or calibrated the model."""


JUDGES: Final[tuple[Part, ...]] = ("later", "test")
"""Parts that may judge, the better first."""


def validate(rows: Rows, limits: Limits) -> Validation:
    """The figures of a model, judged by the limits. The out-of-time part judges; where it has nobody, the part kept from training."""
    scored = {part: rows.of(part) & rows.judged for part in PARTS}
    parts = tuple(_of(rows, scored[part], part, NAMES[part], limits, trained=part in CALIBRATED) for part in PARTS)
    on = next((part for part in JUDGES if scored[part].any()), None)
    found = Validation(on, parts, (), (), (), (), (), None, (), None, _unscored(rows), (), limits)
    if on is not None:
        found = _detailed(found, rows, scored, on)
    return replace(found, findings=findings(found))


def _detailed(found: Validation, rows: Rows, scored: dict[Part, Bools], on: Part) -> Validation:
    """With all that is told of the part that judges."""
    judging, training, limits = scored[on], scored["train"], found.limits
    trained = on in CALIBRATED
    months = rows.months()
    segments = rows.segments()
    judge = found.part(on)
    told = judge.why is None
    return replace(
        found,
        months=tuple(
            _of(rows, at & judging, key, same(key), limits, trained=trained)
            for key, at in months.items()
            if (at & judging).any()
        ),
        segments=tuple(
            _of(rows, at & judging, key, name, limits, trained=trained)
            for key, (name, at) in segments.items()
            if (at & (training | judging)).any()
        ),
        gains=figures.gains(_risk(rows.score[judging]), rows.bad[judging], TENTHS) if told else (),
        bands=_bands(rows.score[judging], rows.bad[judging]),
        curves=tuple(
            Curve(part, figures.roc(_risk(rows.score[scored[part]]), rows.bad[scored[part]], POINTS))
            for part in PARTS
            if found.part(part).why is None
        ),
        shift=_shift(rows.score[training], rows.score[judging], limits),
        characteristics=_characteristics(rows, rows.of("train"), rows.of(on), limits),
        against=None if rows.champion is None else _against(rows, rows.champion, rows.of(on), limits),
    )


def _of(rows: Rows, at: Bools, key: str, name: Said, limits: Limits, *, trained: bool) -> Judged:
    return judged(key, name, rows.score[at], rows.pd[at], rows.bad[at], limits, trained=trained)


def _risk(score: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    return -score.astype(np.float64)


def _unscored(rows: Rows) -> tuple[Unscored, ...]:
    """What is not judged, by part and reason."""
    return tuple(
        Unscored(part, key, reason, int(some.sum()), int(rows.bad[some].sum()))
        for part in PARTS
        for key, (reason, at) in rows.reasons().items()
        if (some := at & rows.of(part)).any()
    )


def _bands(score: npt.NDArray[Any], bad: Bools) -> tuple[Band, ...]:
    """The distribution of scores in at most so many bands of 1, 2 or 5 times a power of ten."""
    least, most = int(score.min()), int(score.max())
    width = next(
        step
        for power in range(12)
        for step in (10**power, 2 * 10**power, 5 * 10**power)
        if (most - least) // step < BANDS - 1
    )
    first = least // width
    place = score.astype(np.int64) // width - first
    every, of_bad = np.bincount(place), np.bincount(place[bad], minlength=int(place.max()) + 1)
    return tuple(
        Band((first + at) * width, (first + at + 1) * width, int(whole - some), int(some))
        for at, (whole, some) in enumerate(zip(every, of_bad, strict=True))
    )


def _shift(training: npt.NDArray[Any], judging: npt.NDArray[Any], limits: Limits) -> Shift | None:
    """The stability index of the score in tenths of training; None where training was not scored."""
    cuts = stability.edges(training, TENTHS)
    expected, actual = stability.banded(training, cuts), stability.banded(judging, cuts)
    value = stability.psi(expected, actual, limits.floor)
    if value is None:
        return None
    light = stability.colour(value, limits.psi_amber, limits.psi_red)
    p = stability.chance(value, expected, actual)
    return Shift(value, light, p, stability.shifted(expected, actual, limits.floor, cuts))


def _characteristics(rows: Rows, training: Bools, judging: Bools, limits: Limits) -> tuple[Csi, ...]:
    """The index of each characteristic over all rows, the most shifted first: also who was not scored for want of a value has shifted."""
    found = []
    for key, place in rows.places.items():
        count = int(place.max(initial=0)) + 1
        expected, actual = np.bincount(place[training], minlength=count), np.bincount(place[judging], minlength=count)
        one = stability.csi(
            key, expected, actual, limits.floor, (limits.psi_amber, limits.psi_red), rows.characteristic_names.get(key)
        )
        if one is not None:
            found.append(one)
    return tuple(sorted(found, key=lambda one: (-one.value, one.key)))


def _against(rows: Rows, champion: Rival, judging: Bools, limits: Limits) -> Against:
    """Both on the rows that both score."""
    mine, theirs = rows.judged & judging, champion.judged & judging
    both = mine & theirs
    bad = rows.bad[both]
    only = (int((mine & ~theirs).sum()), int((theirs & ~mine).sum()))
    why = untold(len(bad), int(bad.sum()), limits.fewest_bad)
    if why is not None:
        return Against(len(bad), int(bad.sum()), *only, why, None, None, None, None, None, ())
    one, other = _risk(rows.score[both]), _risk(champion.score[both])
    return Against(
        len(bad), int(bad.sum()), *only, None,
        figures.auc_interval(one, bad, limits.confidence), figures.auc_interval(other, bad, limits.confidence),
        figures.auc_difference(one, other, bad, limits.confidence), figures.brier(rows.pd[both], bad), figures.brier(champion.pd[both], bad),
        (Curve("model", figures.roc(one, bad, POINTS)), Curve("champion", figures.roc(other, bad, POINTS))),
    )  # fmt: skip
