"""Outside collectors: the list, a new one, its yearly review, and whether it works for the lender."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from daihou.desk.access import needs
from daihou.desk.casework import agencies, guards
from daihou.desk.casework.models import Agency
from daihou.desk.casework.policy import policy
from daihou.desk.refusals import RefusedError

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked

REFUSED = 422


@needs("collection.manage")
@require_http_methods(["GET", "POST"])
def listed(request: Asked) -> HttpResponse:
    """All of them; who manages collection of the whole lender enters a new one here."""
    refused = ""
    if request.method == "POST":
        _whole(request)
        try:
            made = agencies.enter(request.POST.get("code", ""), request.POST.get("name", ""), request)
        except RefusedError as error:
            refused = str(error)
        else:
            messages.success(request, _("%(name)s is entered. Review it before it gets a case.") % {"name": made})
            return redirect("agencies")
    return _page(request, refused, REFUSED if refused else 200)


@needs("collection.manage")
@require_POST
def review(request: Asked, number: int) -> HttpResponse:
    """Note when one was reviewed."""
    _whole(request)
    agency, today = get_object_or_404(Agency, pk=number), timezone.localdate()
    try:
        agencies.review(agency, _day(request.POST.get("on", "")), today, request)
    except RefusedError as error:
        return _page(request, str(error), REFUSED)
    messages.success(request, _("The review of %(name)s is noted.") % {"name": agency})
    return redirect("agencies")


@needs("collection.manage")
@require_POST
def switch(request: Asked, number: int) -> HttpResponse:
    """Let one work for the lender, or no more."""
    _whole(request)
    agency = get_object_or_404(Agency, pk=number)
    agencies.switch(agency, request, active=request.POST.get("active") == "1")
    return redirect("agencies")


def _page(request: Asked, refused: str, status: int) -> HttpResponse:
    today = timezone.localdate()
    context = {
        "rows": agencies.listed(today), "refused": refused, "typed": request.POST, "today": today, "days": policy(today).agency_review_days,
        "whole": request.rights.reach("collection.manage").everything, "agency_note": guards.AGENCY_NOTE, "tab": "agencies", "here": "workbench",
    }  # fmt: skip
    return render(request, "casework/agencies.html", context, status=status)


def _day(stated: str) -> dt.date:
    try:
        return dt.date.fromisoformat(stated)
    except ValueError as error:
        raise RefusedError(_("Give the day of the review.")) from error


def _whole(request: Asked) -> None:
    """Agencies work for all parts of the lender: only who manages all of them."""
    if not request.rights.reach("collection.manage").everything:
        raise PermissionDenied
