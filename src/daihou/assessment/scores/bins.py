"""The bins of a characteristic: where each value falls. The last bins are those of special values, of other codes, and of nothing known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

if TYPE_CHECKING:
    import numpy.typing as npt

    from daihou.assessment.scores.inputs import Values

UNSEEN_EN: Final = "other"
UNSEEN_ZH: Final = "其他"
MISSING_EN: Final = "not known"
MISSING_ZH: Final = "缺失"


@dataclass(frozen=True)
class Bins:
    """Of numbers: `splits` part them, each split the lowest value of the bin after it. Of codes: a group of codes a bin."""

    name: str
    splits: tuple[float, ...] = ()
    groups: tuple[tuple[str, ...], ...] = ()
    special: tuple[float, ...] = ()

    @property
    def codes(self) -> bool:
        """Whether it is of codes."""
        return bool(self.groups)

    @property
    def plain(self) -> int:
        """How many bins hold ordinary values."""
        return len(self.groups) if self.codes else len(self.splits) + 1

    @property
    def unseen(self) -> int | None:
        """The bin of codes that training did not see; None of numbers."""
        return self.plain if self.codes else None

    @property
    def missing(self) -> int:
        """The bin of what is not known, the last one."""
        return self.plain + len(self.special) + self.codes

    @property
    def count(self) -> int:
        """All bins."""
        return self.missing + 1

    @cached_property
    def _places(self) -> dict[str, int]:
        return {code: place for place, group in enumerate(self.groups) for code in group}

    def place(self, values: Values) -> npt.NDArray[np.int16]:
        """The bin of each value: of numbers floats with NaN for what is not known, of codes a series of texts with nulls."""
        if isinstance(values, pl.Series):
            return self._of_codes(values)
        found = np.searchsorted(np.asarray(self.splits), values, side="right").astype(np.int16)
        for at, value in enumerate(self.special):
            found[values == value] = self.plain + at
        found[np.isnan(values)] = self.missing
        return found

    def _of_codes(self, values: pl.Series) -> npt.NDArray[np.int16]:
        every = values.unique().drop_nulls().to_list()
        places = {code: self._places.get(code, self.plain) for code in every}
        if not places:
            return np.full(len(values), self.missing, np.int16)
        told = values.replace_strict(places, default=None, return_dtype=pl.Int16).fill_null(self.missing)
        return told.to_numpy().astype(np.int16)

    def said(self, place: int, *, chinese: bool) -> str:
        """A bin in words."""
        if place == self.missing:
            return MISSING_ZH if chinese else MISSING_EN
        if self.codes:
            if place == self.unseen:
                return UNSEEN_ZH if chinese else UNSEEN_EN
            return ("、" if chinese else ", ").join(self.groups[place])
        if place >= self.plain:
            return f"= {number(self.special[place - self.plain])}"
        low = None if place == 0 else number(self.splits[place - 1])
        high = None if place == len(self.splits) else number(self.splits[place])
        if low is None:
            return ("任意值" if chinese else "any") if high is None else f"< {high}"
        return f"≥ {low}" if high is None else f"{low} – < {high}"

    def as_dict(self) -> dict[str, Any]:
        """Plain values; `from_dict` of them gives the same."""
        return {
            "name": self.name, "splits": list(self.splits), "groups": [list(group) for group in self.groups], "special": list(self.special),
        }  # fmt: skip


def from_dict(stated: dict[str, Any]) -> Bins:
    """The bins that `as_dict` wrote."""
    groups = tuple(tuple(group) for group in stated["groups"])
    return Bins(stated["name"], tuple(stated["splits"]), groups, tuple(stated["special"]))


def number(value: float) -> str:
    """A number as short as it can be told exactly, thousands parted."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.6g}"
