"""The sheet of a debtor: what holds of the people around, entered and lifted; how to reach them, with the marks of it.

To htmx each answers with the part that lists what stands, so that a page of a case can hold it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from daihou.desk.access import needs
from daihou.desk.contacts import circumstances, forms, points
from daihou.desk.contacts.choices import Channel, Kind, Use
from daihou.desk.contacts.errors import UnfitError
from daihou.desk.contacts.sheet import sheet
from daihou.desk.refusals import StaleError

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from daihou.desk.asked import Asked
    from daihou.desk.contacts.sheet import Sheet

UNFIT, STALE = 422, 409


@needs("collection.view")
@require_GET
def page(request: Asked, debtor_id: str) -> HttpResponse:
    """What stands, and the forms."""
    return _shown(request, sheet(debtor_id, request, timezone.now()))


@needs("collection.work")
@require_POST
def enter(request: Asked, debtor_id: str) -> HttpResponse:
    """Something that holds from now on."""

    def act(of: Sheet) -> str:
        now = timezone.now()
        circumstances.enter(forms.entry(request.POST, of, now), request, now)
        return _("It stands from now on.")

    return _done(request, debtor_id, act)


@needs("collection.work")
@require_POST
def lift(request: Asked, debtor_id: str, number: int) -> HttpResponse:
    """Something that holds no longer."""

    def act(of: Sheet) -> str:
        found = next((one for one in of.standing + of.ended if one.row.pk == number), None)
        if found is None:
            raise Http404
        if found.no_lifting:
            raise UnfitError(found.no_lifting)
        circumstances.lift(found.row, forms.reason(request.POST), request, timezone.now())
        return _("It is lifted.")

    return _done(request, debtor_id, act)


@needs("collection.work")
@require_POST
def mark(request: Asked, debtor_id: str, number: int) -> HttpResponse:
    """What is said of a number or an address."""

    def act(of: Sheet) -> str:
        found = of.point(number)
        if found is None:
            raise Http404
        points.mark(found, request.POST.get("mark", ""), timezone.now(), request)
        return _("The mark is set.")

    return _done(request, debtor_id, act)


def _done(request: Asked, debtor_id: str, act: Callable[[Sheet], str]) -> HttpResponse:
    """Do it and lead back to the sheet; or say why not, with what was typed."""
    before = sheet(debtor_id, request, timezone.now(), circumstances.WORKING)
    try:
        told = act(before)
    except UnfitError as error:
        return _shown(request, before, str(error), UNFIT)
    except StaleError:
        return _shown(request, sheet(debtor_id, request, timezone.now()), _("Somebody lifted it already."), STALE)
    if request.headers.get("HX-Request"):
        return _shown(request, sheet(debtor_id, request, timezone.now()))
    messages.success(request, told)
    return redirect("circumstances", debtor_id=debtor_id)


def _shown(request: Asked, of: Sheet, trouble: str = "", status: int = 200) -> HttpResponse:
    context = {
        "sheet": of,
        "debtor_id": of.case.borrower_id,
        "trouble": trouble,
        "typed": request.POST,
        "ground_most": forms.GROUND_MOST,
    }
    if request.headers.get("HX-Request"):
        return render(request, "contacts/_standing.html", context)  # as a 200: htmx puts nothing else in place
    choices = {"kinds": Kind.choices, "channels": Channel.choices, "uses": Use.choices}
    return render(request, "contacts/circumstances.html", context | choices, status=status)
