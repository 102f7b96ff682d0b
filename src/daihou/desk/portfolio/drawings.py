"""The charts of the overview: each with a link for every point to the loans behind it, and the same figures as a table."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import polars as pl
from django.urls import reverse

from daihou.book.days import add_months
from daihou.desk.portfolio.book import STAGES
from daihou.desk.portfolio.columns import chinese
from daihou.desk.portfolio.reading import SCHEME
from daihou.desk.portfolio.summary import LIVE_LOANS
from daihou.desk.portfolio.vintage import DAYS, Vintage
from daihou.runs.portfolio.charts import ageing_chart, first_payment_chart, roll_chart, vintage_chart
from daihou.runs.portfolio.echarts import option

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from daihou.desk.portfolio.book import Book, Cut
    from daihou.policies.buckets import Buckets
    from daihou.runs.portfolio.chart import Chart

    Address = Callable[[int, int], Mapping[str, str] | None]
    """What the point of a series asks of the list of loans."""


FEW: Final = 30
"""A roll rate from fewer loans than this says more of chance than of the book, and is not drawn."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart ready for the page."""

    name: str
    chart: Chart
    ramp: str
    links: list[list[str | None]]

    @property
    def data(self) -> dict[str, Any]:
        """What the page's script reads."""
        return {"option": option(self.chart), "links": self.links}

    @property
    def table(self) -> list[tuple[str, list[tuple[float | None, str | None]]]]:
        """A row a label, a figure and its link a series."""
        return [
            (
                label,
                [(series.values[place], self.links[number][place]) for number, series in enumerate(self.chart.series)],
            )
            for place, label in enumerate(self.chart.labels)
        ]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(value for series in self.chart.series for value in series.values)


def draw(name: str, found: Book, chosen: Cut) -> Drawing:
    """One of the charts by its name; KeyError for another."""
    drawn: Drawing = found.once(("drawn", name, chosen, chinese()), lambda: DRAWN[name](found, chosen))
    return drawn


def _made(name: str, chart: Chart, ramp: str, address: Address, found: Book, chosen: Cut) -> Drawing:
    last = found.pairs[-1]

    def link(series: int, point: int) -> str | None:
        asked = address(series, point)
        if asked is None or chart.series[series].values[point] is None:
            return None
        dated = {"as_of": last[0].isoformat(), "known_on": last[1].isoformat()}
        return f"{reverse('loans')}?{urlencode({**dated, **chosen.asked, **asked})}"

    links = [[link(series, point) for point in range(len(chart.labels))] for series in range(len(chart.series))]
    return Drawing(name, chart, ramp, links)


def _ranges(scheme: Buckets) -> dict[str, str]:
    """What a scheme's measure is in each bucket, as a list's filter says it."""
    bounds = zip(scheme.labels, [-1, *scheme.ends], [*map(str, scheme.ends), ""], strict=True)
    return {label: f"{low + 1}..{high}" for label, low, high in bounds}


def _buckets(found: Book, chosen: Cut) -> Drawing:
    chart, scheme = ageing_chart(found.over.ageing(STAGES), chinese=chinese()), found.over.scheme(STAGES)
    ranges, known = _ranges(scheme), {as_of.isoformat(): known_on for as_of, known_on in found.pairs}

    def address(series: int, point: int) -> dict[str, str]:
        day = chart.labels[point]
        asked = {"state": LIVE_LOANS, scheme.measure: ranges[chart.series[series].name]}
        return {"as_of": day, "known_on": known[day].isoformat(), **asked}

    made = _made("buckets", chart, "arrears", address, found, chosen)
    named = tuple(replace(series, name=f"{series.name} {_days(ranges[series.name])}") for series in chart.series)
    return replace(made, chart=replace(chart, series=named))


def _days(asked: str) -> str:
    """A range of days as a legend says it: 31–60, >180."""
    low, _, high = asked.partition("..")
    return f"{low}–{high}" if high else f">{int(low) - 1}"


def _rolls(found: Book, chosen: Cut) -> Drawing:
    """Of a rate the loans above the line: all that stand in the later bucket, wherever they came from."""
    rates = found.over.rolls(SCHEME)
    told = pl.when(pl.col("loans_before") >= FEW).then(pl.col("balance_rate"))
    chart, scheme = (
        roll_chart(rates.with_columns(told.alias("balance_rate")), chinese=chinese()),
        found.over.scheme(SCHEME),
    )
    ranges, known = _ranges(scheme), {as_of.isoformat(): known_on for as_of, known_on in found.pairs}

    def address(series: int, point: int) -> dict[str, str]:
        day, now = chart.labels[point], chart.series[series].name.rpartition(" → ")[2]
        return {"as_of": day, "known_on": known[day].isoformat(), "state": LIVE_LOANS, scheme.measure: ranges[now]}

    return _made("rolls", chart, "arrears", address, found, chosen)


def _vintages(found: Book, chosen: Cut) -> Drawing:
    frame = found.over.vintages(DAYS, "quarter")
    currency = {"currency": _main_currency(frame)} if frame["currency"].n_unique() > 1 else {}
    base = frame.filter(currency=currency["currency"]) if currency else frame
    chart = vintage_chart(base, DAYS, cohort="quarter", chinese=chinese())
    starts = base["cohort"].unique().sort().to_list()

    def address(series: int, point: int) -> dict[str, str]:
        return {**currency, "vintage": str(Vintage(starts[series], int(chart.labels[point])))}

    return _made("vintages", chart, "age", address, found, chosen)


def _main_currency(frame: pl.DataFrame) -> str:
    """The currency of most loans: cohorts of several cannot be drawn in one chart."""
    return str(frame.group_by("currency").agg(pl.col("loans").max()).sort("loans")["currency"][-1])


def _first_payments(found: Book, chosen: Cut) -> Drawing:
    frame = found.over.first_payments()
    chart = first_payment_chart(frame, chinese=chinese())
    starts = frame["cohort"].to_list()

    def address(series: int, point: int) -> dict[str, str]:
        first = starts[point]
        last = add_months(first, 1) - dt.timedelta(days=1)
        days = int(chart.series[series].name.removeprefix("FPD"))
        due = found.pairs[-1][0] - dt.timedelta(days=days)
        return {"disbursed_on": f"{first}..{last}", "first_due_on": f"..{due}", "first_payment_max_dpd": f"{days}.."}

    return _made("first_payments", chart, "equal", address, found, chosen)


DRAWN: Final[dict[str, Callable[[Book, Cut], Drawing]]] = {
    "buckets": _buckets, "rolls": _rolls, "vintages": _vintages, "first_payments": _first_payments,
}  # fmt: skip
"""The charts by name."""


def as_rows(drawing: Drawing) -> list[list[Any]]:
    """The figures as rows of a file, the heading first; shares as fractions of one."""
    head = [drawing.chart.x_name, *(series.name for series in drawing.chart.series)]
    return [head, *([label, *("" if value is None else value for value, _ in cells)] for label, cells in drawing.table)]
