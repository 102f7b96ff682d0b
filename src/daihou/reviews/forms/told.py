"""What answers say: the ratings, what was found and how bad, and the share of the points that could be had."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from daihou.reviews.forms.answers import standing
from daihou.reviews.forms.conditions import holds
from daihou.reviews.forms.findings import LEVELS, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from daihou.reviews.forms.answers import Standing
    from daihou.reviews.forms.form import Band, Form, Question, Rates


@dataclass(frozen=True, slots=True)
class Told:
    """What a form with its answers comes to.

    `ratings`: 1 to 5 of willingness and ability, where they were asked and answered. `findings`: each code once, at its worst level, in the order
    found. `points` of `possible`: of the questions that were shown and answered and carry points. `share` and `band` are None where none was.
    """

    ratings: Mapping[Rates, int]
    findings: tuple[Finding, ...]
    points: int
    possible: int
    share: float | None
    band: Band | None


def told(form: Form, answers: Any, previous: Any, *, amount_unit: int = 100) -> Told:
    """What the answers say; hidden and unreadable ones say nothing. They need not be complete."""
    found = standing(form, answers, previous, amount_unit=amount_unit)
    answered = [one for one in found.shown if one.id in found.answers]
    scored = [one for one in answered if one.worth]
    points = sum(_points(one, found, amount_unit) for one in scored)
    possible = sum(one.worth for one in scored)
    band = next((one for one in form.bands if points >= one.least * possible), None) if possible else None
    return Told(
        {one.rates: found.answers[one.id] for one in answered if one.rates is not None},
        _worst([one for question in answered for one in _found(question, found, amount_unit)]),
        points,
        possible,
        points / possible if possible else None,
        band,
    )


def _points(question: Question, found: Standing, amount_unit: int) -> int:
    for score in question.scores:
        if holds(score.when.tree, found.values, amount_unit=amount_unit):
            return score.points
    choice = question.choice(found.answers[question.id])
    return 0 if choice is None else choice.points or 0


def _found(question: Question, found: Standing, amount_unit: int) -> Iterator[Finding]:
    """The findings of an answer: those of what was chosen, then those whose condition holds."""
    answer = found.answers[question.id]
    chosen = answer if isinstance(answer, list) else [answer]
    for choice in question.choices:
        if choice.finding is not None and choice.code in chosen:
            yield choice.finding
    for one in question.findings:
        if holds(one.when.tree, found.values, amount_unit=amount_unit):
            yield one.finding


def _worst(found: list[Finding]) -> tuple[Finding, ...]:
    """Each code once, at the worst level it was found at."""
    worst: dict[str, Finding] = {}
    for one in found:
        known = worst.get(one.code)
        if known is None or LEVELS.index(one.level) < LEVELS.index(known.level):
            worst[one.code] = one
    return tuple(worst.values())
