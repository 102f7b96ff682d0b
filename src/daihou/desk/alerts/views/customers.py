"""The customers that have a warning level of their own or are on a list 名单制."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db.models import Q
from django.shortcuts import render
from django.views.decorators.http import require_GET

from daihou.book.errors import DaihouError
from daihou.desk.access import needs
from daihou.desk.alerts import whose
from daihou.desk.alerts.choices import LEVEL_CHOICES, RANKS, Listing
from daihou.desk.alerts.customers import sees
from daihou.desk.alerts.models import Customer, CustomerMove
from daihou.desk.people import officers, orgs
from daihou.desk.vault import people

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked

MOST: Final = 2_000
"""Of those in reach, the newest: a list that people keep by hand is shorter."""


@needs("alerts.view")
@require_GET
def customers(request: Asked) -> HttpResponse:
    """Those in reach, on a list or of a level if the address asks for one; the worst first."""
    listing = request.GET.get("list", "") if request.GET.get("list", "") in Listing.values else ""
    level = request.GET.get("level", "") if request.GET.get("level", "") in RANKS else ""
    kept = Customer.objects.exclude(Q(level="") & Q(listing="")).select_related("changed_by")
    if listing:
        kept = kept.filter(listing=listing)
    if level:
        kept = kept.filter(level=level)
    found = list(kept.order_by("-changed_at"))
    try:
        theirs = whose.of({one.borrower_id for one in found})
    except DaihouError:  # nothing was run yet: then nobody's reach is known but that of the whole lender
        theirs = {}
    every = [(one, theirs.get(one.borrower_id, whose.Whose())) for one in found]
    seen = [(one, of) for one, of in every if sees(of.values, request.rights)]
    seen = seen[:MOST]
    seen.sort(key=lambda each: (RANKS.get(each[0].level, len(RANKS)), -each[1].exposure))
    names, tree = people.masked_names({one.borrower_id for one, _ in seen}), orgs.tree()
    in_charge = officers.names(of.officer_id for _, of in seen)
    notes: dict[str, str] = {}
    for move in CustomerMove.objects.filter(customer__in=[one for one, _ in seen]).order_by("id"):
        notes[move.customer_id] = move.note
    context = {
        "rows": [
            (one, of, names.get(one.borrower_id) or one.borrower_id, tree.name(of.org_id), in_charge.get(of.officer_id), notes.get(one.pk, ""))
            for one, of in seen
        ],
        "listing": listing, "level": level, "listings": Listing.choices, "levels": LEVEL_CHOICES,
        "currency": settings.HOME.settings.base_currency,
    }  # fmt: skip
    return render(request, "alerts/customers.html", context)
