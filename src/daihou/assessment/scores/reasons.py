"""Reasons: which inputs cost a subject most points, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from daihou.assessment.scores.bins import MISSING_EN, MISSING_ZH, number
from daihou.assessment.scores.choosing import finite
from daihou.assessment.scores.inputs import taken

if TYPE_CHECKING:
    from daihou.assessment.scores.inputs import Columns, Input, Values
    from daihou.assessment.scores.model import Model

LEAST: Final = 0.5
"""Points below which nothing is a reason."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason."""

    name: str
    points: float
    """Lost: of a card against the best bin, of trees against the average of training."""
    en: str
    zh: str
    value_en: str
    value_zh: str
    place: int
    """The bin of the value."""

    def said(self, *, chinese: bool) -> str:
        """What it is and how it stands."""
        return f"{self.zh}：{self.value_zh}" if chinese else f"{self.en}: {self.value_en}"


def reasons(model: Model, columns: Columns, most: int) -> list[tuple[Reason, ...]]:
    """For each subject its reasons, the heaviest first."""
    told = {one.name: finite(columns[one.name]) for one in model.inputs}
    lost = model.body.lost(told)
    order = np.argsort(-lost, axis=1, kind="stable")[:, :most]
    found = []
    for row in range(len(lost)):
        chosen = [at for at in order[row] if lost[row, at] >= LEAST]
        found.append(tuple(_reason(model, int(at), told, row, float(lost[row, at])) for at in chosen))
    return found


def _reason(model: Model, at: int, columns: Columns, row: int, points: float) -> Reason:
    input_, bins = model.inputs[at], model.body.bins[at]
    values = columns[input_.name]
    place = int(bins.place(taken(values, np.array([row])))[0])
    value = [told(input_, values, row, chinese=chinese) for chinese in (False, True)]
    return Reason(input_.name, round(points, 1), input_.en, input_.zh, value[0], value[1], place)


def told(input_: Input, values: Values, row: int, *, chinese: bool) -> str:
    """A value of an input in words."""
    value = values[row]
    if value is None or (not isinstance(values, pl.Series) and np.isnan(value)):
        return MISSING_ZH if chinese else MISSING_EN
    if isinstance(value, str):
        return next(((zh if chinese else en) for code, en, zh in input_.choices if code == value), value)
    if input_.unit == "flag":
        return ("是" if value else "否") if chinese else ("yes" if value else "no")
    if input_.unit in ("share", "rate"):
        return f"{value:.1%}"
    unit = {"days": (" days", " 天"), "months": (" months", " 个月"), "date": (" days ago", " 天前")}.get(
        input_.unit, ("", "")
    )
    return f"{number(round(float(value), 2))}{unit[chinese]}"
