"""What leaves a version as a file: its report as a page or PDF, the model as JSON, the card as a workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.http import Http404, HttpResponse
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET

from daihou.desk.audit.log import record
from daihou.desk.governance.scope import whole_lender
from daihou.desk.scoring import labels, registry, validated
from daihou.runs.scores import register
from daihou.runs.scores.report.pdf import pdf
from daihou.runs.scores.sheets import workbook

if TYPE_CHECKING:
    from daihou.desk.asked import Asked
    from daihou.runs.scores.register import Version

KINDS: Final = {
    "pdf": "application/pdf",
    "json": "application/json; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""By ending the kind of content."""
ALONE: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox"
"""The report is one page with its style within: nothing else is loaded, no script runs, and it reaches nothing of the desk."""


@whole_lender("models.view")
@xframe_options_sameorigin
@require_GET
def report(request: Asked, model_id: str, number: int) -> HttpResponse:
    """The report of the last validation, as a page of its own; `?language=en|zh` chooses which."""
    page = validated.report(registry.version_or_404(model_id, number), request.GET.get("language", ""))
    if page is None:
        raise Http404
    headers = {"Content-Security-Policy": ALONE, "Cache-Control": "no-store"}
    return HttpResponse(page, content_type="text/html; charset=utf-8", headers=headers)


@whole_lender("models.view")
@require_GET
def file(request: Asked, model_id: str, number: int, ending: str) -> HttpResponse:
    """The report as PDF, the model as JSON, or the card as a workbook; what leaves is noted."""
    found = registry.version_or_404(model_id, number)
    content = _content(found, ending)
    if content is None:
        raise Http404
    record(request, "model.export", "model", found.called, {"as": ending})
    name = f"{found.model_id}-v{found.number}{'-report' if ending == 'pdf' else ''}.{ending}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type=KINDS[ending], headers=headers)


def _content(found: Version, ending: str) -> bytes | None:
    """The bytes of a file; None where the version has none of the kind."""
    if ending == "pdf":
        page = validated.report(found)
        return None if page is None else pdf(page)
    if ending == "json":
        return register.model(settings.HOME, found).text.encode()
    if ending == "xlsx" and found.kind == "card":
        return workbook(register.model(settings.HOME, found), found.called, chinese=labels.chinese())
    return None
