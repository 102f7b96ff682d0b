"""The stream of news that open pages hear, and the page of how the stream of events fares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from daihou.desk.access import needs
from daihou.desk.live import faring
from daihou.desk.live.herald import HERALD
from daihou.desk.live.streaming import AGAIN_MS, Page, hearer

if TYPE_CHECKING:
    from daihou.desk.asked import Asked


PAGES: Final = 2_000
"""Open pages of one web process. One more asks again after a while, and shows that it is not live."""


@needs("alerts.view")
@require_GET
def alerts(request: Asked) -> HttpResponse:
    """News of alerts within reach, as server-sent events, from the act that the browser heard of last.

    The answer greets; what keeps it open (`seats`) plays what comes after. Where nothing does, the browser asks again, as of every stream that ends.
    """
    if HERALD.listeners >= PAGES:
        return HttpResponse(status=503, headers={"Retry-After": str(AGAIN_MS // 100)})
    after = request.headers.get("Last-Event-ID") or request.GET.get("after", "")
    number = int(after) if after.isascii() and after.isdigit() and len(after) < 19 else None
    page = Page(hearer(request), number)
    response = HttpResponse(page.greet(), content_type="text/event-stream")
    response.play = page.play  # type: ignore[attr-defined]
    response.headers["Cache-Control"] = "no-store, no-transform"
    response.headers["Content-Encoding"] = "identity"  # what is compressed lies with the compressor until there is more
    response.headers["X-Accel-Buffering"] = "no"  # nginx would keep it back as well
    return response


@needs("jobs.view")
@require_GET
def stream(request: Asked) -> HttpResponse:
    """How the processes of the log and the stream fare."""
    return render(request, "live/stream.html", faring.context(timezone.now()))


@needs("jobs.view")
@require_GET
def stream_now(request: Asked) -> HttpResponse:
    """The part of that page that changes."""
    return render(request, "live/_stream.html", faring.context(timezone.now()))
