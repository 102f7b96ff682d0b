"""Charts: what they hold is what the frames hold, in both languages, drawn by Matplotlib and told to ECharts."""

from __future__ import annotations

import json
import shutil
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from books import harbour
from books.harbour import END
from daihou.book.home import open_home
from daihou.runs.nightly import run_all
from daihou.runs.portfolio.chart import Chart, Series
from daihou.runs.portfolio.charts import CHARTS, ageing_chart, migration_chart, roll_chart, vintage_chart
from daihou.runs.portfolio.colours import RAMP, ramp
from daihou.runs.portfolio.echarts import option
from daihou.runs.portfolio.figure import figure
from daihou.runs.portfolio.fonts import chinese_font
from daihou.runs.portfolio.portfolio import Portfolio, portfolio
from once import once

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

JAN, FEB, MAR = date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)
MONTHS = [date(2025, 11, 30), date(2025, 12, 31), JAN, FEB, MAR, END]


def silent(_step: str, _done: int, _all: int) -> None:
    """Show nothing."""


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Portfolio:

    def build(folder: Path) -> None:
        home = open_home(shutil.copytree(harbour.taken_in(tmp_path_factory), folder / "home"), {})
        run_all(home, [(day, day) for day in MONTHS], silent)

    return portfolio(open_home(once(tmp_path_factory, "drawn", build) / "home", {}))


def plain(value: Any) -> Iterator[Any]:
    """All that an option is made of, inside out."""
    if isinstance(value, dict):
        for key, inner in value.items():
            assert isinstance(key, str)
            yield from plain(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from plain(inner)
    else:
        yield value


@pytest.mark.parametrize("chinese", [False, True])
@pytest.mark.parametrize("name", CHARTS)
def test_each_chart_is_drawn_and_told_as_plain_json(book: Portfolio, name: str, chinese: bool) -> None:
    chart = CHARTS[name](getattr(book, name)(), chinese=chinese)
    assert chart.series
    assert all(len(series.values) == len(chart.labels) for series in chart.series)
    told = option(chart)
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert all(isinstance(value, str | int | float | bool | None) for value in plain(told))
    assert told["tooltip"]["renderMode"] == "richText"
    assert any(ord(letter) > 0x2E80 for letter in chart.title + chart.x_name + chart.y_name) == chinese
    if not chinese or chinese_font():
        drawn = figure(chart)
        assert drawn.axes[0].get_title(loc="left") == chart.title


def test_the_bands_of_an_ageing_are_the_shares_past_due(book: Portfolio) -> None:
    found = book.ageing("buckets_m_stages")
    chart = ageing_chart(found)
    assert [series.name for series in chart.series] == [
        "M1",
        "M2",
        "M3",
        "M6",
        "M6+",
    ]  # those that occur, mildest first
    for series in chart.series:
        for day, value in zip(MONTHS, series.values, strict=True):
            cell = found.filter((pl.col("as_of") == day) & (pl.col("standing") == series.name))["balance_share"]
            assert value == (cell[0] if len(cell) else 0.0)
    axes = figure(chart).axes[0]
    assert [band.get_label() for band in axes.collections] == [series.name for series in chart.series]
    only = ageing_chart(found.filter(pl.col("standing") == "M2"))
    assert [series.name for series in only.series] == ["M2"]
    with pytest.raises(ValueError, match="choose one group"):
        ageing_chart(book.ageing(by=["org_id"]))


def test_the_lines_are_the_rates_with_gaps_where_there_is_none() -> None:
    steps = pl.DataFrame(
        {
            "as_of": [JAN, JAN, FEB, FEB, MAR, MAR], "from": ["0", "1"] * 3, "to": ["1", "2"] * 3,
            "balance_rate": [None, None, 0.125, 0.5, None, 0.333333],
        }
    )  # fmt: skip
    chart = roll_chart(steps)
    assert chart.labels == ("2026-01-31", "2026-02-28", "2026-03-31")
    assert chart.series == (Series("0 → 1", (None, 0.125, None)), Series("1 → 2", (None, 0.5, 0.333333)))
    told = option(chart)
    assert [(one["name"], one["data"]) for one in told["series"]] == [
        ("0 → 1", [None, 12.5, None]), ("1 → 2", [None, 50.0, 33.3333]),
    ]  # fmt: skip
    assert told["yAxis"]["axisLabel"]["formatter"] == "{value}%"
    assert told["series"][0]["connectNulls"] is False
    assert told["color"] == [RAMP[0], RAMP[-1]]
    first, second = figure(chart).axes[0].lines
    np.testing.assert_array_equal(np.asarray(first.get_ydata()), [np.nan, 0.125, np.nan])
    assert second.get_label() == "1 → 2"


def test_the_heat_map_of_a_migration_has_a_row_for_each_start(book: Portfolio) -> None:
    found = book.migration()
    chart = migration_chart(found, chinese=True)
    assert chart.labels[-1] == "已核销"
    for series in chart.series:
        assert sum(value or 0 for value in series.values) == pytest.approx(1)
    told = option(chart)
    assert told["yAxis"]["data"] == [series.name for series in chart.series]
    cells = {(across, down): value for across, down, value, _ in told["series"][0]["data"]}
    assert len(cells) == len(chart.labels) * len(chart.series)
    assert cells[0, 0] == round(100 * (chart.series[0].values[0] or 0), 4)
    assert told["series"][0]["label"]["formatter"] == "{@[3]}%"
    (image,) = figure(migration_chart(found)).axes[0].images
    assert image.get_array() is not None


def test_the_curves_of_vintages_end_with_their_youngest_month_and_the_newest_is_strongest(book: Portfolio) -> None:
    found = book.vintages(cohort="quarter")
    chart = vintage_chart(found, 30)
    assert "Ever 30 days past due" in chart.title
    assert "曾逾期30天以上" in vintage_chart(found, 30, chinese=True).title
    assert sum(value is not None for series in chart.series for value in series.values) == found.height
    assert len(chart.series) == found.select("cohort", "currency").n_unique()
    lines = figure(chart).axes[0].lines
    assert lines[-1].get_color() == RAMP[-1]
    assert sum(int(np.isfinite(np.asarray(line.get_ydata(), float)).sum()) for line in lines) == found.height


def test_an_empty_table_is_an_empty_chart(book: Portfolio) -> None:
    for name, made in CHARTS.items():
        chart = made(getattr(book, name)().clear())
        assert json.loads(json.dumps(option(chart)))["title"]["text"] == chart.title
        assert figure(chart).axes


def test_counts_and_amounts_are_told_as_they_are() -> None:
    chart = Chart("x", "bars", ("a", "b"), (Series("n", (1234.0, None)),), "count")
    told = option(chart)
    assert told["series"][0]["data"] == [1234.0, None]
    assert "formatter" not in told["yAxis"]["axisLabel"]
    assert "1,234" in [text.get_text() for text in _ticks(chart, 1234)]


def _ticks(chart: Chart, at: float) -> list[Any]:
    axis = figure(chart).axes[0].yaxis
    axis.set_ticks([at])
    return list(axis.get_ticklabels())


def test_the_ramp_goes_from_sand_to_wine() -> None:
    assert ramp(1) == [RAMP[-1]]
    assert ramp(4) == list(RAMP)
    assert ramp(2) == [RAMP[0], RAMP[-1]]
    assert len(set(ramp(7))) == 7
    assert ramp(0) == []
