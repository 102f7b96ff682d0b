"""What a model is told of subjects: a column of numbers or of codes for each of its inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

Numbers = npt.NDArray[np.float64]
Values = Numbers | pl.Series
"""Numbers with NaN for what is not known, or a series of texts with nulls."""
Columns = Mapping[str, Values]
Kind = Literal["number", "code"]
Risk = Literal["up", "down", "any", "peak", "valley"]


@dataclass(frozen=True, slots=True)
class Input:
    """One thing that a model asks of a subject."""

    name: str
    kind: Kind
    risk: Risk
    en: str
    zh: str
    unit: str = "number"
    """As the catalogue says it; dates are days before the date of the score, flags 1 and 0, amounts currency units."""
    choices: tuple[tuple[str, str, str], ...] = ()
    special: tuple[float, ...] = ()

    def label(self, *, chinese: bool) -> str:
        """What it is called."""
        return self.zh if chinese else self.en

    def as_dict(self) -> dict[str, Any]:
        """Plain values; `from_dict` of them gives the same."""
        return {
            "name": self.name, "kind": self.kind, "risk": self.risk, "en": self.en, "zh": self.zh, "unit": self.unit,
            "choices": [list(one) for one in self.choices], "special": list(self.special),
        }  # fmt: skip


def from_dict(stated: dict[str, Any]) -> Input:
    """The input that `as_dict` wrote."""
    choices = tuple((code, en, zh) for code, en, zh in stated["choices"])
    return Input(**{**stated, "choices": choices, "special": tuple(stated["special"])})


def known(values: Values) -> npt.NDArray[np.bool_]:
    """Where there is a value."""
    return values.is_not_null().to_numpy() if isinstance(values, pl.Series) else ~np.isnan(values)


def infinite(values: Values) -> npt.NDArray[np.bool_]:
    """Where a number is none: a ratio over nothing, say."""
    return np.zeros(len(values), np.bool_) if isinstance(values, pl.Series) else np.isinf(values)


def taken(values: Values, at: npt.NDArray[Any]) -> Values:
    """Some of the values, by a mask or by places."""
    if isinstance(values, pl.Series):
        return values.filter(pl.Series(at)) if at.dtype == np.bool_ else values.gather(at)
    return np.asarray(values[at])
