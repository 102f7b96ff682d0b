"""The outermost middleware: each request gets an id, is timed, counted by its route, and has a line in the access log."""

from __future__ import annotations

import logging
import re
import time
import uuid
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from prometheus_client import Histogram

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

ACCESS: Final = logging.getLogger("daihou.access")
CURRENT: Final[ContextVar[str]] = ContextVar("request_id", default="")
"""The id of the request in hand; empty outside one."""
WELL_FORMED: Final = re.compile(r"[A-Za-z0-9-]{8,64}", re.ASCII)
SECONDS: Final = Histogram(
    "daihou_request_duration_seconds", "Time to answer a request, by route, method and status.", ["route", "method", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)  # fmt: skip
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Watched:
    """Times requests and names them; `request.id` is there for all that follow, and in every log line written meanwhile."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, with the id in a header: the caller's own where it is well-formed."""
        stated = request.headers.get("X-Request-Id", "")
        request.id = stated if WELL_FORMED.fullmatch(stated) else uuid.uuid4().hex[:16]  # type: ignore[attr-defined]
        held = CURRENT.set(request.id)  # type: ignore[attr-defined]
        began = time.perf_counter()
        try:
            response = self.answer(request)
            took = time.perf_counter() - began
            route, method = route_of(request), request.method if request.method in METHODS else "other"
            SECONDS.labels(route, method, str(response.status_code)).observe(took)
            said = {"route": route, "method": method, "status": response.status_code, "ms": round(took * 1000, 1)}
            ACCESS.info("%s %s %s", method, route, response.status_code, extra={"said": said})
        finally:
            CURRENT.reset(held)
        response["X-Request-Id"] = request.id  # type: ignore[attr-defined]
        return response


def route_of(request: HttpRequest) -> str:
    """The pattern a request was answered by, never its address: that may hold numbers of loans and people."""
    match = getattr(request, "resolver_match", None)
    return match.route if match is not None and match.route else "unmatched"
