"""The list of reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_GET

from daihou.desk.access import needs
from daihou.desk.reports import listing, scope

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked

PAGE: Final = 50


@needs("reports.view")
@require_GET
def listed(request: Asked) -> HttpResponse:
    """The reports in reach of the view that the address asks for."""
    seen = scope.seen(request.user, request.rights)
    asked = request.GET.get("view", "")
    view = asked if asked in listing.VIEWS else "work"
    found = seen.filter(listing.of_view(view, request.user)).select_related("review", "made_by")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    views = [(code, label, seen.filter(listing.of_view(code, request.user)).count()) for code, label in listing.VIEWS.items()]  # fmt: skip
    context = {"rows": listing.told(list(page.object_list)), "page": page, "view": view, "views": views}
    return render(request, "reports/reports.html", context)
