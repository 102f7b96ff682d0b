"""A customer's own warning level and list, changed with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from daihou.desk.access import needs
from daihou.desk.alerts import customers, forms, transitions
from daihou.desk.alerts.models import CustomerMove
from daihou.desk.alerts.views.acts import REFUSED, STALE, address
from daihou.desk.refusals import RefusedError, StaleError

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked


@needs("alerts.view")
@require_POST
def level(request: Asked, borrower_id: str) -> HttpResponse:
    """Raise or list a customer, who handles alerts; lower or take off a list, who confirms them."""
    whose, form = customers.whose_of(borrower_id), forms.CustomerForm(request.POST)
    if whose is None or not customers.sees(whose, request.rights):
        raise Http404
    stated = request.POST.get("alert", "")
    number = int(stated) if stated.isascii() and stated.isdecimal() and len(stated) < 16 else 0
    context = {
        "called": borrower_id,
        "typed": request.POST.get("note", "").strip(),
        "back": address(request, number) if number else reverse("borrower", args=[borrower_id]),
    }
    try:
        said = forms.said(form)
        transitions.set_customer(
            borrower_id, said["revision"], said["level"], said["listing"], said["note"], whose, request
        )
    except RefusedError as refused:
        return render(request, "alerts/refused.html", {**context, "reason": str(refused)}, status=REFUSED)
    except StaleError:
        moves = CustomerMove.objects.filter(customer=borrower_id).select_related("actor").order_by("-id")[:5]
        return render(request, "alerts/stale.html", {**context, "customer_moves": moves}, status=STALE)
    messages.success(request, _("The customer's level and list are changed."))
    return redirect(f"{context['back']}#customer" if number else context["back"])
