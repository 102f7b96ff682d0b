"""What is owed as the page shows it: the drawing of the days to come, and what the figures will do by themselves."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.utils.translation import gettext as _

from daihou.book import money
from daihou.book.errors import DaihouError
from daihou.desk.casework.choices import Stage
from daihou.desk.casework.policy import policy
from daihou.desk.portfolio import accounts
from daihou.policies.collection import LADDER
from daihou.runs import claims

if TYPE_CHECKING:
    from daihou.desk.casework.models import Case
    from daihou.desk.casework.reckoning import Reckoned

MARKS: Final = 12
"""Pixels above and beside a marked day."""


def chart(owed: Reckoned) -> dict[str, Any] | None:
    """The days to come as an ECharts option, colours by the names of their tokens; None where there is nothing to draw."""
    if len(owed.course) < 2:
        return None
    unit = money.unit(owed.currency)
    days = [day.isoformat()[5:] for day, _amount in owed.course]
    values = [amount / unit for _day, amount in owed.course]
    marked = [(0, _("%(amount)s today") if not owed.stale_days else "%(amount)s")]
    if owed.next_on is not None and owed.course[-1][0] == owed.next_on:
        marked.append((len(days) - 1, _("%(amount)s with what falls due")))
    points = [
        {
            "coord": [days[place], values[place]],
            "label": {
                "formatter": f"{days[place]}  {text % {'amount': money.text(owed.course[place][1], owed.currency)}}",
                "position": "right" if place == 0 else "left", "distance": MARKS, "offset": [0, -MARKS if place == 0 else 0],
            },
        }
        for place, text in marked
    ]  # fmt: skip
    axis = {"axisTick": {"show": False}, "axisLine": {"lineStyle": {"color": "--dh-line"}}}
    label = {"color": "--dh-muted", "fontSize": 11}
    return {
        "option": {
            "grid": {"left": 78, "right": 24, "top": 28, "bottom": 24},
            "tooltip": {"trigger": "axis"},
            "xAxis": {"type": "category", "data": days, "boundaryGap": False, **axis, "axisLabel": {**label, "hideOverlap": True}},
            "yAxis": {
                "type": "value", "name": _("Owed by the end of the day (%(currency)s)") % {"currency": owed.currency},
                "nameTextStyle": {"color": "--dh-muted", "align": "left", "padding": [0, 0, 0, -66]}, "scale": True, "boundaryGap": ["4%", "12%"],
                "splitNumber": 2, "axisLabel": label, "splitLine": {"lineStyle": {"color": "--dh-hair"}},
            },
            "series": [
                {
                    "type": "line", "name": _("Owed"), "step": "end", "symbol": "none", "data": values, "lineStyle": {"width": 2, "color": "--dh-s1"},
                    "itemStyle": {"color": "--dh-s1"}, "areaStyle": {"color": "--dh-s1", "opacity": 0.08},
                    "markPoint": {
                        "symbol": "circle", "symbolSize": 8, "itemStyle": {"color": "--dh-s1"}, "label": {"color": "--dh-ink", "fontSize": 12},
                        "data": points,
                    },
                }
            ],
        }
    }  # fmt: skip


def growth(owed: Reckoned) -> str:
    """What the claim does by itself: penalty interest is part of it once it was charged; where policy lets it, the estimate of what was not."""
    said = _("Penalty interest is claimed once the lender has charged it.")
    if policy(owed.on).penalty_estimate == "none":
        return said
    amount = sum(_estimated(loan_id, owed) for loan_id in owed.claims)
    if not amount:
        return said
    return _("Not charged yet, and not claimed: penalty interest of about %(amount)s by the contract's rate.") % {
        "amount": money.text(amount, owed.currency)
    }


def _estimated(loan_id: str, owed: Reckoned) -> int:
    try:
        estimate = claims.penalty_interest(settings.HOME, accounts.ledger(), loan_id, owed.on, owed.known_on)
    except DaihouError:
        return 0
    return estimate.amount if estimate else 0


def worsens(case: Case, owed: Reckoned) -> str:
    """When the case goes on to the next stage if nothing comes; nothing where it goes by due dates, or no further."""
    rules = policy(owed.on)
    if case.product in rules.cycle_products or case.stage not in rules.by_days or not owed.dpd:
        return ""
    later = next((stage for stage in LADDER[LADDER.index(case.stage) + 1 :] if stage in rules.by_days), None)
    if later is None:
        return ""
    on = owed.on + dt.timedelta(days=rules.by_days[later] - owed.dpd)
    if on <= owed.on:
        return ""
    return _("%(stage)s from %(day)s on, %(days)s days past due") % {
        "stage": Stage(later).label,
        "day": on.isoformat(),
        "days": rules.by_days[later],
    }
