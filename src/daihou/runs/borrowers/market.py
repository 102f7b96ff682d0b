"""The family market: series of the economy on a date, as known on another. A value that is too old, or was never sent, is none."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from itertools import takewhile
from typing import TYPE_CHECKING, Final

import polars as pl

from daihou.book import lake
from daihou.book.days import add_months

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from daihou.book.home import Home
    from daihou.policies import market as policy
    from daihou.policies.dated import Dated

    Value = Decimal | float | int | None

TABLE: Final = "macro"
YEAR: Final = 12
EVEN: Final = Decimal(50)
"""Where the purchasing index neither grows nor shrinks."""
PLACES: Final = Decimal("1e-8")


@dataclass(frozen=True, slots=True)
class Market:
    """All versions of all values of all series, in order of (series, period_end, known_on, arrival)."""

    rows: pl.DataFrame
    policy: Dated[policy.Market]
    kept: dict[tuple[dt.date, dt.date], dict[str, Value]] = field(default_factory=dict)
    """What was told of the last pair of dates, for those who ask of one borrower after the other."""

    def on(self, as_of: dt.date, known_on: dt.date) -> dict[str, Value]:
        """The measures of the family by name."""
        pair = as_of, known_on
        if pair not in self.kept:
            told = self._told(as_of, known_on)
            self.kept.clear()
            self.kept[pair] = told
        return self.kept[pair]

    def _told(self, as_of: dt.date, known_on: dt.date) -> dict[str, Value]:
        chosen = self.policy.on(as_of).values
        known = self.rows.filter(pl.col("period_end") <= as_of, pl.col("known_on") <= known_on)
        known = known.unique(["series", "period_end"], keep="last", maintain_order=True)

        def course(series: str, scale: Decimal = Decimal(1)) -> _Course:
            of = known.filter(pl.col("series") == series).select("period_end", "value")
            values = {_month(end): value * scale for end, value in of.iter_rows()}
            oldest = add_months(as_of, -chosen.oldest_months)
            return _Course(values, fresh=not of.filter(pl.col("period_end") >= oldest).is_empty())

        houses, purchasing = course(chosen.house_prices), course(chosen.purchasing_index)
        jobless, lending = (course(series, chosen.rate) for series in (chosen.unemployment, chosen.lending_rate))
        return {
            "house_price_change_12m": houses.growth(),
            "unemployment": _rate(jobless.newest), "unemployment_change_12m": _rate(jobless.change()),
            "lending_rate": _rate(lending.newest), "lending_rate_change_12m": _rate(lending.change()),
            "purchasing_index": None if purchasing.newest is None else float(purchasing.newest),
            "purchasing_index_months_below_50": purchasing.months_below(EVEN),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Course:
    """One series: by count of months the last value of each, in order, and whether the newest is new enough to say anything."""

    values: dict[int, Decimal]
    fresh: bool

    @property
    def newest(self) -> Decimal | None:
        return self.values[self._month] if self.fresh else None

    @property
    def _month(self) -> int:
        return max(self.values)

    def _before(self) -> Decimal | None:
        """The value of the same month a year before the newest."""
        return self.values.get(self._month - YEAR) if self.fresh else None

    def change(self) -> Decimal | None:
        """The newest value less that of a year before."""
        newest, before = self.newest, self._before()
        return None if newest is None or before is None else newest - before

    def growth(self) -> float | None:
        """The change as a share of the value a year before; none where that is not above 0."""
        change, before = self.change(), self._before()
        return None if change is None or before is None or before <= 0 else float(change / before)

    def months_below(self, bar: Decimal) -> int | None:
        """Months in a row up to the newest whose value is below a bar; a month without a value ends the row."""
        if not self.fresh:
            return None
        back = range(self._month, min(self.values) - 1, -1)
        return sum(1 for _ in takewhile(lambda month: month in self.values and self.values[month] < bar, back))


def _month(day: dt.date) -> int:
    return day.year * YEAR + day.month


def _rate(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(PLACES)


def read(home: Home, lake_versions: Mapping[str, int], policy: Dated[policy.Market]) -> Market | None:
    """The series of a home at the lake's versions; None where none was ever sent."""
    files = lake.files_as_of(home, TABLE, lake_versions)
    if not files:
        return None
    columns = ("series", "period_end", "value", "known_on")
    arrival = ("batch", "row")
    rows = (
        pl.scan_parquet(files).select(*columns, *arrival).collect().sort("series", "period_end", "known_on", *arrival)
    )
    return Market(rows.select(columns), policy)
