"""What people stated about the limitation of one loan's claim, and the form to state more."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from daihou.desk.access import needs
from daihou.desk.letters import claim_events, serving
from daihou.desk.letters.models import ClaimEvent
from daihou.desk.letters.policy import law
from daihou.desk.letters.views.acts import NOTE_MOST, REFUSED, STALE
from daihou.desk.letters.views.lists import newest
from daihou.desk.portfolio import reading
from daihou.desk.refusals import RefusedError, StaleError

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from daihou.desk.asked import Asked


def borrower_of(request: Asked, loan_id: str, permission: str) -> str:
    """The borrower of a loan of the newest run within reach; 404 else."""
    moment = newest()
    within, values = reading.within(request.rights.reach(permission), ())
    rows = reading.rows(
        f"SELECT borrower_id FROM {reading.snapshots(moment).sql} WHERE loan_id = ? AND {within}", [loan_id, *values]
    ) if moment else []  # fmt: skip
    if not rows:
        raise Http404
    return str(rows[0]["borrower_id"])


@needs("letters.view")
@require_GET
def events(request: Asked, loan_id: str) -> HttpResponse:
    """What was stated, and the form."""
    borrower_of(request, loan_id, "letters.view")
    return _page(request, loan_id)


@needs("letters.serve")
@require_POST
def add(request: Asked, loan_id: str) -> HttpResponse:
    """State an event."""
    borrower_id, asked = borrower_of(request, loan_id, "letters.serve"), request.POST
    try:
        claim_events.state(
            loan_id, borrower_id, asked.get("kind", ""), _day(asked.get("on", "")), _day(asked.get("ended_on", "")), asked.get("source", ""),
            asked.get("note", "")[:NOTE_MOST], request,
        )  # fmt: skip
    except ValueError:
        return _page(request, loan_id, trouble=_("Say on which day, today at the latest."), status=REFUSED)
    except RefusedError as error:
        return _page(request, loan_id, trouble=str(error), status=REFUSED)
    messages.success(request, _("Saved: %(number)s.") % {"number": loan_id})
    return redirect("claim_events", loan_id)


@needs("letters.serve")
@require_POST
def end(request: Asked, number: int) -> HttpResponse:
    """Say since when a procedure or an obstacle is over."""
    return _done(
        request, number, lambda event: claim_events.end(event, _day(request.POST.get("ended_on", "")), request)
    )


@needs("letters.serve")
@require_POST
def withdraw(request: Asked, number: int) -> HttpResponse:
    """Take an event back."""
    return _done(
        request, number, lambda event: claim_events.withdraw(event, request.POST.get("note", "")[:NOTE_MOST], request)
    )


def _done(request: Asked, number: int, act: Callable[[ClaimEvent], None]) -> HttpResponse:
    """Do an act to an event whose loan is in reach; its page again, with what was wrong."""
    event = get_object_or_404(ClaimEvent, pk=number)
    borrower_of(request, event.loan_id, "letters.serve")
    try:
        act(event)
    except ValueError:
        return _page(request, event.loan_id, trouble=_("Say on which day, today at the latest."), status=REFUSED)
    except RefusedError as error:
        return _page(request, event.loan_id, trouble=str(error), status=REFUSED)
    except StaleError:
        trouble = _("It was changed meanwhile. Look at what stands, and try again.")
        return _page(request, event.loan_id, trouble=trouble, status=STALE)
    return redirect("claim_events", event.loan_id)


def _day(text: str) -> dt.date | None:
    """A day, or None where none is said; ValueError for what is none."""
    return dt.date.fromisoformat(text) if text else None


def _page(request: Asked, loan_id: str, *, trouble: str = "", status: int = 200) -> HttpResponse:
    held = law()
    typed: Any = request.POST if trouble and "kind" in request.POST else {}
    context = {
        "loan_id": loan_id, "events": ClaimEvent.objects.filter(loan_id=loan_id).select_related("by", "withdrawn_by").order_by("-on", "-pk"),
        "kinds": [held.kind(code) for code in held.stated], "may": request.rights.may("letters.serve"), "trouble": trouble, "typed": typed,
        "today": serving.today(), "lasting": claim_events.lasting(),
    }  # fmt: skip
    return render(request, "letters/claim_events.html", context, status=status)
