"""An alert raised by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from daihou.desk.access import needs
from daihou.desk.alerts import raising, whose
from daihou.desk.alerts.choices import BY_HAND, LEVEL_CHOICES
from daihou.desk.alerts.forms import NOTE_MOST
from daihou.desk.alerts.guards import NOTE_CHARACTERS
from daihou.desk.alerts.transitions import raise_by_hand
from daihou.desk.refusals import RefusedError
from daihou.desk.vault import finding

if TYPE_CHECKING:
    from django.http import HttpResponse, QueryDict

    from daihou.desk.asked import Asked

LONGEST = 200
FIELDS = ("borrower", "topic", "level", "reason")


@needs("alerts.handle")
@require_http_methods(["GET", "POST"])
@never_cache
def new(request: Asked) -> HttpResponse:
    """Ask for borrower, topic, level and reason; raise it, or say what is missing, or lead to the one that is open."""
    stated = _stated(request.POST if request.method == "POST" else request.GET)
    context: dict[str, Any] = {
        "stated": stated, "topics": BY_HAND, "levels": LEVEL_CHOICES, "note_most": NOTE_MOST, "may_search": request.rights.may(finding.ACTION),
        "wanting": {}, "here": "alerts",
    }  # fmt: skip
    if request.method == "GET":
        return render(request, "alerts/raise.html", context)
    found = raising.meant(request, stated["borrower"])
    context["meant"] = found.borrowers if len(found.borrowers) > 1 else {}
    context["wanting"] = wanting = _wanting(stated, found)
    if wanting:
        return render(request, "alerts/raise.html", context, status=422)
    borrower_id = found.only
    held = whose.of([borrower_id])[borrower_id]
    try:
        alert = raise_by_hand(
            borrower_id, stated["topic"], stated["level"], stated["reason"], held.values, request, timezone.localdate()
        )
    except RefusedError as error:
        context["refused"], context["standing"] = str(error), raising.standing(request, borrower_id, stated["topic"])
        return render(request, "alerts/raise.html", context, status=409)
    return redirect("alert", number=alert.pk)


def _stated(query: QueryDict) -> dict[str, str]:
    most = {"reason": NOTE_MOST}
    return {name: query.get(name, "").strip()[: most.get(name, LONGEST)] for name in FIELDS}


def _wanting(stated: dict[str, str], found: raising.Meant) -> dict[str, str]:
    """What is missing or wrong, by field."""
    told = {}
    if not stated["borrower"]:
        told["borrower"] = _("Say which borrower.")
    elif not found.borrowers:
        told["borrower"] = _(
            "No borrower in your reach has this number or, where you may search, this very name or number."
        )
    elif not found.only:
        told["borrower"] = _("Several borrowers are meant. Choose one.")
    if stated["topic"] not in dict(BY_HAND):
        told["topic"] = _("Choose a topic.")
    if stated["level"] not in dict(LEVEL_CHOICES):
        told["level"] = _("Choose a level.")
    if len(stated["reason"]) < NOTE_CHARACTERS:
        told["reason"] = _("Say why, in a few words.")
    return told
