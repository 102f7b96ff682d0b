"""The description of the API: as OpenAPI for programs, and as a page for people, made of the same."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from django.http import JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from daihou.api.app import PREFIX, api
from daihou.api.auth import Bearer
from daihou.api.problems import TYPES
from daihou.desk.access import PUBLIC, SIGNED_IN, needs

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@dataclass(frozen=True, slots=True)
class Call:
    """One call: method and address, what it does, and the scope that it needs; without one any token opens it."""

    method: str
    path: str
    summary: str
    description: str
    scope: str
    group: str


class Parameter(NamedTuple):
    """A parameter of a call."""

    name: str
    required: bool
    meaning: str


@needs(PUBLIC)
@require_GET
def openapi(_request: HttpRequest) -> HttpResponse:
    """The description as OpenAPI 3.1."""
    return JsonResponse(schema(), json_dumps_params={"ensure_ascii": False})


@needs(SIGNED_IN)
@require_GET
def docs(request: HttpRequest) -> HttpResponse:
    """The same as a page: every call with its scope and parameters, and every type of problem."""
    paths = schema()["paths"]
    groups: dict[str, list[tuple[Call, list[Parameter]]]] = {}
    for call in calls():
        stated = paths[f"{PREFIX.rstrip('/')}{call.path}"][call.method.lower()].get("parameters", [])
        groups.setdefault(call.group, []).append((call, [_parameter(one) for one in stated]))
    place = 1 if (get_language() or "").startswith("zh") else 0
    problems = [(code, one.status, one.title[place]) for code, one in TYPES.items()]
    return render(request, "programs/reference.html", {"groups": groups, "problems": problems, "prefix": PREFIX})


@cache
def schema() -> dict[str, Any]:
    """The description, made once: it does not change while the process lives."""
    made = dict(api.get_openapi_schema(path_prefix=PREFIX))
    for call in calls():
        made["paths"][f"{PREFIX.rstrip('/')}{call.path}"][call.method.lower()]["x-scope"] = call.scope
    return made


@cache
def calls() -> tuple[Call, ...]:
    """Every call, in the order in which they are described."""
    found = []
    for router in api._get_bound_routers():  # noqa: SLF001 - ninja tells it in no other way
        for path, view in router.path_operations.items():
            whole = "/".join(part.strip("/") for part in (router.prefix, path) if part.strip("/"))
            for one in view.operations:
                scope = next((auth.scope for auth in one.auth_callbacks if isinstance(auth, Bearer)), "")
                group = (one.tags or [""])[0]
                found += [
                    Call(method, f"/{_plain(whole)}", one.summary, one.description or "", scope, group)
                    for method in one.methods
                ]
    return tuple(found)


def _parameter(stated: dict[str, Any]) -> Parameter:
    """A parameter as OpenAPI states it: its meaning, or where it has none its type."""
    schema_ = stated.get("schema", {})
    meaning = stated.get("description") or schema_.get("description") or schema_.get("type") or ""
    return Parameter(stated["name"], bool(stated.get("required")), str(meaning))


def _plain(path: str) -> str:
    """A path without the types of its parts, as OpenAPI writes it."""
    return "/".join(
        f"{{{part[1:-1].rpartition(':')[2]}}}" if part.startswith("{") else part for part in path.split("/")
    )
