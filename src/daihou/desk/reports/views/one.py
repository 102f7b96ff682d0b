"""One report: what it says, who signed it, what was done to it; its versions and what they say differently."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_GET

from daihou.desk.access import needs
from daihou.desk.reports import differences, guards, scope, transitions
from daihou.desk.reports.choices import WRITTEN
from daihou.desk.reports.document import Stated, document
from daihou.desk.reports.models import Report, Version
from daihou.desk.reports.words import digest
from daihou.desk.vault.forms import PurposeForm

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked


def found(request: Asked, number: int) -> Report:
    """A report that somebody sees; 404 else."""
    rows = Report.objects.filter(pk=number).select_related("review", "made_by", "saved_by")
    report = scope.seen(request.user, request.rights, rows=rows).first()
    if report is None:
        raise Http404
    return report


def stated(report: Report) -> Stated:
    """The report as it stands: the draft while somebody writes on it, else its last version."""
    version = transitions.last(report)
    if report.state in WRITTEN:
        return Stated(report.content, version.number, digest(report.content))
    return Stated(version.content, version.number, version.digest)


@needs("reports.view")
@require_GET
def report(request: Asked, number: int) -> HttpResponse:
    """The page of a report."""
    return page(request, found(request, number))


def page(
    request: Asked, report: Report, *, trouble: str = "", status: int = 200, typed: str = "", form: Any = None
) -> HttpResponse:
    """It, with what went wrong with an act and what was typed for it."""
    user, rights = request.user, request.rights
    against = {
        "write": guards.against_writing(report, user, rights), "submit": guards.against_submitting(report, user, rights),
        "check": guards.against_checking(report, user, rights), "approve": guards.against_approving(report, user, rights),
        "return": guards.against_returning(report, user, rights, None),
    }  # fmt: skip
    now = stated(report)
    context = {
        "report": report, "review": report.review, "doc": document(report, now, with_pictures=False), "against": against, "trouble": trouble,
        "typed": typed, "moves": report.moves.select_related("actor").order_by("-id"), "form": form or PurposeForm(), "photos": _photos(now),
        "may_reveal": rights.may("person.reveal"),
    }  # fmt: skip
    return render(request, "reports/report.html", context, status=status)


def _photos(stated: Stated) -> list[dict[str, Any]]:
    return [one for part in stated.content["figures"]["parts"] if part["id"] == "pictures" for one in part["pictures"]]  # fmt: skip


@needs("reports.view")
@require_GET
def versions(request: Asked, number: int) -> HttpResponse:
    """The versions of a report, and what two of them say differently: by default the last and the one before."""
    report = found(request, number)
    rows = list(Version.objects.filter(report=report).select_related("made_by").order_by("-number"))
    by = {row.number: row for row in rows}
    newer = by.get(_number(request.GET.get("b", "")), rows[0])
    older = by.get(_number(request.GET.get("a", "")), by.get(newer.number - 1, newer))
    context = {
        "report": report, "review": report.review, "rows": rows, "older": older, "newer": newer,
        "words": differences.words(older.content["words"], newer.content["words"]),
        "figures": differences.figures(older.content["figures"], newer.content["figures"]),
    }  # fmt: skip
    return render(request, "reports/versions.html", context)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else 0
