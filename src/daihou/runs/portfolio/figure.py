"""A chart drawn by Matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import matplotlib as mpl
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from daihou.runs.portfolio.colours import INK, LINE, MUTED, RAMP, ramp
from daihou.runs.portfolio.fonts import family

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from daihou.runs.portfolio.chart import Chart, Unit

SIZE: Final = (10, 5)
ROOM: Final = 96
"""Letters that fit along the x axis: more labels than these hold are thinned out."""
LEGEND_ROWS: Final = 16
MANY: Final = 10_000
"""From here on counts and amounts are told by thousands separators alone, without decimals."""


def figure(chart: Chart) -> Figure:
    """The picture of a chart; Chinese in it shows where a font for it is installed."""
    fonts = family()
    with mpl.rc_context({"font.family": fonts, "font.size": 9, "text.color": INK, "axes.labelcolor": MUTED}):
        drawn = Figure(figsize=SIZE, layout="constrained")
        axes = drawn.subplots()
        axes.set_title(chart.title, loc="left", fontsize=11)
        axes.set_xlabel(chart.x_name)
        axes.set_ylabel(chart.y_name)
        {"areas": _areas, "lines": _lines, "bars": _bars, "heat_map": _heat_map}[chart.kind](axes, chart)
        axes.tick_params(colors=MUTED, length=0, labelfontfamily=fonts)
        axes.spines[:].set_visible(False)
        letters = sum(len(label) + 2 for label in chart.labels)
        step = max(-(-letters // ROOM), 1) if chart.kind != "heat_map" else 1
        axes.set_xticks(range(0, len(chart.labels), step), chart.labels[::step])
        if chart.kind != "heat_map":
            told = [value or 0 for series in chart.series for value in series.values]
            if min(told, default=0) >= 0:
                axes.set_ylim(bottom=0, top=None if any(told) else 1)
            axes.yaxis.set_major_formatter(lambda value, _place: _marked(value, chart.unit))
            axes.grid(axis="y", color=LINE, linewidth=0.8)
            axes.set_axisbelow(True)
            if chart.series:
                columns = -(-len(chart.series) // LEGEND_ROWS)
                drawn.legend(loc="outside right upper", frameon=False, ncols=columns, fontsize=8)
    return drawn


def _values(values: tuple[float | None, ...]) -> list[float]:
    return [float("nan") if value is None else float(value) for value in values]


def _areas(axes: Axes, chart: Chart) -> None:
    bands = [_values(series.values) for series in chart.series]
    if bands and chart.labels:
        names, colours = [series.name for series in chart.series], ramp(len(bands))
        axes.stackplot(range(len(chart.labels)), bands, labels=names, colors=colours, linewidth=0)


def _lines(axes: Axes, chart: Chart) -> None:
    for series, colour in zip(chart.series, ramp(len(chart.series)), strict=True):
        values = _values(series.values)
        # With marks, since a value between two gaps has no line.
        axes.plot(range(len(values)), values, marker="o", markersize=2.5, label=series.name, color=colour)


def _bars(axes: Axes, chart: Chart) -> None:
    width = 0.8 / max(len(chart.series), 1)
    for place, (series, colour) in enumerate(zip(chart.series, ramp(len(chart.series)), strict=True)):
        offset = (place - (len(chart.series) - 1) / 2) * width
        axes.bar(
            [at + offset for at in range(len(chart.labels))],
            _values(series.values),
            width,
            label=series.name,
            color=colour,
        )


def _heat_map(axes: Axes, chart: Chart) -> None:
    rows = [_values(series.values) for series in chart.series]
    if not rows:
        return
    colours = LinearSegmentedColormap.from_list("arrears", ["#FFFFFF", *RAMP])
    top = 1.0 if chart.unit == "share" else None
    axes.imshow(rows, aspect="auto", cmap=colours, vmin=0, vmax=top)
    axes.set_yticks(range(len(rows)), [series.name for series in chart.series])
    for down, row in enumerate(rows):
        for across, value in enumerate(row):
            if value:
                dark = chart.unit == "share" and value > 0.5
                ink = "#FFFFFF" if dark else INK
                axes.text(across, down, _said(value, chart.unit), ha="center", va="center", fontsize=8, color=ink)


def _marked(value: float, unit: Unit) -> str:
    """A mark of an axis: no more decimals than it needs."""
    return f"{100 * value:.6g}%" if unit == "share" else _said(value, unit)


def _said(value: float, unit: Unit) -> str:
    if unit == "share":
        return f"{value:.0%}" if value == 0 or abs(value) >= 0.1 else f"{value:.1%}"
    return f"{value:,.0f}" if unit == "count" or abs(value) >= MANY else f"{value:,.2f}"
