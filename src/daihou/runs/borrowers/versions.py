"""Rows of a versioned table, arranged once so that those in force on any date, as known on any other, are found quickly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    import datetime as dt

ARRIVAL: Final = ("batch", "row")
DATES: Final = ("effective_on", "known_on")


@dataclass(frozen=True, slots=True)
class Versions:
    """Versions of keys. Most keys have one, which holds from ever and needs no search."""

    key: str
    single: pl.DataFrame
    """Keys with one version: the key, its values, `known_on`."""
    several: pl.DataFrame
    """Versions of the other keys in order of (key, effective_on, known_on, arrival)."""

    def in_force(self, as_of: dt.date, known_on: dt.date) -> pl.DataFrame:
        """The key and values of each key known on `known_on`, as in force on `as_of`; before its first version that one holds."""
        known = pl.col("known_on") <= known_on
        single = self.single.filter(known).drop("known_on")
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
    again = rows[key].is_duplicated()
    kept = pl.exclude(*DATES, *ARRIVAL, *([first_from] if first_from else []))
    single = rows.filter(~again).select(kept, "known_on")
    since = pl.lit(None, pl.Date) if first_from is None else pl.col(first_from)
    earliest = pl.col("known_on") == pl.col("known_on").min().over(key)
    assumed = pl.when(earliest).then(since.fill_null(pl.date(1, 1, 1))).otherwise("known_on")
    several = rows.filter(again).with_columns(effective_on=pl.coalesce("effective_on", assumed))
    return Versions(key, single, several.sort(key, *DATES, *ARRIVAL).select(kept, *DATES))
