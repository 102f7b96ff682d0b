"""Calls of programs go straight to their view: sessions, cookies, forms, frames and pages concern people, and would cost more than the call.

What a call needs of all that is done here: the host, the language, and that whatever goes wrong is said as a problem.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import DisallowedHost
from django.http import HttpResponseNotAllowed
from django.middleware.gzip import GZipMiddleware
from django.urls import Resolver404, resolve
from django.utils import translation

from daihou.api.app import PREFIX, fault, missing
from daihou.api.auth import PROGRAM, limits_said
from daihou.api.problems import Problem, Words, answered, chinese

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase


class Straight:
    """Answers calls of programs; every other request goes on as ever, also for the pages of the API that people read."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer
        self._packing = GZipMiddleware(answer)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer."""
        if not request.path_info.startswith(PREFIX):
            return self.answer(request)
        try:
            request.resolver_match = resolve(request.path_info)
        except Resolver404:
            request.resolver_match = None
        else:
            if getattr(request.resolver_match.func, "permission", None) != PROGRAM:
                return self.answer(request)
        response = self._called(request)
        if request.method == "GET":  # an answer to facts is short
            response = self._packing.process_response(request, response)
        if not response.streaming and "Content-Length" not in response:
            response["Content-Length"] = str(len(response.content))  # type: ignore[attr-defined]  # what does not stream has one
        for name, value in limits_said(request).items():
            response[name] = value
        return response

    def _called(self, request: HttpRequest) -> HttpResponseBase:
        with translation.override("zh-hans" if chinese(request) else "en"):
            try:
                request.get_host()
                if request.resolver_match is None:
                    return answered(request, missing())
                match = request.resolver_match
                response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
            except DisallowedHost:
                return answered(request, _host())
            except Exception as error:  # noqa: BLE001 - a program is never answered with a page
                return fault(request, error)
        if isinstance(response, HttpResponseNotAllowed):
            return answered(request, _method(request, response["Allow"]))
        return response


def _host() -> Problem:
    return Problem(
        "unreadable",
        Words("The desk is not known by this host.", "该主机名未列入允许范围。"),
        Words("Use a host that DAIHOU_HOSTS names.", "请使用 DAIHOU_HOSTS 中列出的主机名。"),
    )


def _method(request: HttpRequest, allowed: str) -> Problem:
    return Problem(
        "wrong_method",
        Words(f"{request.method} is not taken here.", f"此处不支持 {request.method}。"),
        Words(f"Use {allowed}.", f"请使用 {allowed}。"),
        headers={"Allow": allowed},
    )
