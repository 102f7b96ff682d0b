"""Not built yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render

from daihou.desk.access import needs

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@needs("portfolio.view")
def compare(request: HttpRequest, **_: Any) -> HttpResponse:
    """Not built yet."""
    return render(request, "base.html")
