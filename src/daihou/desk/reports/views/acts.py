"""Acts on a report; each does one transition, and what is refused keeps what was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from daihou.desk import typed
from daihou.desk.access import needs
from daihou.desk.refusals import RefusedError, StaleError
from daihou.desk.reports import transitions
from daihou.desk.reports.models import Report
from daihou.desk.reports.views.one import found, page
from daihou.desk.reviews.views.acts import NOTE_MOST, REFUSED, STALE
from daihou.desk.reviews.views.one import found as review_found
from daihou.desk.reviews.views.one import page as review_page

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from daihou.desk.asked import Asked


@needs("reports.write")
@require_POST
def make(request: Asked, review: int) -> HttpResponse:
    """Make the report of a review, filled in; where one is at work, go there."""
    about = review_found(request, review)
    try:
        made = transitions.make(about, request.POST.get("language", ""), request)
    except RefusedError as error:
        return review_page(request, about, trouble=str(error), status=REFUSED)
    except StaleError:
        there = Report.objects.filter(review=about).order_by("-id").first()
        return redirect("report", there.pk) if there else review_page(request, about, status=STALE)
    messages.success(request, _("%(number)s is filled in. Its words are yours to write.") % {"number": made.number})
    return redirect("report", made.pk)


@needs("reports.write")
@require_POST
def submit(request: Asked, number: int) -> HttpResponse:
    """Hand it over to be checked."""
    return _done(request, number, transitions.submit)


@needs("reports.check")
@require_POST
def check(request: Asked, number: int) -> HttpResponse:
    """The first approval."""
    return _done(request, number, transitions.check)


@needs("reports.approve")
@require_POST
def approve(request: Asked, number: int) -> HttpResponse:
    """The second approval."""
    return _done(request, number, transitions.approve)


@needs("reports.check")
@require_POST
def return_unchecked(request: Asked, number: int) -> HttpResponse:
    """Return it instead of checking it."""
    return _done(request, number, transitions.send_back)


@needs("reports.approve")
@require_POST
def return_checked(request: Asked, number: int) -> HttpResponse:
    """Return it instead of approving it."""
    return _done(request, number, transitions.send_back)


def _done(request: Asked, number: int, act: Callable[[Report, int, str, Asked], Report]) -> HttpResponse:
    report, note = found(request, number), request.POST.get("note", "")[:NOTE_MOST]
    try:
        after = act(report, typed.revision(request.POST.get("revision", "")), note, request)
    except RefusedError as error:
        return page(request, report, trouble=str(error), status=REFUSED, typed=note)
    except StaleError:
        stale = _("It was changed meanwhile. Look at what stands, and try again.")
        return page(request, found(request, number), trouble=stale, status=STALE, typed=note)
    messages.success(request, _("%(number)s: %(state)s.") % {"number": after.number, "state": after.get_state_display().lower()})  # fmt: skip
    return redirect("report", number)
