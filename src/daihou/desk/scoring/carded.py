"""A scorecard as a page shows it: a characteristic a group, a bin a line, its points as a bar."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daihou.assessment.scores.card import Card
from daihou.assessment.scores.printed import lines
from daihou.desk.scoring import labels

if TYPE_CHECKING:
    from daihou.assessment.scores.inputs import Input
    from daihou.assessment.scores.model import Model
    from daihou.assessment.scores.printed import Line

WIDTH: Final = 100
"""Of the bars, in units of their picture."""


@dataclass(frozen=True, slots=True)
class Bin:
    """A bin: its words, and where the bar of its points begins and how long it is."""

    line: Line
    words: str
    start: float
    wide: float

    @property
    def negative(self) -> bool:
        """Whether it takes points."""
        return self.line.points is not None and self.line.points < 0


@dataclass(frozen=True, slots=True)
class Group:
    """A characteristic."""

    name: str
    label: str
    iv: float
    bins: tuple[Bin, ...]


def groups(model: Model) -> list[Group]:
    """The lines of a card, the strongest characteristic first; none of trees."""
    if not isinstance(model.body, Card):
        return []
    chinese = labels.chinese()
    every = list(lines(model.body))
    points = [line.points for line in every if line.points is not None]
    least, most = min([*points, 0]), max([*points, 0])
    span = (most - least) or 1
    zero = -least * WIDTH / span
    values = {one.input.name: one.evidence.iv for one in model.body.characteristics}
    found = []
    for name, some in itertools.groupby(every, key=lambda line: line.name):
        bins = []
        for line in some:
            wide = abs(line.points or 0) * WIDTH / span
            start = zero - wide if (line.points or 0) < 0 else zero
            bins.append(Bin(line, line.bin_zh if chinese else line.bin_en, round(start, 2), round(wide, 2)))
        found.append(Group(name, bins[0].line.zh if chinese else bins[0].line.en, values[name], tuple(bins)))
    return found


def inputs(model: Model) -> list[tuple[Input, str]]:
    """What the model asks, with its label in the language of the page."""
    return [(one, one.label(chinese=labels.chinese())) for one in model.inputs]
