"""Runs: which pairs of dates are written, what each saw, and how its totals tie."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from ninja import Field, Query, Router, Schema

from daihou.api.app import missing
from daihou.api.auth import needs_scope
from daihou.api.reading import answers, cursors, described, values
from daihou.api.reading import asked as asking
from daihou.api.reading.asked import Dates, Paged
from daihou.api.reading.described import One, Page
from daihou.desk.portfolio import moments, reading
from daihou.desk.portfolio.frame import tie
from daihou.desk.signals.watch import parquet
from daihou.runs import store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpResponse

    from daihou.api.auth import Called
    from daihou.book.home import Home

router = Router(tags=["runs"])
NAMES: Final = ("batch", "rules", "kernels", "loans", "unmeasured", "breaks", "rulebook", "follows", "said")
"""What a record tells: the last delivery it saw, digests of its policies, arithmetic and rules, counts, the date it followed, whether it spoke for its date."""
WATCHED: Final = (
    "rule_id", "version", "shadow", "subject", "level", "subjects", "holds", "unknown", "open", "opened", "closed", "problem_en", "problem_zh",
)  # fmt: skip


class Known(Schema):
    """By which knowledge."""

    known_on: str | None = Field(None, description="By which day's knowledge, ISO; the date's own where there is one, else the newest.")  # fmt: skip


@router.get("/runs", response=Page[described.Run], auth=needs_scope("runs:read"), summary="What runs wrote")
def runs(request: Called, wanted: Query[Paged]) -> HttpResponse:
    """Every pair of dates that a run wrote, the newest first."""
    asking.only(request, Paged)
    cursor = cursors.read(request)
    stamp = asking.newest().stamp
    tag = answers.tag_of(request, stamp)
    if (same := answers.unchanged(request, tag)) is not None:
        return same
    found = _records(settings.HOME, stamp)
    if cursor is not None:
        found = [row for row in found if (row["as_of"], row["known_on"]) < cursor.after]
    more, found = len(found) > wanted.limit, found[: wanted.limit]
    following = cursors.write(request, [found[-1]["as_of"], found[-1]["known_on"]]) if more else None
    return answers.page(request, list(found), following, {}, tag)


@router.get("/runs/{as_of}", response=One[described.WholeRun], auth=needs_scope("runs:read"), summary="One run")
def run(request: Called, as_of: str, wanted: Query[Known]) -> HttpResponse:
    """The run of a date, by its own knowledge unless said otherwise: what it saw, how its totals tie, and how each rule fared."""
    asking.only(request, Known)
    found = asking.moment(Dates(as_of=as_of, known_on=wanted.known_on))
    day = (found.as_of.isoformat(), found.known_on.isoformat())
    row = next((row for row in _records(settings.HOME, found.stamp) if (row["as_of"], row["known_on"]) == day), None)
    if row is None:
        raise missing()
    tag = answers.tag_of(request, row["run"])
    if (same := answers.unchanged(request, tag)) is not None:
        return same
    ties = tie(found)
    told = {"state": ties.state, "compared": ties.compared, "apart": ties.apart, "waiting": ties.waiting}
    paths = list(moments.files("watched", found.pair, found.stamp))
    names = ", ".join(WATCHED)
    rules = reading.rows(f"SELECT {names} FROM {parquet(paths)} ORDER BY rule_id, version") if paths else []
    return answers.answer({"data": {**row, "tie": told, "rules_watched": rules}, "meta": {}}, tag=tag)


@lru_cache(maxsize=2)
def _records(home: Home, _stamp: str) -> list[dict[str, Any]]:
    """The records of all runs, the newest first; read again when a run writes."""
    table = store.open_table(home, store.RECORD)
    paths = [] if table is None else [uri.removeprefix("file://") for uri in table.file_uris()]
    if not paths:
        return []
    rows = reading.rows(f"SELECT *, filename FROM {_named(paths)} ORDER BY as_of DESC, known_on DESC")
    return [_told(row) for row in rows]


def _named(paths: list[str]) -> str:
    return parquet(paths).removesuffix(")") + ", filename=true)"


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "as_of": row["as_of"].isoformat(), "known_on": row["known_on"].isoformat(),
        "run": row["filename"].rpartition("/")[2].removesuffix(".parquet"), **{name: values.plain(row.get(name)) for name in NAMES},
    }  # fmt: skip
