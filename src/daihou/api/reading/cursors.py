"""Cursors: where a page of a list ended, sealed, so that the next goes on from there and from no other question.

A cursor holds the pair of dates and the run that the first page was read from, so a list stays what it was while new dates are run.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.core import signing

from daihou.api.reading import refusals
from daihou.desk.portfolio.shelf import FORMAT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.api.auth import Called
    from daihou.desk.portfolio.moments import Pair

SALT: Final = f"daihou.api.cursor.{FORMAT}"
"""With the shelf's format: where rows lie on it may change with that."""
PAGING: Final = ("after", "limit")
"""Parameters that may differ from page to page; everything else belongs to the question."""
DIGITS: Final = 16


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended."""

    after: tuple[Any, ...]
    """The values of its last row by which the list is ordered: texts, whole numbers, None."""
    pair: Pair | None = None
    run: str = ""
    """Names the run that was read; empty where no run was."""


def read(request: Called) -> Cursor | None:
    """The cursor of a request; None on the first page. Refused where it was not given by us, or for another question."""
    stated = request.GET.get("after", "")
    if not stated:
        return None
    try:
        held = signing.loads(stated, salt=SALT)
    except signing.BadSignature:
        raise refusals.no_cursor() from None
    if held["q"] != _question(request):
        raise refusals.other_question()
    pair = tuple(dt.date.fromisoformat(day) for day in held["p"])
    return Cursor(tuple(held["a"]), (pair[0], pair[1]) if pair else None, held["r"])


def write(request: Called, after: Sequence[Any], pair: Pair | None = None, run: str = "") -> str:
    """What is answered as `next`."""
    days = [day.isoformat() for day in pair] if pair else []
    return signing.dumps({"q": _question(request), "a": list(after), "p": days, "r": run}, salt=SALT)


def _question(request: Called) -> str:
    """The address without its place in the list, in short."""
    asked = sorted((name, sorted(held)) for name, held in request.GET.lists() if name not in PAGING)
    return hashlib.sha256(repr((request.path, asked)).encode()).hexdigest()[:DIGITS]
