"""`/metrics`: what Prometheus scrapes."""

from __future__ import annotations

import os
import secrets
from functools import cache
from typing import TYPE_CHECKING, Final

from django.http import HttpRequest, HttpResponse
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from daihou.desk.access import PUBLIC, needs
from daihou.desk.metrics.state import State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prometheus_client.core import Metric

TOKEN: Final = "DAIHOU_METRICS_TOKEN"  # noqa: S105 - the name of the variable
LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})
FORWARDED: Final = ("X-Forwarded-For", "Forwarded", "X-Real-Ip")


@needs(PUBLIC)
def metrics(request: HttpRequest) -> HttpResponse:
    """All metrics, to who has the token; without one set, to this machine alone. Nobody else is told that there are any."""
    if not allowed(request):
        return HttpResponse("not found\n", status=404, content_type="text/plain; charset=utf-8")
    response = HttpResponse(generate_latest(_registry()), content_type=CONTENT_TYPE_LATEST)
    response["Cache-Control"] = "no-store"
    return response


def allowed(request: HttpRequest) -> bool:
    """Whether a request may see the metrics. What came by a proxy counts as from elsewhere, however near the proxy is."""
    token = os.environ.get(TOKEN, "")
    if token:
        return secrets.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode())
    return request.META.get("REMOTE_ADDR") in LOOPBACK and not any(name in request.headers for name in FORWARDED)


@cache
def _registry() -> CollectorRegistry:
    """The requests of all web processes where they share a folder, else of this one; and the state of the rest."""
    registry = CollectorRegistry()
    registry.register(State())
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(_OfThisProcess())
    return registry


class _OfThisProcess:
    """What this process counted."""

    def collect(self) -> Iterable[Metric]:
        return REGISTRY.collect()
