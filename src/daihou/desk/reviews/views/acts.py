"""Acts on a review; each does one transition, and what is refused keeps what was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from daihou.desk import typed
from daihou.desk.access import needs
from daihou.desk.people.models import User
from daihou.desk.refusals import RefusedError, StaleError
from daihou.desk.reviews import asking, transitions
from daihou.desk.reviews.views.one import found, page

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from daihou.desk.asked import Asked
    from daihou.desk.reviews.models import Review

REFUSED, STALE = 422, 409
NOTE_MOST = 2_000


@needs("reviews.work")
@require_POST
def claim(request: Asked, number: int) -> HttpResponse:
    """Take a review of one's org that is nobody's."""
    return _done(request, number, lambda review, revision, _note: transitions.claim(review, revision, request))


@needs("reviews.manage")
@require_POST
def assign(request: Asked, number: int) -> HttpResponse:
    """Give a review to somebody."""
    owner = chosen_user(request.POST.get("owner", ""))

    def act(review: Review, revision: int, note: str) -> Review:
        if owner is None:
            raise RefusedError(_("Choose who gets it."))
        return transitions.assign(review, revision, owner, note, request)

    return _done(request, number, act)


@needs("reviews.manage")
@require_POST
def postpone(request: Asked, number: int) -> HttpResponse:
    """Set another due date."""
    to = typed.day(request.POST.get("to", ""))

    def act(review: Review, revision: int, note: str) -> Review:
        if to is None:
            raise RefusedError(_("Choose a day."))
        return transitions.postpone(review, revision, to, note, request)

    return _done(request, number, act)


@needs("reviews.manage")
@require_POST
def waive(request: Asked, number: int) -> HttpResponse:
    """Decide that a review is not done this once."""
    return _done(request, number, lambda review, revision, note: transitions.waive(review, revision, note, request))


@needs("reviews.work")
@require_POST
def ask(request: Asked, number: int) -> HttpResponse:
    """Note that one asked the borrower for the papers."""
    way = request.POST.get("way", "")
    return _done(request, number, lambda review, revision, note: asking.by_hand(review, revision, way, note, request))


def chosen_user(key: str) -> User | None:
    """Whom a page names by a key; None where it names nobody."""
    return User.objects.filter(pk=int(key)).first() if key.isdecimal() and len(key) < 10 else None


def _done(request: Asked, number: int, act: Callable[[Review, int, str], Review]) -> HttpResponse:
    review = found(request, number)
    revision = request.POST.get("revision", "")
    try:
        after = act(review, typed.revision(revision), request.POST.get("note", "")[:NOTE_MOST])
    except RefusedError as error:
        return page(
            request,
            review,
            trouble=str(error),
            status=REFUSED,
            typed={**request.POST.dict(), "act": request.path.rstrip("/").rpartition("/")[2]},
        )
    except StaleError:
        stale = _("It was changed meanwhile. Look at what stands, and try again.")
        return page(
            request,
            found(request, number),
            trouble=stale,
            status=STALE,
            typed={**request.POST.dict(), "act": request.path.rstrip("/").rpartition("/")[2]},
        )
    messages.success(request, _("Saved: %(number)s.") % {"number": after.number})
    return redirect("review", number)
