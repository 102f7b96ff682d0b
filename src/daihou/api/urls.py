"""Addresses of the API: calls of programs, each with a scope, and what describes them."""

from __future__ import annotations

from typing import Any

from django.urls import path

from daihou.api import contract, reference
from daihou.api.app import api
from daihou.api.auth import PROGRAM
from daihou.api.facts import router as facts
from daihou.api.reading.routers import ROUTERS

api.add_router("/facts", facts.router)
api.add_router("/contract", contract.router)
for reading in ROUTERS:
    api.add_router("", reading)


def calls() -> list[Any]:
    """The calls, as ninja makes them, marked as no pages; all but ninja's own front page, which says nothing.

    They have no names: those that ninja gives are the names of pages, `alerts`, and links to these would lead here.
    """
    patterns: list[Any] = [pattern for pattern in api.urls[0] if getattr(pattern, "name", "") != "api-root"]
    for pattern in patterns:
        pattern.callback.permission = PROGRAM
        pattern.name = None
    return patterns


urlpatterns = [
    path("openapi.json", reference.openapi, name="api_openapi"),
    path("docs", reference.docs, name="api_docs"),
    *calls(),
]
