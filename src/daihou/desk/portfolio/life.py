"""A loan's life as pictures: balance and days past due day by day, and the strip of its last 24 months."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.utils.translation import gettext as _

from daihou.book import money
from daihou.book.days import add_months
from daihou.desk.portfolio import accounts
from daihou.runs.course import course

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.runs.course import Day
    from daihou.runs.explain import Explanation

DAYS_SHOWN: Final = 1_100
"""Days of the course that are drawn one by one; of a longer life the last of them."""
BAD_DAYS: Final = 90
TOP_DAYS: Final = 95
"""The axis ends here until a loan is later than that: just above the line at 90."""
TITLE: Final = {"left": 4, "textStyle": {"color": "--dh-muted", "fontSize": 12, "fontWeight": 400}}
LABEL: Final = {"color": "--dh-muted", "fontSize": 11}
SPLIT: Final = {"lineStyle": {"color": "--dh-hair"}}
TIME: Final = {"type": "time", "axisTick": {"show": False}, "axisLine": {"lineStyle": {"color": "--dh-line"}}}


def days(told: Explanation) -> Sequence[Day]:
    """The course of the loan up to the date, day by day, by the knowledge in hand."""
    first, last = told.measures["disbursed_on"] or told.as_of, told.as_of
    count = min((last - first).days, DAYS_SHOWN) if first <= last else 0
    chosen = [last - dt.timedelta(days=back) for back in range(count, -1, -1)]
    return course(settings.HOME, accounts.ledger(), told.loan_id, chosen, told.known_on)


def chart(told: Explanation, found: Sequence[Day]) -> dict[str, Any]:
    """Balance above, days past due below, as an ECharts option with colours by the names of their tokens."""
    unit = money.unit(told.currency)
    balance = [[day.on.isoformat(), None if day.balance is None else day.balance / unit] for day in _turns(found)]
    late = [[day.on.isoformat(), day.dpd] for day in found]
    worst = max((day.dpd or 0 for day in found), default=0)
    dates = {**LABEL, "formatter": "{yy}-{MM}", "hideOverlap": True}
    option = {
        "animation": False,
        "textStyle": {"color": "--dh-ink", "fontSize": 12},
        "tooltip": {
            "trigger": "axis", "renderMode": "richText", "backgroundColor": "--dh-surface", "borderColor": "--dh-line",
            "textStyle": {"color": "--dh-ink", "fontSize": 12},
        },
        "axisPointer": {"link": [{"xAxisIndex": "all"}]},
        "grid": [{"left": 64, "right": 20, "top": 26, "height": "36%"}, {"left": 64, "right": 20, "top": "60%", "bottom": 24}],
        "title": [{**TITLE, "text": f"{_('Balance')} ({told.currency})", "top": 0}, {**TITLE, "text": _("Days past due"), "top": "50.5%"}],
        "xAxis": [{**TIME, "gridIndex": 0, "axisLabel": {"show": False}}, {**TIME, "gridIndex": 1, "axisLabel": dates}],
        "yAxis": [
            {"type": "value", "gridIndex": 0, "splitNumber": 3, "axisLabel": LABEL, "splitLine": SPLIT},
            {
                "type": "value", "gridIndex": 1, "minInterval": 1, "splitNumber": 3, "axisLabel": {**LABEL, "showMaxLabel": worst > TOP_DAYS}, "splitLine": SPLIT,
                "max": None if worst > TOP_DAYS else TOP_DAYS,
            },
        ],
        "series": [_line(_("Balance"), balance, "--dh-s1", 0, 0.08, step="end"), _line(_("Days past due"), late, "--dh-s2", 1, 0.14, markLine=_bad_line())],
    }  # fmt: skip
    return {"option": option}


def _line(name: str, data: list[Any], colour: str, grid: int, shade: float, **more: Any) -> dict[str, Any]:
    return {
        "name": name, "type": "line", "symbol": "none", "data": data, "xAxisIndex": grid, "yAxisIndex": grid,
        "lineStyle": {"width": 1.8, "color": colour}, "itemStyle": {"color": colour}, "areaStyle": {"color": colour, "opacity": shade}, **more,
    }  # fmt: skip


def _bad_line() -> dict[str, Any]:
    return {
        "silent": True, "symbol": "none", "lineStyle": {"color": "--dh-bad", "type": "dashed", "width": 1},
        "label": {"formatter": _("90 days"), "position": "insideStartTop", "color": "--dh-bad", "fontSize": 11}, "data": [{"yAxis": BAD_DAYS}],
    }  # fmt: skip


def _turns(found: Sequence[Day]) -> list[Day]:
    """The days on which the balance changes, with the first and the last."""
    last = len(found) - 1
    return [day for place, day in enumerate(found) if place in (0, last) or day.balance != found[place - 1].balance]


def months(status: str | None, as_of: dt.date) -> list[dict[str, Any]]:
    """The strip of 24 months: month, code, colour."""
    if not status:
        return []
    first = add_months(as_of.replace(day=1), 1 - len(status))
    found = []
    for place, code in enumerate(status):
        month = add_months(first, place)
        year = month.month == 1 or place == 0
        found.append(
            {
                "code": code, "colour": _colour(code), "year": year, "label": f"{month:%y-%m}" if year else f"{month:%m}",
                "month": f"{month:%Y-%m}", "now": place == len(status) - 1,
            }
        )  # fmt: skip
    return found


def _colour(code: str) -> str:
    """The colour of a month: by its step of arrears; what ended badly in the darkest, what was not open or is not known hatched."""
    if code.isdigit():
        return f"bk{min(int(code), 6)}"
    return {"N": "bk0", "C": "bk0", "M": "bk0", "B": "bk6", "D": "bk5", "Z": "bk5", "G": "bk4"}.get(code, "none")
