"""The chart of a measure's history: its line, the thresholds by level, and the dates without data, as an ECharts option."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from daihou.desk.governance import labels

if TYPE_CHECKING:
    from daihou.desk.alerts.history import History

SCALES: Final = {True: ((10**8, "亿"), (10**4, "万")), False: ((10**9, "B"), (10**6, "M"), (10**3, "K"))}
"""By which large amounts are told along the axis, in Chinese and in English."""
MONEY: Final = ("amount", "base_amount")
SHARES: Final = ("share", "rate")
AXIS_LABEL: Final = {"color": "--dh-muted", "fontSize": 11, "hideOverlap": True}
SHORT: Final = 18
"""Characters of a threshold that have room beside the chart."""
FULL_DATES_MONTHS: Final = 3
"""Of so many months the dates are told in full, of more their months."""


def option(history: History) -> dict[str, Any]:
    """The option of the chart; colours by the names of their tokens."""
    size, unit = _scale(history)
    days = [point.day.isoformat() for point in history.points]
    values = [_scaled(point.value, size) for point in history.points]
    label = {**AXIS_LABEL, **({"formatter": "{value}"} if history.months <= FULL_DATES_MONTHS else {})}
    series = [_line(history, values, size)]
    if history.moving:
        limits = [_scaled(point.limit, size) for point in history.points]
        series.append(
            {
                "name": _("Compared with"), "type": "line", "symbol": "none", "data": limits, "connectNulls": False,
                "lineStyle": {"width": 1.5, "type": "dashed", "color": "--dh-bad"}, "itemStyle": {"color": "--dh-bad"},
            }
        )  # fmt: skip
    return {
        "tooltip": {"trigger": "axis"},
        "grid": {"left": 8, "right": 104 if history.thresholds else 32, "top": 28, "bottom": 4, "outerBoundsMode": "same", "outerBoundsContain": "axisLabel"},
        "xAxis": [
            {"type": "category", "data": days, "axisLabel": label},
            {"type": "category", "data": days, "show": False, "axisPointer": {"show": False, "triggerTooltip": False}},
        ],
        "yAxis": [
            {
                "type": "value", "min": _least(history), "max": _most(history, size), "splitNumber": 4,
                "axisLabel": {**AXIS_LABEL, "formatter": f"{{value}}{unit}"},
            },
            {"type": "value", "min": 0, "max": 1, "show": False},
        ],
        "series": [*series, *([_gaps(history)] if history.missing else [])],
    }  # fmt: skip


def _line(history: History, values: list[float | None], size: float) -> dict[str, Any]:
    last = max((place for place, value in enumerate(values) if value is not None), default=None)
    marks = [
        {
            "yAxis": one.value / size, "lineStyle": {"color": f"--dh-{one.level}-dot", "type": "dashed", "width": 1.2},
            "label": {"formatter": _short(one.told), "color": f"--dh-{one.level}-fg", "fontSize": 11, "position": "end"},
        }
        for one in history.thresholds
    ]  # fmt: skip
    ends = (
        []
        if last is None
        else [
            {
                "coord": [last, values[last]],
                "value": history.points[last].said,
                "label": {"formatter": history.points[last].said},
            }
        ]
    )
    return {
        "name": history.label, "type": "line", "data": values, "connectNulls": False, "symbol": "circle", "symbolSize": 5,
        "lineStyle": {"width": 2, "color": "--dh-s1"}, "itemStyle": {"color": "--dh-s1"},
        "markLine": {"silent": True, "symbol": "none", "data": marks},
        "markPoint": {
            "symbol": "circle", "symbolSize": 9, "itemStyle": {"color": "--dh-s1", "borderColor": "--dh-surface", "borderWidth": 2},
            "label": {"position": "top", "distance": 8, "color": "--dh-ink", "fontWeight": 600, "fontSize": 12}, "data": ends,
        },
    }  # fmt: skip


def _gaps(history: History) -> dict[str, Any]:
    """Hatched bars on the dates without data, on axes of their own, so that no tooltip counts them."""
    hatched = {
        "color": "--dh-grey-bg",
        "decal": {"symbol": "rect", "color": "--dh-grey-dot", "dashArrayX": [1, 0], "dashArrayY": [1, 5], "rotation": -0.785},
    }  # fmt: skip
    data = [1 if point.value is None else None for point in history.points]
    return {
        "name": pgettext("condition", "no data"), "type": "bar", "silent": True, "xAxisIndex": 1, "yAxisIndex": 1, "barWidth": "100%", "z": 0,
        "itemStyle": hatched, "data": data,
    }  # fmt: skip


def _numbers(history: History) -> list[float]:
    found = [value for point in history.points for value in (point.value, point.limit) if value is not None]
    return found + [one.value for one in history.thresholds]


def _scale(history: History) -> tuple[float, str]:
    """By what values are divided along the axis, and what stands after them."""
    if history.measured.field.unit in SHARES:
        return 0.01, "%"
    if history.measured.field.unit not in MONEY:
        return 1, ""
    most = max((abs(value) for value in _numbers(history)), default=0)
    return next(((size, name) for size, name in SCALES[labels.chinese()] if most >= size), (1, ""))


def _scaled(value: float | None, size: float) -> float | None:
    return None if value is None else round(value / size, 4)


def _least(history: History) -> float | None:
    """The axis begins at 0, unless there is something below."""
    return 0 if all(value >= 0 for value in _numbers(history)) else None


def _most(history: History, size: float) -> float | None:
    """Where a threshold is the highest, the axis goes a little beyond it, so that its line is seen."""
    highest = max((one.value for one in history.thresholds), default=None)
    values = [point.value for point in history.points if point.value is not None]
    if highest is None or highest <= 0 or (values and max(values) > highest):
        return None
    return round(highest * 1.15 / size, 4)


def _short(text: str) -> str:
    return text if len(text) <= SHORT else f"{text[: SHORT - 1]}…"
