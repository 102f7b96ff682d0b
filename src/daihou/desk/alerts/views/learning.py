"""How rules fare at people's hands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from daihou.desk.access import needs
from daihou.desk.alerts import learning, scope
from daihou.desk.alerts.policy import policy
from daihou.desk.alerts.rules import all_rules

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked


@needs("alerts.view")
@require_GET
def alerts_learning(request: Asked) -> HttpResponse:
    """Every rule that has alerts in reach: live precision beside the promise of its backtest."""
    now = timezone.now()
    alerts = scope.seen(request.user, request.rights)
    rules = all_rules()
    records = learning.records(alerts, now)
    context = {
        "rows": [(record, rules.get(record.rule_id)) for record in records],
        "overall": learning.overall(alerts, now),
        "promised": learning.promised_overall(alerts, now),
        "decayed": sum(record.decayed for record in records),
        "policy": policy(),
    }
    return render(request, "alerts/learning.html", context)
