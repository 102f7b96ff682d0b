"""Filling in the form of a review: begin, save as it is typed, attach, confirm as second person, finish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_POST

from daihou.desk.access import needs
from daihou.desk.audit.log import record
from daihou.desk.casework.transitions import RefusedError, StaleError
from daihou.desk.files import arriving, fitness, keeping
from daihou.desk.files.arriving import Arrived, Arriving
from daihou.desk.files.errors import DamagedError, ErasedError, UnfitError
from daihou.desk.reviews import doing, filling, guards, listing, sheets
from daihou.desk.reviews.choices import State
from daihou.desk.reviews.models import Piece, Sheet
from daihou.desk.reviews.views.acts import REFUSED, STALE, revision_of
from daihou.desk.reviews.views.one import found, page

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from daihou.desk.asked import Asked

DAMAGED = 410


@needs("reviews.work")
@require_POST
def begin(request: Asked, number: int) -> HttpResponse:
    """Begin a review, and go to its form."""
    review, revision = found(request, number), request.POST.get("revision", "")
    try:
        doing.begin(review, revision_of(revision), request)
    except RefusedError as error:
        return page(request, review, trouble=str(error), status=REFUSED)
    except StaleError:
        return page(request, found(request, number), trouble=_changed(), status=STALE)
    return redirect("review_form", number)


@needs("reviews.view")
@require_GET
def form(request: Asked, number: int) -> HttpResponse:
    """The form of a review that is begun; of one that is done, what it says."""
    return _shown(request, _sheet(request, number))


@needs("reviews.work")
@require_POST
def save(request: Asked, number: int) -> HttpResponse:
    """Keep what stands on the page; answers with the questions that are asked now."""
    sheet = _sheet(request, number)
    try:
        sheet = _saved(request, sheet)
    except RefusedError as error:
        return _shown(request, sheet, trouble=str(error), status=REFUSED, part=True)
    except StaleError:
        return _shown(request, _sheet(request, number), trouble=_changed(), status=STALE, part=True)
    return _shown(request, sheet, part=True)


@needs("reviews.work")
@require_POST
def finish(request: Asked, number: int) -> HttpResponse:
    """Keep what stands on the page and finish it; what is missing is told beside its question."""
    sheet = _sheet(request, number)
    try:
        sheet = _saved(request, sheet)
        review = doing.finish(sheet, sheet.revision, request)
    except doing.WantingError:
        return _shown(request, sheet, trouble=_("Something is missing. It is marked below."), status=REFUSED, told=True)
    except RefusedError as error:
        return _shown(request, sheet, trouble=str(error), status=REFUSED)
    except StaleError:
        return _shown(request, _sheet(request, number), trouble=_changed(), status=STALE)
    messages.success(request, _("%(number)s is finished.") % {"number": review.number})
    return redirect("review", number)


@needs("reviews.work")
@require_POST
def accompany(request: Asked, number: int) -> HttpResponse:
    """Say that one was there too."""
    sheet = _sheet(request, number)
    try:
        doing.accompany(sheet, request)
    except RefusedError as error:
        return _shown(request, sheet, trouble=str(error), status=REFUSED)
    except StaleError:
        return _shown(request, _sheet(request, number), trouble=_changed(), status=STALE)
    return redirect("review_form", number)


@csrf_exempt  # the token is checked below, once it is known where the file goes
@needs("reviews.work")
@require_POST
def attach(request: Asked, number: int) -> HttpResponse:
    """Take a piece in; whatever is wrong with it, nothing of it stays."""
    sheet = _sheet(request, number)
    try:
        arriving.check_announced(request)
        request.upload_handlers = [Arriving(request)]
        response: HttpResponse = csrf_protect(_attached)(request, sheet)
    except UnfitError as unfit:
        return _shown(request, sheet, trouble=str(unfit), status=REFUSED)
    return response


def _attached(request: Asked, sheet: Sheet) -> HttpResponse:
    sent, question = request.FILES.get("file"), sheets.form_of(sheet).question(request.POST.get("question", ""))
    if question is None or not isinstance(sent, Arrived):
        return _shown(request, sheet, trouble=_("Choose a file first."), status=REFUSED)
    try:
        doing.attach(sheet, question, request.POST.get("shows", ""), fitness.fit(sent), request)
    except (RefusedError, UnfitError) as error:
        return _shown(request, sheet, trouble=str(error), status=REFUSED)
    return redirect("review_form", sheet.review_id)


@needs("reviews.view")
@require_GET
def piece(request: Asked, number: int, piece: int) -> HttpResponseBase:
    """A piece as it was attached; that somebody looked at it is logged."""
    row = Piece.objects.filter(pk=piece, sheet=_sheet(request, number)).first()
    if row is None:
        raise Http404
    try:
        content = keeping.read(row.content.path, row.digest, row.sheet.review.borrower_id)
    except DamagedError:
        return _shown(
            request, row.sheet, trouble=_("This piece is not what was attached. Tell an administrator."), status=DAMAGED
        )
    except ErasedError:
        return _shown(request, row.sheet, trouble=_("It is about somebody who was erased. It opens to nobody any more."), status=DAMAGED)  # fmt: skip
    record(request, "review.piece", "review", row.sheet.review.number, {"piece": row.pk, "digest": row.digest})
    return keeping.given(content, row.name, row.mime, download=False)


def _sheet(request: Asked, number: int) -> Sheet:
    review = found(request, number)
    sheet = Sheet.objects.select_related("companion").filter(review=review).first()
    if sheet is None:
        raise Http404
    sheet.review = review
    return sheet


def _saved(request: Asked, sheet: Sheet) -> Sheet:
    revision = request.POST.get("sheet", "")
    answers = filling.read(sheets.form_of(sheet), request.POST, sheet.answers)
    return doing.save(sheet, revision_of(revision), answers, request)


def _changed() -> str:
    return _("Somebody else changed it meanwhile. Below is what stands now; what you typed last was not kept.")


def _shown(
    request: Asked, sheet: Sheet, *, trouble: str = "", status: int = 200, part: bool = False, told: bool = False
) -> HttpResponse:
    review = sheet.review
    (row,) = listing.told([review])
    form = sheets.form_of(sheet)
    context = {
        "row": row, "review": review, "sheet": sheet, "form": form, "title": sheets.title(sheet.form), "currency": settings.HOME.settings.base_currency,
        "parts": filling.parts(sheet, told=told),
        "trouble": trouble, "over": review.state == State.DONE, "against": guards.against_filling(review, request.user, request.rights),
        "alone": guards.against_accompanying(sheet, request.user, request.rights),
    }  # fmt: skip
    return render(request, "reviews/_sheet.html" if part else "reviews/sheet.html", context, status=status)
