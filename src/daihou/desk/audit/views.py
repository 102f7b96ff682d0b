"""The auditor's pages: the log, one entry, the state of the chain, and the log as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.contrib import messages
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from daihou.desk.access import needs
from daihou.desk.audit import heads
from daihou.desk.audit.actions import action_label, kind_label
from daihou.desk.audit.differences import differences, given
from daihou.desk.audit.export import csv_lines
from daihou.desk.audit.filters import EntryFilter, within
from daihou.desk.audit.log import record
from daihou.desk.audit.models import Entry, Link
from daihou.desk.audit.sealing import waiting
from daihou.desk.audit.texts import broken_text
from daihou.desk.audit.verify import verify

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpResponse

    from daihou.desk.asked import Asked

PAGE: Final = 50
AT_ONCE: Final = 50_000
"""Links that a page verifies while one waits; the command line verifies all."""


@needs("audit.view")
@require_GET
def audit(request: Asked) -> HttpResponse:
    """The log, newest first: a page begins where the one before ended, so entries that come meanwhile do not shift it."""
    chosen = EntryFilter(request.GET, queryset=_readable(request))
    before = request.GET.get("before", "")
    rows = chosen.qs.filter(pk__lt=int(before)) if before.isdecimal() and len(before) < 19 else chosen.qs
    entries = list(rows.order_by("-pk")[: PAGE + 1])
    context = {
        "filter": chosen,
        "filtered": any(request.GET.get(name) for name in chosen.filters),
        "rows": [_row(entry) for entry in entries[:PAGE]],
        "older": entries[PAGE - 1].pk if len(entries) > PAGE else None,
        "newest": not before,
        **_state(),
    }
    return render(request, "audit/list.html", context)


@needs("audit.view")
@require_GET
def entry(request: Asked, pk: int) -> HttpResponse:
    """One entry, with what was before and after."""
    found = get_object_or_404(_readable(request).select_related("link"), pk=pk)
    context = {
        **_row(found),
        "link": getattr(found, "link", None),
        "differences": differences(found.detail),
        "given": given(found.detail),
    }
    return render(request, "audit/entry.html", context)


@needs("audit.view")
@require_GET
def audit_csv(request: Asked) -> StreamingHttpResponse:
    """What the filter leaves, as CSV; taking it out is an entry itself."""
    chosen = EntryFilter(request.GET, queryset=_readable(request).select_related("link"))
    asked = {name: value for name in chosen.filters if (value := request.GET.get(name))}
    record(request, "audit.export", "audit", "csv", {"filter": asked})
    lines = csv_lines(chosen.qs.order_by("-pk").iterator(chunk_size=2_000))
    name = f"audit-{timezone.localdate():%Y%m%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


@needs("audit.view")
@require_POST
def audit_verify(request: Asked) -> HttpResponse:
    """Verify the newest links, and say what was found."""
    last = Link.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
    since = max(0, last - AT_ONCE)
    report = verify(heads.read(settings.HOME), since)
    found = {"good": report.good, "from": since + 1, "to": report.seq, "broken": report.broken and report.broken.kind}
    record(request, "audit.verify", "audit", str(report.seq), found)
    if report.broken:
        messages.error(request, broken_text(report.broken))
    else:
        messages.success(request, _("The chain holds: %(count)s links were computed again.") % {"count": report.walked})
    return redirect("audit")


def _readable(request: Asked) -> QuerySet[Entry]:
    return within(request.rights.reach("audit.view"))


def _row(found: Entry) -> dict[str, Any]:
    return {"entry": found, "action": action_label(found.action), "kind": kind_label(found.subject_kind)}


def _state() -> dict[str, Any]:
    """How far the chain goes, how many entries wait, and what the last verification found."""
    return {
        "last_link": Link.objects.order_by("-seq").select_related("entry").first(),
        "waiting": waiting().count(),
        "verified": Entry.objects.filter(action="audit.verify").order_by("-pk").first(),
    }
