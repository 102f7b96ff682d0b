"""A chart as a value: what is drawn, before anything draws it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["areas", "lines", "heat_map", "bars"]
Unit = Literal["share", "amount", "count"]


@dataclass(frozen=True, slots=True)
class Series:
    """A name and a value for each label of the chart; None where there is none."""

    name: str
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A title, labels along the x axis, and series from the weakest colour to the strongest; of a heat map a series is a row."""

    title: str
    kind: Kind
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    unit: Unit = "share"
    x_name: str = ""
    y_name: str = ""
