"""A search for a threshold as its page shows it: the chart of alerts against defaults caught, and the figures of every candidate in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _

from daihou.desk.governance import labels
from daihou.desk.templatetags.figures import DASH, MINUS, percent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Found = Mapping[str, Any]
    """A suggestion as `Suggestion.as_dict` gives it."""

FEW: Final = 12
"""More points than these are not all labelled."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a candidate in words, and what it is beside the present threshold."""

    value: str
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One threshold: its condition, its value alone, the four figures of the slider, and what it is (advised, amber, red, of a rule)."""

    place: int
    condition: str
    said: str
    caught: Figure
    alerts: Figure
    precision: Figure
    lead: Figure
    marks: tuple[str, ...]
    figures: Mapping[str, Any]


def candidates(found: Found, about: str = "") -> list[Candidate]:
    """Every threshold from the loosest to the strictest, beside the present one of a rule, or of the first rule that has one."""
    now = present(found, about)
    base = found["candidates"][now["place"]] if now else None
    return [_candidate(place, one, base, found) for place, one in enumerate(found["candidates"])]


def present(found: Found, about: str = "") -> Mapping[str, Any] | None:
    """The present threshold of a rule; of another where that rule has none, and none is asked for by name."""
    named = [one for one in found["present"] if not about or one["rule"] == about]
    return named[0] if named else None


def start(found: Found, about: str = "") -> int:
    """The candidate that is shown first: the advised one, else the present one, else the loosest."""
    chosen, now = found["chosen"], present(found, about)
    if chosen and chosen["place"] is not None:
        return int(chosen["place"])
    return int(now["place"]) if now else 0


def said(text: Mapping[str, str] | None) -> str:
    """A sentence of the result in the language of the page."""
    return "" if text is None else text["zh" if labels.chinese() else "en"]


def drawn(found: Found, about: str, at: int) -> dict[str, Any]:
    """What the page's script reads: the option of the chart, and of each candidate its point, its texts and its figures."""
    rows, now = candidates(found, about), present(found, about) if about else None
    points = [_point(row) for row in rows]
    return {
        "option": _option(found, rows, points, now, at),
        "points": points,
        "at": at,
        "held": [one["place"] for one in found["present"]],
        "rows": [
            {
                "said": row.said,
                "condition": row.condition,
                **{
                    name: {"value": getattr(row, name).value, "beside": getattr(row, name).beside}
                    for name in ("caught", "alerts", "precision", "lead")
                },
            }
            for row in rows
        ],
    }


def _candidate(place: int, one: Found, base: Found | None, found: Found) -> Candidate:
    beside = _Beside(base)
    lead = one["lead_days"]
    return Candidate(
        place,
        one["condition"],
        one["threshold"]["said"],
        Figure(percent(one["caught_share"], 1), beside.points(one, "caught_share")),
        Figure(DASH if one["alerts"] is None else f"{one['alerts']:,.1f}", beside.number(one, "alerts")),
        Figure(percent(one["precision"], 1), beside.points(one, "precision")),
        Figure(DASH if lead is None else _("%(n)s days") % {"n": f"{lead:,.0f}"}, beside.days(one, "lead_days")),
        _marks(place, found),
        one,
    )


@dataclass(frozen=True, slots=True)
class _Beside:
    """Differences to a base, in words; nothing without a base."""

    base: Found | None

    def points(self, one: Found, name: str) -> str:
        return self._said(one, name, 100, 1, _("%(difference)s points against the present one"))

    def number(self, one: Found, name: str) -> str:
        return self._said(one, name, 1, 1, _("%(difference)s against the present one"))

    def days(self, one: Found, name: str) -> str:
        return self._said(one, name, 1, 0, _("%(difference)s days against the present one"))

    def _said(self, one: Found, name: str, times: int, places: int, words: str) -> str:
        if self.base is None or one[name] is None or self.base[name] is None:
            return ""
        difference = f"{times * (one[name] - self.base[name]):+,.{places}f}"
        if not float(difference.replace(",", "")):
            return _("as the present one")
        return words % {"difference": difference.replace("-", MINUS)}


def _marks(place: int, found: Found) -> tuple[str, ...]:
    """What a threshold is beside a candidate."""
    named = (("chosen", _("advised")), ("amber", _("amber")), ("red", _("red")))
    marks = [label for name, label in named if found[name] and found[name]["place"] == place]
    return (*marks, *(_("now %(rule)s") % {"rule": one["rule"]} for one in found["present"] if one["place"] == place))


def _point(row: Candidate) -> list[float] | None:
    """Where a candidate stands: alerts across, percent of defaults caught up."""
    alerts, caught = row.figures["alerts"], row.figures["caught_share"]
    return None if alerts is None or caught is None else [round(alerts, 3), round(100 * caught, 2)]


def _frontier(points: Sequence[list[float] | None]) -> list[int]:
    """Those that no other catches as much as with as few alerts, from the fewest alerts on: the line. Others lie below it."""
    told = [(point[0], -point[1], place) for place, point in enumerate(points) if point is not None]
    best: list[int] = []
    most = -1.0
    for _alerts, caught, place in sorted(told):
        if -caught > most:
            best.append(place)
            most = -caught
    return best


def _option(
    found: Found, rows: list[Candidate], points: list[list[float] | None], now: Found | None, at: int
) -> dict[str, Any]:
    best = _frontier(points)
    others = [place for place, point in enumerate(points) if point is not None and place not in best]
    told = [point for point in points if point is not None]
    widest = max((point[0] for point in told), default=0.0)
    held = {one["place"] for one in found["present"]}
    line = [_quieted(_marked(rows[place], points[place]), place in held or place == at) for place in best]
    bounds = [_interval(rows[place], points[place]) for place in best]
    quiet = {"symbol": "none", "silent": True, "tooltip": {"show": False}, "lineStyle": {"opacity": 0}}
    return {
        "title": {"text": _("Alerts against defaults caught")},
        "grid": {"left": 44, "right": 20, "top": 34, "bottom": 40},
        "tooltip": {"trigger": "item", "formatter": "{b}"},
        "xAxis": {"type": "value", "name": _alerts_said(found), "nameLocation": "middle", "nameGap": 26, "min": 0, "boundaryGap": [0, "12%"]},
        "yAxis": {
            "type": "value", "name": _("Defaults caught"), "min": 0, "max": 100, "interval": 20, "nameTextStyle": {"align": "left"},
            "axisLabel": {"formatter": "{value}%"},
        },
        "series": [
            {"name": "low", "type": "line", "stack": "band", "stackStrategy": "all", "data": [[x, low] for x, low, _high in bounds], **quiet},
            {
                "name": "band", "type": "line", "stack": "band", "stackStrategy": "all", **quiet,
                "data": [[x, round(high - low, 2)] for x, low, high in bounds],
                "areaStyle": {"color": "--dh-s1", "opacity": 0.12},
            },
            {
                "name": "frontier", "type": "line", "symbol": "circle", "symbolSize": 6, "data": line,
                "lineStyle": {"width": 2, "color": "--dh-s1"}, "itemStyle": {"color": "--dh-s1"}, "emphasis": {"disabled": True},
                "label": {"show": len(best) <= FEW, "position": "right", "distance": 6, "offset": [0, 8], "color": "--dh-muted", "fontSize": 11},
                "labelLayout": {"hideOverlap": True},
                **_budget(found, widest),
            },
            {
                "name": "others", "type": "scatter", "symbolSize": 6, "data": [_marked(rows[place], points[place]) for place in others],
                "itemStyle": {"color": "--dh-surface", "borderColor": "--dh-s0", "borderWidth": 1},
            },
            {
                "name": "present", "type": "scatter", "symbol": "diamond", "symbolSize": 14, "z": 5,
                "data": [_now(place, rules, rows, points) for place, rules in _presents(found, now).items() if points[place] is not None],
                "itemStyle": {"color": "--dh-s2", "borderColor": "--dh-surface", "borderWidth": 2},
                "label": {"show": True, "position": "top", "color": "--dh-s2", "fontWeight": 600}, "labelLayout": {"hideOverlap": True},
            },
            {
                "name": "draft", "type": "scatter", "symbolSize": 13, "z": 6, "data": [_marked(rows[at], points[at])] if rows and points[at] else [],
                "itemStyle": {"color": "--dh-s1", "borderColor": "--dh-surface", "borderWidth": 2},
                "label": {"show": True, "position": "left", "color": "--dh-link", "fontWeight": 600},
            },
        ],
    }  # fmt: skip


def _alerts_said(found: Found) -> str:
    return (
        _("Alerts per 1,000 borrowers a month")
        if found["subject"] == "borrower"
        else _("Alerts per 1,000 loans a month")
    )


def _interval(row: Candidate, point: list[float] | None) -> tuple[float, float, float]:
    """A point of the line, and how low and high it may be by chance alone."""
    across, up = point or (0.0, 0.0)
    ends = row.figures["intervals"]["caught_share"]
    low, high = [round(100 * end, 2) for end in ends] if ends else (up, up)
    return across, low, high


def _marked(row: Candidate, point: list[float] | None) -> dict[str, Any]:
    """A point with what is said of it when it is pointed at, and its label."""
    lines = (
        row.condition,
        f"{_('Caught')} {row.caught.value}",
        f"{_('Alerts')} {row.alerts.value}",
        f"{_('Precision')} {row.precision.value}",
        f"{_('Lead')} {row.lead.value}",
    )
    return {"value": point, "name": "\n".join(lines), "place": row.place, "label": {"formatter": row.said}}


def _quieted(marked: dict[str, Any], told_already: bool) -> dict[str, Any]:  # noqa: FBT001 - the only thing to say
    """A point of the line without its label where a mark upon it has one."""
    return {**marked, "label": {**marked["label"], "show": False}} if told_already else marked


def _presents(found: Found, now: Found | None) -> dict[int, list[str]]:
    """By place the rules that have a threshold there: the one that it is about alone, where it is about one."""
    by_place: dict[int, list[str]] = {}
    for one in found["present"]:
        if now is None or one == now:
            by_place.setdefault(one["place"], []).append(one["rule"])
    return by_place


def _now(place: int, rules: list[str], rows: list[Candidate], points: list[list[float] | None]) -> dict[str, Any]:
    """The mark of present thresholds, with the first of their rules and how many more there are."""
    more = f" +{len(rules) - 1}" if len(rules) > 1 else ""
    label = _("now %(rule)s") % {"rule": f"{rules[0]}{more}: {rows[place].said}"}
    return {**_marked(rows[place], points[place]), "label": {"formatter": label}}


def _budget(found: Found, widest: float) -> dict[str, Any]:
    """A line at the alert budget, where the choice goes by one and it lies within the picture."""
    goal = found["goal"]
    if goal["kind"] != "budget" or goal["alerts"] > widest:
        return {}
    label = _("budget %(n)s") % {"n": f"{goal['alerts']:g}"}
    return {
        "markLine": {
            "silent": True, "symbol": "none", "data": [{"xAxis": goal["alerts"]}], "lineStyle": {"type": "dashed", "color": "--dh-muted"},
            "label": {"formatter": label, "position": "end", "color": "--dh-muted", "fontSize": 11},
        }
    }  # fmt: skip
