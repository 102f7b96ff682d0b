"""How collectors, orgs and agencies fared, as a page and as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET

from daihou.desk.access import needs
from daihou.desk.alerts.policy import policy as alert_policy
from daihou.desk.casework import performance, performance_sheets
from daihou.desk.casework.period import period
from daihou.desk.casework.policy import policy
from daihou.desk.governance import labels
from daihou.desk.portfolio.extract import KINDS

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from daihou.desk.asked import Asked
    from daihou.desk.casework.performance import Told
    from daihou.desk.casework.period import Period


@needs("collection.manage")
@require_GET
def shown(request: Asked) -> HttpResponse:
    """The table, with what each of its figures counts."""
    by, days, told = _told(request)
    house = alert_policy()
    bys = {
        "collector": pgettext("performance by", "Collectors"), "org": pgettext("performance by", "Orgs"),
        "agency": pgettext("performance by", "Agencies"),
    }  # fmt: skip
    context: dict[str, Any] = {
        "told": told, "by": by, "bys": list(bys.items()), "days": days, "wrong": labels.told(days.wrong) if days.wrong else None,
        "trouble": labels.told(told.trouble) if told.trouble else None, "currency": settings.HOME.settings.base_currency,
        "fresh": policy(days.to_on).lists.fresh_days, "fewest": house.precision_fewest, "confidence": round(100 * house.confidence),
        "query": request.GET.urlencode(), "kept": [("by", by)], "tab": "performance", "here": "workbench",
    }  # fmt: skip
    return render(request, "casework/performance.html", context, status=400 if days.wrong else 200)


@needs("portfolio.export")
@require_GET
def file(request: Asked, ending: str) -> HttpResponseBase:
    """The table as CSV or XLSX: marked and logged."""
    if ending not in KINDS or not request.rights.may("collection.manage"):
        raise Http404
    by, days, told = _told(request)
    if days.wrong:
        raise days.wrong
    return performance_sheets.answer(request, told, f"by={by}&from={days.from_on}&to={days.to_on}", ending)


def _told(request: Asked) -> tuple[str, Period, Told]:
    now = timezone.now()
    days = period(request.GET, timezone.localdate(now))
    by = request.GET.get("by", "")
    by = by if by in performance.BYS else performance.BYS[0]
    return by, days, performance.told(request.user, request.rights, days.from_on, days.to_on, by, now)
