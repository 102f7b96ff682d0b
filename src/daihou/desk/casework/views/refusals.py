"""How often the conduct gate refused, and by which rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from daihou.desk.access import needs
from daihou.desk.casework import refusing
from daihou.desk.casework.models import Case
from daihou.desk.casework.period import period
from daihou.desk.governance import labels
from daihou.desk.vault import people

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked


@needs("collection.view")
@require_GET
def counted(request: Asked) -> HttpResponse:
    """By rule, channel and hour; by collector for who manages them or reads the audit log."""
    days = period(request.GET, timezone.localdate(), until_today=True)
    rule = request.GET.get("rule", "")[:60]
    told = refusing.told(request.user, request.rights, days.from_on, days.to_on, rule)
    names = people.masked_names({one.person_id for one in told.latest})
    cases = Case.objects.in_bulk({one.case_id for one in told.latest if one.case_id})
    latest = [(one, names.get(one.person_id) or one.person_id, cases.get(one.case_id or 0)) for one in told.latest]
    context = {
        "told": told, "latest": latest, "days": days, "rule": rule, "wrong": labels.told(days.wrong) if days.wrong else None,
        "kept": [("rule", rule)] if rule else [],
        "whose": request.rights.may("collection.manage") or request.rights.may("audit.view"), "tab": "refusals", "here": "workbench",
    }  # fmt: skip
    return render(request, "casework/refusals.html", context, status=400 if days.wrong else 200)
