"""A chart as an option of Apache ECharts 6: plain values that become JSON, no functions, fit for a strict content security policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from daihou.runs.portfolio.colours import INK, LINE, MUTED, RAMP, ramp

if TYPE_CHECKING:
    from daihou.runs.portfolio.chart import Chart, Unit

    Option = dict[str, Any]

PLACES: Final = 4
"""Decimals of a share in percent."""
GRID: Final = {
    "left": 16, "right": 24, "top": 72, "bottom": 16, "outerBoundsMode": "same", "outerBoundsContain": "all",
}  # fmt: skip
"""Labels and names of the axes lie within the margins."""


def option(chart: Chart) -> Option:
    """The option of a chart. Shares are in percent; what is not known is null and leaves a gap."""
    heat = chart.kind == "heat_map"
    found: Option = {
        "title": {"text": chart.title, "textStyle": {"color": INK, "fontSize": 14, "fontWeight": "normal"}},
        "aria": {"enabled": True},
        "textStyle": {"color": INK},
        # Tooltips drawn on the canvas: HTML ones would set styles that a strict content security policy refuses.
        "tooltip": {"renderMode": "richText", "trigger": "item" if heat else "axis", "confine": True},
        "grid": dict(GRID),
        "xAxis": {**_axis(chart.x_name), "nameLocation": "middle", "type": "category", "data": list(chart.labels)},
    }
    if heat:
        return {**found, **_heat_map(chart)}
    return {
        **found,
        "color": ramp(len(chart.series)) if chart.series else list(RAMP),
        "legend": {"type": "scroll", "top": 32, "data": [series.name for series in chart.series]},
        "yAxis": {
            **_axis(chart.y_name),
            "type": "value",
            "axisLabel": {"color": MUTED, **({"formatter": "{value}%"} if chart.unit == "share" else {})},
            "splitLine": {"lineStyle": {"color": LINE}},
        },
        "series": [
            {
                "name": series.name,
                "data": [_value(value, chart.unit) for value in series.values],
                **_KINDS[chart.kind],
            }
            for series in chart.series
        ],
    }


_KINDS: Final[dict[str, Option]] = {
    "lines": {"type": "line", "showSymbol": True, "symbolSize": 4, "connectNulls": False},
    "areas": {
        "type": "line",
        "stack": "all",
        "areaStyle": {"opacity": 1},
        "lineStyle": {"width": 0},
        "showSymbol": False,
    },
    "bars": {"type": "bar"},
}


def _heat_map(chart: Chart) -> Option:
    """A cell is [column, row, value, value to be read]; the last one is rounded."""
    cells = [
        [across, down, number, round(number, 1)]
        for down, series in enumerate(chart.series)
        for across, value in enumerate(series.values)
        if (number := _value(value, chart.unit)) is not None
    ]
    share = chart.unit == "share"
    top = 100 if share else max((cell[2] for cell in cells), default=1)
    sign = "%" if share else ""
    return {
        "yAxis": {
            **_axis(chart.y_name), "type": "category", "inverse": True, "data": [series.name for series in chart.series],
        },
        "visualMap": {
            "min": 0, "max": top, "dimension": 2, "calculable": False, "show": False, "inRange": {"color": ["#FFFFFF", *RAMP]},
        },
        "series": [
            {
                "type": "heatmap", "name": chart.title, "data": cells, "encode": {"x": 0, "y": 1, "value": 2, "tooltip": [2]},
                "label": {"show": True, "formatter": f"{{@[3]}}{sign}"},
            }
        ],
    }  # fmt: skip


def _axis(name: str) -> Option:
    return {"name": name, "nameTextStyle": {"color": MUTED}, "axisLabel": {"color": MUTED}, "axisTick": {"show": False}}


def _value(value: float | None, unit: Unit) -> float | None:
    if value is None:
        return None
    return round(100 * float(value), PLACES) if unit == "share" else float(value)
