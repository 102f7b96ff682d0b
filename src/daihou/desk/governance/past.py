"""What pages of thresholds and backtests say of a rule whose subjects have no past."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from daihou.desk.governance import labels
from daihou.warning.past import no_past

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked


def refused(request: Asked, rule_id: str, what: str) -> HttpResponse:
    """The page in the place of a question that cannot be asked; what is sent to it all the same is refused."""
    context = {"rule_id": rule_id, "what": what, "told": labels.told(no_past(rule_id))}
    return render(request, "governance/no_past.html", context, status=409 if request.method == "POST" else 200)
