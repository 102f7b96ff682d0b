"""Calls that take facts in and tell what became of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from ninja import Field, Query, Router, Schema

from daihou.api.app import missing
from daihou.api.auth import MOST_ROWS, needs_scope, take_rows
from daihou.api.facts import backing, body, taking
from daihou.api.facts.answers import FATE, FATES, POST
from daihou.api.problems import Problem, Words
from daihou.runs.log.fate import fates
from daihou.runs.log.log import open_log

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

router = Router(tags=["Facts"])
"""A place is a number and comes first: a table is any other word."""


class Places(Schema):
    """Places of the log, from the first to the last."""

    first: int = Field(alias="from", ge=1, description="The first place")
    last: int = Field(alias="to", ge=1, description="The last place")


@router.get("/{int:place}", auth=needs_scope("facts:write"), summary="What became of one row", openapi_extra=FATE)
def place(request: HttpRequest, place: int) -> dict[str, Any]:
    """What became of the row at a place that this program sent."""
    asked: Any = request
    found = _fates(asked, place, place)
    if not found["spans"]:
        raise missing()
    span = found["spans"][0]
    refused = found["refused"][0] if found["refused"] else {}
    return {
        "place": place,
        "table": span["table"],
        "accepted_at": span["accepted_at"],
        "state": span["state"],
    } | refused


@router.get("", auth=needs_scope("facts:write"), summary="What became of rows", openapi_extra=FATES)
def places(request: HttpRequest, span: Query[Places]) -> dict[str, Any]:
    """What became of the rows at places that this program sent, at most 10,000 places: in spans that share a state, and those refused one by one."""
    asked: Any = request
    first, last = span.first, span.last
    if last < first or last - first >= MOST_ROWS:
        raise Problem(
            "wrong_parameter",
            Words(f"`from` and `to` must span 1 to {MOST_ROWS:,} places.", f"from 与 to 须涵盖 1 至 {MOST_ROWS:,} 个位置。"),
            Words("Ask for fewer places at a time.", "请缩小查询范围。"),
        )  # fmt: skip
    return _fates(asked, first, last)


@router.post("/{table}", auth=needs_scope("facts:write"), summary="Send rows of a table", openapi_extra=POST)
def send(request: HttpRequest, table: str, dry_run: bool = False) -> HttpResponse:  # noqa: FBT001, FBT002 - a parameter of the address
    """Rows of a contract table: one JSON object, an array, or one object a line. The answer comes once what was accepted is on the disk."""
    asked: Any = request
    declared = taking.table_of(asked, table)
    wait = 0 if dry_run or declared.vault else backing.checked(asked)
    sent = body.received(asked)
    found = body.rows(asked, sent)
    take_rows(asked, len(found))
    if dry_run:
        return taking.judged(asked, declared, found)
    response = taking.taken(asked, declared, found, taking.once_of(asked, declared, sent))
    if wait:
        response["Retry-After"] = str(wait)
    return response


def _fates(asked: Any, first: int, last: int) -> dict[str, Any]:
    log = open_log(settings.HOME)
    if last <= log.pruned():
        raise Problem(
            "gone",
            Words("The log no longer keeps these places: they were brought to the lake long ago.", "这些位置的数据早已入湖，日志不再保存。"),
            Words("Look into the quarantine for what was refused.", "被拒绝的行请查看隔离区。"),
        )  # fmt: skip
    return fates(settings.HOME, log, asked.auth.program.source, first, last).as_json()
