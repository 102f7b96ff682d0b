"""Acts on an arrangement: each reads its form, does one transition, and leads back to it, or says why not and keeps what was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from daihou.book.errors import DaihouError
from daihou.desk.access import needs
from daihou.desk.casework import arrangements, arranging
from daihou.desk.casework.views import arrangements as pages
from daihou.desk.refusals import RefusedError, StaleError

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from daihou.desk.asked import Asked
    from daihou.desk.casework.models import Arrangement

    Doing = Callable[[Arrangement, int, str], Arrangement]
    """What is done to an arrangement, on the revision that was looked at, with a note."""

NOTE_MOST: Final = 4000
MOVES_SHOWN: Final = 5


@needs("collection.work")
@require_POST
def change(request: Asked, number: int) -> HttpResponse:
    """Draft it anew, as the form says."""
    one = pages.found(request, number)
    try:
        stated = pages.said(request, one.case, one.currency)
        after = arranging.change(one, _revision(request), stated, request)
    except StaleError:
        return _stale(request, one)
    except (RefusedError, DaihouError) as error:
        return pages.shown(request, one, typed=True, trouble=pages.told(error), status=pages.REFUSED)
    return pages.done(request, after)


@needs("collection.work")
@require_POST
def submit(request: Asked, number: int) -> HttpResponse:
    """Hand it to who approves."""
    known = bool(request.POST.get("known"))
    return _done(
        request,
        number,
        lambda one, revision, note: arranging.submit(one, revision, note, request, arrangements.today(), known=known),
    )


@needs("collection.approve")
@require_POST
def approve(request: Asked, number: int) -> HttpResponse:
    """Decide on it."""
    known = bool(request.POST.get("known"))
    return _done(
        request,
        number,
        lambda one, revision, note: arranging.approve(one, revision, note, request, arrangements.today(), known=known),
    )


@needs("collection.approve")
@require_POST
def return_(request: Asked, number: int) -> HttpResponse:
    """Back to who drafted it."""
    return _done(request, number, lambda one, revision, note: arranging.return_(one, revision, note, request))


@needs("collection.work")
@require_POST
def withdraw(request: Asked, number: int) -> HttpResponse:
    """Give it up."""
    return _done(request, number, lambda one, revision, note: arranging.withdraw(one, revision, note, request))


@needs("collection.manage")
@require_POST
def end(request: Asked, number: int) -> HttpResponse:
    """End one that stands: done, or not kept."""
    finished = request.POST.get("how") == "done"
    return _done(
        request, number, lambda one, revision, note: arranging.end(one, revision, note, request, done=finished)
    )


def _done(request: Asked, number: int, act: Doing) -> HttpResponse:
    one = pages.found(request, number)
    note = request.POST.get("note", "").strip()[:NOTE_MOST]
    try:
        after = act(one, _revision(request), note)
    except StaleError:
        return _stale(request, one)
    except (RefusedError, DaihouError) as error:
        return render(
            request,
            "casework/arrangement_told.html",
            _beside(one, note, reason=pages.told(error)),
            status=pages.REFUSED,
        )
    return pages.done(request, after)


def _revision(request: Asked) -> int:
    stated = request.POST.get("revision", "")
    if not (stated.isascii() and stated.isdigit() and len(stated) < 10):
        raise RefusedError(_("The page did not say which state of the arrangement you saw. Look at it again."))
    return int(stated)


def _stale(request: Asked, one: Arrangement) -> HttpResponse:
    """Who did what since it was looked at, with what was typed."""
    moves = one.moves.select_related("actor").order_by("-id")[:MOVES_SHOWN]
    note = request.POST.get("note", "").strip()
    return render(request, "casework/arrangement_told.html", _beside(one, note, moves=moves), status=409)


def _beside(one: Arrangement, note: str, **more: Any) -> dict[str, Any]:
    return {"one": one, "called": arranging.number(one), "typed": note, "here": "workbench", **more}
