"""The words of a report, changed at the desk: kept while they are typed, saved as versions; who comes second is shown both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from daihou.desk import typed
from daihou.desk.access import needs
from daihou.desk.refusals import RefusedError, StaleError
from daihou.desk.reports import differences, guards, transitions
from daihou.desk.reports import words as wording
from daihou.desk.reports.choices import WORDS, Grade
from daihou.desk.reports.document import document
from daihou.desk.reports.views.one import found, page, stated
from daihou.desk.reviews.views.acts import REFUSED, STALE

if TYPE_CHECKING:
    from daihou.desk.asked import Asked
    from daihou.desk.reports.models import Report

HINTS: dict[str, str] = {
    "summary": "5",
    "sources": "8",
    "risk": "8",
    "measures": "6",
    "conclusion": "4",
    "grade_reason": "3",
}
"""How many lines the field of each text shows at first."""
UID_MOST: Final = 36
"""Characters of an id that a page gives."""


@needs("reports.write")
@require_GET
def edit(request: Asked, number: int) -> HttpResponse:
    """The form of the words, beside the figures."""
    report = found(request, number)
    if refused := guards.against_writing(report, request.user, request.rights):
        return page(request, report, trouble=refused, status=REFUSED)
    return _shown(request, report, report.words)


@needs("reports.write")
@require_POST
def type_on(request: Asked, number: int) -> HttpResponse:
    """Keep the words while they are typed; answers with the revision that stands now."""
    report = found(request, number)
    try:
        after = transitions.type_on(
            report, typed.revision(request.POST.get("revision", "")), _read(request, report), request, _uid(request)
        )
    except RefusedError as error:
        return JsonResponse({"trouble": str(error)}, status=REFUSED)
    except StaleError:
        mine = found(request, number).saved_by_id == request.user.pk
        told = (
            _("You changed it in another window meanwhile. Save to see both.")
            if mine
            else _("Somebody else changed it meanwhile. Save to see both.")
        )
        return JsonResponse({"trouble": told}, status=STALE)
    at = timezone.localtime(after.saved_at).strftime("%H:%M:%S")
    return JsonResponse({"revision": after.revision, "said": _("Kept as a draft at %(at)s") % {"at": at}})


@needs("reports.write")
@require_POST
def save(request: Asked, number: int) -> HttpResponse:
    """Keep the words as a version. Where somebody else changed them since, both are shown, and nothing is lost."""
    report = found(request, number)
    words = _read(request, report)
    try:
        transitions.save(report, typed.revision(request.POST.get("revision", "")), words, request, _uid(request))
    except RefusedError as error:
        return page(request, report, trouble=str(error), status=REFUSED)
    except StaleError:
        return _both(request, found(request, number), words)
    messages.success(request, _("Saved: %(number)s.") % {"number": report.number})
    return redirect("report_edit" if "stay" in request.POST else "report", number)


@needs("reports.write")
@require_POST
def fill(request: Asked, number: int) -> HttpResponse:
    """Take the figures anew; the words stay."""
    report = found(request, number)
    try:
        transitions.fill(report, typed.revision(request.POST.get("revision", "")), request)
    except RefusedError as error:
        return page(request, report, trouble=str(error), status=REFUSED)
    except StaleError:
        trouble = _("It was changed meanwhile. Look at what stands, and try again.")
        return page(request, found(request, number), trouble=trouble, status=STALE)
    messages.success(request, _("The figures are those of today; the words stayed."))
    return redirect("report", number)


def _uid(request: Asked) -> str:
    """The id that the page gave what it sends; empty where it gave none."""
    sent = request.POST.get("uid", "")
    return sent if len(sent) <= UID_MOST else ""


def _read(request: Asked, report: Report) -> dict[str, str]:
    return wording.read({name: request.POST[name] for name in (*WORDS, "grade") if name in request.POST}, report.words)


def _shown(request: Asked, report: Report, words: dict[str, str]) -> HttpResponse:
    context = {
        "report": report, "review": report.review, "doc": document(report, stated(report), with_pictures=False), "fields": _fields(words),
        "grades": Grade.choices, "grade": words.get("grade", ""), "suggested": report.figures.get("suggested", ""), "saved_at": report.saved_at,
    }  # fmt: skip
    return render(request, "reports/edit.html", context)


def _fields(words: dict[str, str]) -> list[dict[str, Any]]:
    return [{"name": name, "label": label, "text": words.get(name, ""), "lines": HINTS[name]} for name, label in WORDS.items()]  # fmt: skip


def _both(request: Asked, report: Report, mine: dict[str, str]) -> HttpResponse:
    """What stands now beside what was typed, text by text; the texts on which they agree go along."""
    fields = [
        {
            "name": name, "label": label, "mine": mine[name], "theirs": report.words.get(name, ""), "lines": HINTS[name],
            "pieces": list(differences.pieces(report.words.get(name, ""), mine[name])), "same": mine[name] == report.words.get(name, ""),
        }
        for name, label in WORDS.items()
    ]  # fmt: skip
    context = {
        "report": report, "review": report.review, "fields": fields, "differing": [one for one in fields if not one["same"]], "grades": Grade.choices,
        "grade": mine["grade"], "their_grade": dict(Grade.choices).get(report.words.get("grade", ""), "–"),
        "same_grade": mine["grade"] == report.words.get("grade", ""), "myself": report.saved_by_id == request.user.pk,
    }  # fmt: skip
    return render(request, "reports/both.html", context, status=STALE)
