"""Charts of models: options of ECharts with colours by the names of their tokens, and the tables behind them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from daihou.desk.scoring.watch import Watch
    from daihou.policies.scores import Scores
    from daihou.runs.scores.one import Point

LABEL: Final = {"color": "--dh-muted", "fontSize": 11, "hideOverlap": True}
LEGEND: Final = {
    "top": 0,
    "right": 0,
    "itemWidth": 12,
    "itemHeight": 8,
    "icon": "roundRect",
    "textStyle": {"color": "--dh-muted", "fontSize": 12},
}
GRID: Final = {
    "left": 8,
    "top": 36,
    "bottom": 4,
    "outerBoundsMode": "same",
    "outerBoundsContain": "axisLabel",
}


def _chart(
    days: Sequence[str],
    series: list[dict[str, Any]],
    *,
    percent: bool = False,
    least: float | None = None,
    right: int = 24,
) -> dict[str, Any]:
    told = {"formatter": "{value}%"} if percent else {}
    return {
        "option": {
            "tooltip": {"trigger": "axis"}, "legend": {**LEGEND, "data": [one["name"] for one in series]}, "grid": {**GRID, "right": right},
            "xAxis": [{"type": "category", "data": list(days), "boundaryGap": len(days) < 2, "axisLabel": LABEL}],
            "yAxis": [{"type": "value", "scale": least is None, "min": least, "splitNumber": 4, "axisLabel": {**LABEL, **told}}],
            "series": series,
        }
    }  # fmt: skip


def _line(name: str, values: Sequence[float | None], colour: str, *, thin: bool = False, **more: Any) -> dict[str, Any]:
    lone = sum(value is not None for value in values) == 1
    return {
        "name": name, "type": "line", "data": list(values), "connectNulls": True, "symbol": "circle", "symbolSize": 5, "showSymbol": lone or not thin,
        "lineStyle": {"color": colour, "width": 1 if thin else 2, **({"type": "dotted"} if thin else {})}, "itemStyle": {"color": colour}, **more,
    }  # fmt: skip


def _at(value: float, name: str, colour: str) -> dict[str, Any]:
    return {
        "yAxis": value, "lineStyle": {"color": colour, "type": "dashed", "width": 1},
        "label": {"position": "end", "formatter": name, "color": colour, "fontSize": 11},
    }  # fmt: skip


def _marks(*lines: dict[str, Any]) -> dict[str, Any]:
    return {"markLine": {"silent": True, "symbol": "none", "data": list(lines)}}


def _percent(value: float | None) -> float | None:
    return None if value is None else round(100 * value, 3)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def shift(found: Watch, house: Scores) -> dict[str, Any] | None:
    """The stability index of the score by run, with the house's limits."""
    days = sorted(found.psi)
    if not days:
        return None
    values = [_rounded(found.psi[day]["value"]) for day in days]
    limits = _marks(
        _at(house.psi_amber, f"{house.psi_amber:g}", "--dh-warn"), _at(house.psi_red, f"{house.psi_red:g}", "--dh-bad")
    )
    top = max([value for value in values if value is not None] + [house.psi_red])
    chart = _chart(
        [day.isoformat() for day in days],
        [_line(_("PSI of the score"), values, "--dh-s1", **limits)],
        least=0,
        right=48,
    )
    chart["option"]["yAxis"][0]["max"] = round(math.ceil(20 * 1.1 * top) / 20, 2)
    return chart


def power(found: Watch, validated: float | None) -> dict[str, Any] | None:
    """The area under the curve by observation point, with its interval and what the validation found."""
    rows = _cohorts(found, "auc")
    if not rows:
        return None
    mark = (
        _marks(_at(round(validated, 4), pgettext("on a chart", "validated"), "--dh-s4"))
        if validated is not None
        else {}
    )
    series = [
        _line("AUC", [_rounded(row["value"]) for _day, row in rows], "--dh-s1", **mark),
        *_ends(rows, _rounded),
    ]
    return _chart([day.isoformat() for day, _row in rows], series, right=24 if validated is None else 72)


def rates(found: Watch) -> dict[str, Any] | None:
    """Default rates with their intervals beside what was expected, by observation point."""
    rows = _cohorts(found, "default_rate")
    if not rows:
        return None
    series = [
        _line(_("Default rate"), [_percent(row["value"]) for _day, row in rows], "--dh-s2"),
        _line(_("Expected"), [_percent(row["expected"]) for _day, row in rows], "--dh-s1"),
        *_ends(rows, _percent),
    ]
    return _chart([day.isoformat() for day, _row in rows], series, percent=True)


def _ends(rows: Sequence[tuple[dt.date, dict[str, Any]]], told: Any) -> list[dict[str, Any]]:
    names = (pgettext("end of an interval", "Lower end"), pgettext("end of an interval", "Upper end"))
    return [
        _line(name, [told(row[end]) for _day, row in rows], "--dh-s0", thin=True)
        for name, end in zip(names, ("low", "high"), strict=True)
    ]


def _cohorts(found: Watch, figure: str) -> list[tuple[dt.date, dict[str, Any]]]:
    """By observation point the figure that is told of it, in order."""
    return [
        (day, found.cohorts[day][figure])
        for day in sorted(day for day in found.cohorts if day is not None)
        if figure in found.cohorts[day]
    ]


def course(points: Sequence[Point], called: str) -> dict[str, Any]:
    """A borrower's score over time: what runs wrote, and apart from it what the version would have said before."""
    days = [point.day.isoformat() for point in points]
    stored = [point.score if point.stored else None for point in points]
    then = _joined(points)
    series = [_line(pgettext("points", "Score"), stored, "--dh-s1")]
    if any(value is not None for value in then):
        name = _("what %(model)s would have said") % {"model": called}
        series.append(_line(name, then, "--dh-s0", thin=True))
    return _chart(days, series)


def _joined(points: Sequence[Point]) -> list[int | None]:
    """Scores that were computed now; the first stored one after them too, so that the line meets the other."""
    values: list[int | None] = [None if point.stored else point.score for point in points]
    for at, point in enumerate(points[1:], 1):
        if point.stored and values[at - 1] is not None and not points[at - 1].stored:
            values[at] = point.score
    return values


def heading(found: Watch) -> str:
    """Which runs charts tell of."""
    return (
        "" if not found.days else f"{found.days[0]} – {found.days[-1]}" if len(found.days) > 1 else f"{found.days[0]}"
    )
