"""The credit reports of one borrower: the last two side by side, who asked when, on what consent, and asking anew."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from daihou.desk.access import needs
from daihou.desk.bureau import asking, authorising, comparing, scope
from daihou.desk.bureau.choices import Outcome, Reason
from daihou.desk.bureau.errors import UnfitError
from daihou.desk.bureau.models import Authorisation, Query
from daihou.desk.refusals import StaleError
from daihou.desk.vault import people

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked

UNFIT, STALE = 422, 409
SHOWN = 30
"""Queries shown, the newest first; the list has them all."""


@needs("bureau.view")
@require_GET
def borrower(request: Asked, borrower_id: str) -> HttpResponse:
    """The page."""
    return page(request, borrower_id)


@needs("bureau.query")
@require_POST
def ask(request: Asked, borrower_id: str) -> HttpResponse:
    """Ask for a report; the answer is the query, allowed or refused."""
    stated = {name: request.POST.get(name, "") for name in ("bureau", "reason", "key", "note")}
    try:
        made = asking.ask(asking.Asking(borrower_id, **stated), request)
    except UnfitError as error:
        return page(request, borrower_id, trouble=str(error), status=UNFIT)
    if made.outcome == Outcome.WAITING:
        messages.success(request, _("The gate allows it. It waits to be sent."))
    return redirect("bureau_query", made.pk)


@needs("bureau.authorise")
@require_POST
def revoke(request: Asked, number: int) -> HttpResponse:
    """Record that a consent was withdrawn."""
    seen = scope.seen(Authorisation.objects.all(), request.user, request.rights, scope.AUTHORISE)
    row = seen.filter(pk=number).first()
    if row is None:
        raise Http404
    try:
        authorising.revoke(row, request.POST.get("note", "")[:2_000], request)
    except UnfitError as error:
        return page(request, row.borrower_id, trouble=str(error), status=UNFIT)
    except StaleError:
        return page(request, row.borrower_id, trouble=_("It was withdrawn already."), status=STALE)
    messages.success(request, _("Saved: %(number)s.") % {"number": row.number})
    return redirect("bureau_borrower", row.borrower_id)


def page(request: Asked, borrower_id: str, *, trouble: str = "", status: int = 200) -> HttpResponse:
    """It, with what went wrong with an act and what was typed for it."""
    of = scope.reached(request, borrower_id)
    reports = comparing.known(borrower_id)
    queries = Query.objects.filter(borrower_id=borrower_id).select_related("asked_by").order_by("-pk")[:SHOWN]
    context = {
        "borrower_id": borrower_id, "name": people.masked_names([borrower_id]).get(borrower_id) or borrower_id, "trouble": trouble, "typed": request.POST,
        "reports": reports, "compared": comparing.compared(reports), "queries": queries, "currency": settings.HOME.settings.base_currency,
        "authorisations": Authorisation.objects.filter(borrower_id=borrower_id).select_related("recorded_by"),
        "bureaus": settings.HOME.settings.bureaus, "reasons": Reason.choices, "key": uuid.uuid4().hex,
        "may": {name: scope.in_reach(of, request.rights, permission) for name, permission in (("query", scope.QUERY), ("authorise", scope.AUTHORISE))},
    }  # fmt: skip
    return render(request, "bureau/borrower.html", context, status=status)
