"""Rows of a versioned table, arranged once so that those in force on any date, as known on any other, are found quickly."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import polars as pl

from daihou.runs.borrowers.places import Places
from daihou.runs.borrowers.since import those

if TYPE_CHECKING:
    import datetime as dt

ARRIVAL: Final = ("batch", "row")
DATES: Final = ("effective_on", "known_on")


@dataclass(frozen=True)
class Versions:
    """Versions of keys. Most keys have one, which holds from ever and needs no search."""

    key: str
    first_from: str | None
    """The column that says from when the version known first holds; None: from ever."""
    rows: pl.DataFrame
    """All rows as they were given."""
    once: pl.Series | None
    """Which of them are the only version of their key; None: all are."""
    several: pl.DataFrame
    """Versions of the other keys in order of (key, effective_on, known_on, arrival)."""

    @cached_property
    def names(self) -> list[str]:
        """The key and the values."""
        apart = {*DATES, *ARRIVAL, self.first_from}
        return [name for name in self.rows.columns if name not in apart]

    @cached_property
    def places(self) -> Places:
        """Rows by key, where that is a text."""
        return Places(self.rows[self.key])

    def among(self, keys: pl.Series, came: pl.DataFrame | None = None) -> Versions:
        """Those of some keys, with rows of theirs that came since."""
        rows = self.rows[self.places.rows_of(keys)[1]]
        if came is not None:
            rows = pl.concat([rows, came.select(rows.columns).cast(rows.schema)])
        return versions(rows, self.key, self.first_from)

    def in_force(self, as_of: dt.date, known_on: dt.date) -> pl.DataFrame:
        """The key and values of each key known on `known_on`, as in force on `as_of`; before its first version that one holds."""
        known = pl.col("known_on") <= known_on
        rows, by_then = self.rows, self.rows["known_on"] <= known_on
        single = those(rows, by_then) if self.once is None else those(rows, by_then, self.once)
        single = pl.DataFrame([single.get_column(name) for name in self.names])
        if self.several.is_empty():
            return single
        several = self.several.filter(known)
        begun = several.filter(pl.col("effective_on") <= as_of).unique(self.key, keep="last", maintain_order=True)
        first = several.unique(self.key, keep="first", maintain_order=True).join(begun, on=self.key, how="anti")
        return pl.concat([single, *(rows.select(single.columns) for rows in (begun, first))])


def versions(rows: pl.DataFrame, key: str, first_from: str | None = None) -> Versions:
    """Arrange rows of a key, its values, `effective_on`, `known_on`, `batch` and `row`.

    A row without `effective_on` holds from when it was known; of the rows known first, from the date in column `first_from` or from ever.
    """
    again = rows[key].is_duplicated() if rows.height > 1 else None
    if again is None or not again.any():
        return Versions(key, first_from, rows, None, rows.clear())
    since = pl.lit(None, pl.Date) if first_from is None else pl.col(first_from)
    earliest = pl.col("known_on") == pl.col("known_on").min().over(key)
    assumed = pl.when(earliest).then(since.fill_null(pl.date(1, 1, 1))).otherwise("known_on")
    several = rows.filter(again).with_columns(effective_on=pl.coalesce("effective_on", assumed))
    return Versions(key, first_from, rows, ~again, several.sort(key, *DATES, *ARRIVAL))
