"""How reading answers: JSON with what it is about, an entity tag by the run, and the way to the next page."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils.http import parse_etags

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from daihou.api.auth import Called
    from daihou.api.reading.cursors import Cursor
    from daihou.desk.people.reach import Reach
    from daihou.desk.portfolio.moments import Moment
    from daihou.desk.signals.sight import Sight

T = TypeVar("T", bound=HttpResponseBase)
FORMAT: Final = 1
"""Goes up when answers are written otherwise, so that no tag of an earlier form holds."""
DIGITS: Final = 32
VARY: Final = "Authorization, Accept, Accept-Language"


def answer(
    body: Mapping[str, Any], *, tag: str = "", status: int = 200, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """An answer; one with a tag may be kept by its program and asked for again by it."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    response = HttpResponse(text, content_type="application/json; charset=utf-8", status=status)
    for name, value in (headers or {}).items():
        response[name] = value
    return tagged(response, tag)


def tagged(response: T, tag: str) -> T:
    """An answer that belongs to its program alone."""
    response["Cache-Control"] = "private, no-cache" if tag else "no-store"
    response["Vary"] = VARY
    if tag:
        response["ETag"] = tag
    return response


def page(
    request: Called, data: Sequence[Any], following: str | None, meta: Mapping[str, Any], tag: str = ""
) -> HttpResponse:
    """A page of a list; `following` is the cursor of the next one, None on the last."""
    headers = {}
    if following is not None:
        query = [(name, value) for name, held in request.GET.lists() for value in held if name != "after"]
        headers["Link"] = f'<{request.path}?{urlencode([*query, ("after", following)])}>; rel="next"'
    return answer({"data": data, "next": following, "meta": meta}, tag=tag, headers=headers)


def tag_of(request: Called, *parts: object) -> str:
    """The tag of what an address says, from what it is made of: the run, the reach, the form."""
    asked = sorted((name, tuple(held)) for name, held in request.GET.lists())
    told = repr((FORMAT, request.path, asked, request.headers.get("Accept", ""), parts))
    return f'"{hashlib.sha256(told.encode()).hexdigest()[:DIGITS]}"'


def unchanged(request: Called, tag: str) -> HttpResponse | None:
    """304 where the program holds it already; compared weakly, as a compressed answer is told by a weak tag."""
    held = {each.removeprefix("W/") for each in parse_etags(request.headers.get("If-None-Match", ""))}
    return tagged(HttpResponseNotModified(), tag) if tag in held or "*" in held else None


def by_reach(reach: Reach | Sight) -> tuple[str, tuple[Any, ...]]:
    """A reach as part of a tag."""
    text, values = reach.sql()
    return text, tuple(values)


def meta_of(moment: Moment, run: str, **more: Any) -> dict[str, Any]:
    """What an answer from a run is about."""
    return {"as_of": moment.as_of.isoformat(), "known_on": moment.known_on.isoformat(), "run": run, **more}


def started(cursor: Cursor | None) -> Any:
    """The first value of where the page before ended; None on the first page."""
    return None if cursor is None else cursor.after[0]
