"""The charts of the overview: each with a link for every point to the loans behind it, and the same figures as a table."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import polars as pl
from django.urls import reverse

from daihou.book.days import add_months
from daihou.desk.portfolio.columns import chinese
from daihou.desk.portfolio.summary import LIVE_LOANS, STAGES
from daihou.runs.portfolio.charts import ageing_chart, first_payment_chart, roll_chart, vintage_chart
from daihou.runs.portfolio.echarts import option
from daihou.runs.portfolio.panel import month_before

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from daihou.desk.portfolio.book import Book, Cut
    from daihou.runs.portfolio.chart import Chart

    Address = Callable[[int, int], Mapping[str, str] | None]
    """What the point of a series asks of the list of loans."""

VINTAGE_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart ready for the page."""

    name: str
    chart: Chart
    ramp: str
    links: list[list[str | None]]

    @property
    def json(self) -> str:
        """What the page's script reads: no sign that could end its element."""
        text = json.dumps({"option": option(self.chart), "links": self.links}, ensure_ascii=False, separators=(",", ":"))
        return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")

    @property
    def table(self) -> list[tuple[str, list[tuple[float | None, str | None]]]]:
        """A row a label, a figure and its link a series."""
        return [
            (label, [(series.values[place], self.links[number][place]) for number, series in enumerate(self.chart.series)])
            for place, label in enumerate(self.chart.labels)
        ]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(value for series in self.chart.series for value in series.values)


def draw(name: str, found: Book, chosen: Cut) -> Drawing:
    """One of the charts by its name; KeyError for another."""
    return DRAWN[name](found, chosen)


def _made(name: str, chart: Chart, ramp: str, address: Address, found: Book, chosen: Cut) -> Drawing:
    last = found.pairs[-1]

    def link(series: int, point: int) -> str | None:
        asked = address(series, point)
        if asked is None or chart.series[series].values[point] is None:
            return None
        dated = {"as_of": last[0].isoformat(), "known_on": last[1].isoformat()}
        return f"{reverse('loans')}?{urlencode({**dated, **dict(chosen.chosen), **asked})}"

    links = [[link(series, point) for point in range(len(chart.labels))] for series in range(len(chart.series))]
    return Drawing(name, chart, ramp, links)


def _buckets(found: Book, chosen: Cut) -> Drawing:
    chart = ageing_chart(found.over.ageing(STAGES), chinese=chinese())
    scheme, known = found.over.scheme(STAGES), {as_of.isoformat(): known_on for as_of, known_on in found.pairs}
    ranges = dict(zip(scheme.labels, [f"{low + 1}..{high}" for low, high in zip([-1, *scheme.ends], [*map(str, scheme.ends), ""], strict=True)], strict=True))

    def address(series: int, point: int) -> dict[str, str]:
        day = chart.labels[point]
        return {"as_of": day, "known_on": known[day].isoformat(), "state": LIVE_LOANS, "dpd": ranges[chart.series[series].name]}

    return _made("buckets", chart, "arrears", address, found, chosen)


def _rolls(found: Book, chosen: Cut) -> Drawing:
    chart = roll_chart(found.over.rolls(), chinese=chinese())
    dates = [as_of for as_of, _ in found.pairs]
    known = {as_of.isoformat(): known_on for as_of, known_on in found.pairs}

    def address(series: int, point: int) -> dict[str, str] | None:
        day = chart.labels[point]
        before = month_before(dt.date.fromisoformat(day), dates)
        if before is None:
            return None
        was, _, now = chart.series[series].name.partition(" → ")
        return {"as_of": day, "known_on": known[day].isoformat(), "since": before.isoformat(), "was": was, "now": now}

    return _made("rolls", chart, "arrears", address, found, chosen)


def _vintages(found: Book, chosen: Cut) -> Drawing:
    frame = found.over.vintages(VINTAGE_DAYS, "quarter")
    base = frame.filter(pl.col("currency") == _main_currency(frame)) if frame["currency"].n_unique() > 1 else frame
    chart = vintage_chart(base, VINTAGE_DAYS, cohort="quarter", chinese=chinese())
    starts = base["cohort"].unique().sort().to_list()

    def address(series: int, _point: int) -> dict[str, str]:
        first = starts[series]
        last = add_months(first, 3) - dt.timedelta(days=1)
        return {"disbursed_on": f"{first}..{last}", "where": f"max_dpd_ever > {VINTAGE_DAYS} or state = 'written_off'"}

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
        return {"disbursed_on": f"{first}..{last}", "first_payment_max_dpd": f"{chart.series[series].name.removeprefix('FPD')}.."}

    return _made("first_payments", chart, "equal", address, found, chosen)


DRAWN: Final[dict[str, Callable[[Book, Cut], Drawing]]] = {
    "buckets": _buckets, "rolls": _rolls, "vintages": _vintages, "first_payments": _first_payments,
}  # fmt: skip
"""The charts by name."""


def as_rows(drawing: Drawing) -> list[list[Any]]:
    """The figures as rows of a file, the heading first; shares as fractions of one."""
    head = [drawing.chart.x_name, *(series.name for series in drawing.chart.series)]
    return [head, *([label, *("" if value is None else value for value, _ in cells)] for label, cells in drawing.table)]
