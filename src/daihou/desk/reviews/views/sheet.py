"""Filling in the form of a review: begin, save as it is typed, attach, go on with a newer version, confirm as second person, finish."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from daihou.desk import typed
from daihou.desk.access import needs
from daihou.desk.audit.log import record
from daihou.desk.files import arriving, fitness, keeping, ranges
from daihou.desk.files.arriving import Arrived
from daihou.desk.files.errors import DamagedError, ErasedError, UnfitError
from daihou.desk.governance import labels
from daihou.desk.refusals import RefusedError, StaleError
from daihou.desk.reviews import device, doing, filling, guards, listing, sheets
from daihou.desk.reviews.choices import State
from daihou.desk.reviews.models import Piece, Sheet
from daihou.desk.reviews.views.acts import REFUSED, STALE
from daihou.desk.reviews.views.one import found, page

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

    from daihou.desk.asked import Asked
    from daihou.reviews.forms.form import Form

FORBIDDEN, DAMAGED = 403, 410
WORKER: Final = Path(__file__).parents[2] / "static" / "desk" / "sheet_worker.js"


@needs("reviews.work")
@require_POST
def begin(request: Asked, number: int) -> HttpResponse:
    """Begin a review, and go to its form."""
    review, revision = found(request, number), request.POST.get("revision", "")
    try:
        doing.begin(review, typed.revision(revision), request)
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
    """Keep what stands on the page; answers with the page as it is now."""
    sheet = _sheet(request, number)
    if refused := _of_another(request, sheet):
        return refused
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
    """Keep what stands on the page and finish it; what is missing is told beside its question. A script is told where to go then."""
    sheet, scripted = _sheet(request, number), _by_script(request)
    if refused := _of_another(request, sheet):
        return refused
    try:
        sheet = _saved(request, sheet)
        review = doing.finish(sheet, sheet.revision, request)
    except doing.WantingError:
        missing = _("Something is missing. It is marked below.")
        return _shown(request, sheet, trouble=missing, status=REFUSED, told=True, part=scripted)
    except RefusedError as error:
        return _shown(request, sheet, trouble=str(error), status=REFUSED, part=scripted)
    except StaleError:
        return _shown(request, _sheet(request, number), trouble=_changed(), status=STALE, part=scripted)
    messages.success(request, _("%(number)s is finished.") % {"number": review.number})
    return JsonResponse({"to": reverse("review", args=[number])}) if scripted else redirect("review", number)


@needs("reviews.work")
@require_POST
def carry(request: Asked, number: int) -> HttpResponse:
    """Go on with the version of the form that is in force now."""
    sheet = _sheet(request, number)
    revision, version = (typed.revision(request.POST.get(name, "")) for name in ("sheet", "version"))
    try:
        doing.carry(sheet, revision, version, request)
    except RefusedError as error:
        return _shown(request, sheet, trouble=str(error), status=REFUSED)
    except StaleError:
        return _shown(request, _sheet(request, number), trouble=_changed(), status=STALE)
    messages.success(request, _("The form is now version %(n)d.") % {"n": version})
    return redirect("review_form", number)


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


@csrf_exempt  # `taken_in` checks the token, once it is known where the file goes
@needs("reviews.work")
@require_POST
def attach(request: Asked, number: int) -> HttpResponse:
    """Take a piece in; whatever is wrong with it, nothing of it stays. A script is answered with the pieces of the question, or with the reason alone."""
    sheet = _sheet(request, number)
    try:
        return arriving.taken_in(request, _attached, sheet)
    except UnfitError as unfit:
        return _not_attached(request, sheet, str(unfit))


def _attached(request: Asked, sheet: Sheet) -> HttpResponse:
    sent, question = request.FILES.get("file"), sheets.form_of(sheet).question(request.POST.get("question", ""))
    if refused := _of_another(request, sheet):
        return refused
    if question is None or not isinstance(sent, Arrived):
        return _not_attached(request, sheet, _("Choose a file first."))
    said, shows, uid = device.said(request.POST), request.POST.get("shows", ""), _uid(request.POST.get("uid", ""))
    try:
        doing.attach(sheet, question, shows, fitness.fit(sent), request, uid=uid, said=said)
    except (RefusedError, UnfitError) as error:
        return _not_attached(request, sheet, str(error))
    if not _by_script(request):
        return redirect("review_form", sheet.review_id)
    pieces = sheet.pieces.filter(question=question.id)
    drawn = render_to_string("reviews/_pieces.html", {"pieces": pieces, "review": sheet.review}, request)
    return JsonResponse({"pieces": drawn})


def _not_attached(request: Asked, sheet: Sheet, reason: str) -> HttpResponse:
    if _by_script(request):
        return JsonResponse({"reason": reason}, status=REFUSED)
    return _shown(request, sheet, trouble=reason, status=REFUSED)


def _uid(text: str) -> str:
    """An id that a device gave; empty where it gave none, or no id."""
    try:
        return str(uuid.UUID(text)) if text else ""
    except ValueError:
        return ""


@needs("reviews.view")
@require_GET
def piece(request: Asked, number: int, piece: int) -> HttpResponseBase:
    """A piece as it was attached, or a part of it; that somebody looked at it is logged."""
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
    wanted = ranges.asked(request.headers.get("Range", ""), len(content))
    if wanted is None or wanted[0] == 0:  # who listens on has begun before
        record(request, "review.piece", "review", row.sheet.review.number, {"piece": row.pk, "digest": row.digest})
    if wanted:
        return ranges.part(content, row.mime, *wanted)
    response = keeping.given(content, row.name, row.mime, download=False)
    response["Accept-Ranges"] = "bytes"
    return response


@needs("reviews.view")
@require_GET
def worker(request: Asked) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """The script that keeps form pages on the device. It is served from here, since it rules over no more than what lies below its address."""
    return HttpResponse(
        WORKER.read_bytes(), content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"}
    )


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
    uid, off_s = _uid(request.POST.get("save", "")), device.said(request.POST).off_s
    return doing.save(sheet, typed.revision(revision), answers, request, off_s=off_s, uid=uid)


def _by_script(request: Asked) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


def _of_another(request: Asked, sheet: Sheet) -> HttpResponse | None:
    """The refusal of what lay on a device and belongs to somebody else than who is signed in; None where it is theirs."""
    whose = request.POST.get("user", "")
    if whose in ("", str(request.user.pk)):
        return None
    reason = _("This was kept on the device by somebody else. They must sign in themselves to send it.")
    if _by_script(request):
        return JsonResponse({"reason": reason}, status=FORBIDDEN)
    return _shown(request, sheet, trouble=reason, status=FORBIDDEN)


def _changed() -> str:
    return _("Somebody else changed it meanwhile. Below is what stands now; what you typed last was not kept.")


def _shown(
    request: Asked, sheet: Sheet, *, trouble: str = "", status: int = 200, part: bool = False, told: bool = False
) -> HttpResponse:
    review = sheet.review
    (row,) = listing.told([review])
    form, against = sheets.form_of(sheet), guards.against_filling(review, request.user, request.rights)
    newer = None if against else doing.newer(sheet)
    context = {
        "row": row, "review": review, "sheet": sheet, "form": form, "title": sheets.title(sheet.form), "currency": settings.HOME.settings.base_currency,
        "parts": filling.parts(sheet, told=told),
        "trouble": trouble, "over": review.state == State.DONE, "against": against, "walked": filling.walked(sheet),
        "newer": newer, "again": _again(sheet, newer) if newer else [], "place_words": filling.place_words(), "most_bytes": arriving.FILE_BYTES,
        "most_mb": arriving.FILE_BYTES >> 20, "clock": device.told(sheet.clock_off_s),
        "alone": guards.against_accompanying(sheet, request.user, request.rights),
    }  # fmt: skip
    return render(request, "reviews/_sheet.html" if part else "reviews/sheet.html", context, status=status)


def _again(sheet: Sheet, newer: Form) -> list[tuple[str, str]]:
    """What must be answered again in another version, and why."""
    asked, chinese = sheets.form_of(sheet), labels.chinese()
    found = []
    for one in doing.carried_to(sheet, newer).again:
        question = asked.question(one.question)
        found.append((question.text.of(chinese=chinese) if question else one.question, one.zh if chinese else one.en))
    return found
