"""Pages of deliveries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from daihou.desk.access import needs

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@needs("deliveries.view")
def deliveries(request: HttpRequest) -> HttpResponse:
    """Not built yet."""
    return render(request, "base.html")

