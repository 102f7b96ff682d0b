"""A score broken down: for each input of a model how somebody stands, what it gives or costs, and of a card the next bin that gives more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from daihou.assessment.scores.card import Card
from daihou.assessment.scores.choosing import finite
from daihou.assessment.scores.inputs import known, taken
from daihou.assessment.scores.reasons import LEAST, told

if TYPE_CHECKING:
    from daihou.assessment.scores.bins import Bins
    from daihou.assessment.scores.card import Characteristic
    from daihou.assessment.scores.inputs import Columns, Input
    from daihou.assessment.scores.model import Model


@dataclass(frozen=True, slots=True)
class Better:
    """The nearest bin of a characteristic that gives more points, among those in which training saw somebody."""

    place: int
    gain: int
    """Points more than those that the subject has."""


@dataclass(frozen=True, slots=True)
class Line:
    """One input of one subject."""

    input: Input
    bins: Bins
    place: int
    """The bin of its value."""
    value_en: str
    value_zh: str
    known: bool
    points: int | None
    """What a card gives for it; None of trees."""
    lost: float
    """Of a card against the best bin, of trees against the average of training; below 0 where trees add."""
    better: Better | None
    """None of trees, of codes, and where nothing gives more."""

    @property
    def counts(self) -> bool:
        """Whether it costs enough to be a reason."""
        return self.lost >= LEAST

    def value(self, *, chinese: bool) -> str:
        """How the subject stands."""
        return self.value_zh if chinese else self.value_en


def lines(model: Model, columns: Columns) -> list[tuple[Line, ...]]:
    """For each subject all inputs, the one that costs most first."""
    asked = {one.name: finite(columns[one.name]) for one in model.inputs}
    lost = model.body.lost(asked)
    found = []
    for row in range(len(lost)):
        order = np.argsort(-lost[row], kind="stable")
        found.append(tuple(_line(model, int(at), asked, row, float(lost[row, at])) for at in order))
    return found


def _line(model: Model, at: int, columns: Columns, row: int, lost: float) -> Line:
    input_, bins = model.inputs[at], model.body.bins[at]
    value = taken(columns[input_.name], np.array([row]))
    place = int(bins.place(value)[0])
    one = model.body.characteristics[at] if isinstance(model.body, Card) else None
    return Line(
        input_, bins, place, told(input_, value, 0, chinese=False), told(input_, value, 0, chinese=True), bool(known(value)[0]),
        None if one is None else one.points[place], round(lost, 1), None if one is None else _better(one, place),
    )  # fmt: skip


def _better(one: Characteristic, place: int) -> Better | None:
    """Of numbers in order alone is a bin nearer than another; codes and what is not known have no neighbours."""
    plain = one.bins.plain
    if one.bins.codes or place >= plain:
        return None
    seen = one.evidence.good + one.evidence.bad
    fitting = [other for other in range(plain) if seen[other] and one.points[other] > one.points[place]]
    nearest = min(fitting, key=lambda other: (abs(other - place), -one.points[other]), default=None)
    return None if nearest is None else Better(nearest, one.points[nearest] - one.points[place])
