"""Taking rows in by the door of the log, and what is answered."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone

from daihou.api.facts import people
from daihou.api.problems import Problem, Words, answered
from daihou.book import contracts
from daihou.book.errors import DaihouError
from daihou.desk.vault.keys import token_keyset
from daihou.runs import blinding
from daihou.runs.log.door import Door
from daihou.runs.log.log import Once, Repeated
from daihou.runs.log.store import LogError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from daihou.api.auth import Called
    from daihou.book.contracts import Table
    from daihou.book.intake.single import Judged

Found = TypeVar("Found")

MOST_ERRORS: Final = 1_000
"""Refused rows that an answer names one by one; all of them are in the quarantine."""
LONGEST_KEY: Final = 200
_FOLLOWS: Final = "Idempotent-Replay"


def table_of(request: Called, name: str) -> Table:
    """The table that is sent to; Problem where there is none, or the program may not send it."""
    try:
        table = contracts.table(name)
    except DaihouError as error:
        raise Problem("not_found", Words(error.message, error.zh[0]), Words(error.remedy, error.zh[1])) from None
    if not request.auth.program.may_send(table.name):
        raise Problem(
            "not_permitted",
            Words(f"This program may not send the table {table.name}.", f"该程序不得报送表 {table.name}。"),
            Words("Ask an administrator to add it.", "请联系管理员开通。"),
        )
    return table


def once_of(request: Called, table: Table, sent: bytes) -> Once | None:
    """By what the program names this request; None where it does not."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not 0 < len(key) <= LONGEST_KEY or not key.isprintable():
        raise Problem(
            "wrong_parameter",
            Words(f"Idempotency-Key must have 1 to {LONGEST_KEY} printable characters.", f"Idempotency-Key 须为 1 至 {LONGEST_KEY} 个可见字符。"),
            Words("Use a UUID, or the number of the message in your own system.", "可使用 UUID 或贵方系统的消息编号。"),
        )  # fmt: skip
    return Once(str(request.auth.program.pk), key, hashlib.sha256(table.name.encode() + b"\0" + sent).hexdigest())


def judged(request: Called, table: Table, rows: list[dict[str, Any]]) -> HttpResponse:
    """What would become of rows, without taking them in."""
    found = _judged(lambda: door().judged(table.name, rows, request.auth.program.source, timezone.now()))
    return _said(request, _answer(found, 0, 0) | {"dry_run": True})


def taken(request: Called, table: Table, rows: list[dict[str, Any]], once: Once | None) -> HttpResponse:
    """Take rows in; the answer goes out once they are on the disk."""
    source, now = request.auth.program.source, timezone.now()
    if table.vault:
        found = _judged(lambda: door().judged(table.name, rows, source, now))
        return _said(request, _answer(people.kept(found, table, source, now), 0, 0))
    try:
        done = _judged(lambda: door().take(table.name, rows, source, now, once=once, reply=_answer))
    except Repeated as repeated:
        if not repeated.same:
            raise Problem(
                "key_reused",
                Words(
                    "Another request was sent with this Idempotency-Key.", "该 Idempotency-Key 已用于内容不同的请求。"
                ),
                Words(
                    "Give each request a key of its own; nothing was taken in.",
                    "请为每次请求使用不同的键；本次未接收任何内容。",
                ),
            ) from None
        response = _said(request, repeated.reply)
        response[_FOLLOWS] = "true"
        return response
    return _said(request, _answer(done.judged, done.first, done.last))


@cache
def door() -> Door:
    """The door of the process."""
    home = settings.HOME

    def blinder(day: dt.date) -> Any:
        return blinding.blinder(home, token_keyset, day)

    return Door(home, blinder)


def _judged(judge: Callable[[], Found]) -> Found:
    """What judging or taking in answers; columns that the table may not hold are the sender's mistake."""
    try:
        return judge()
    except LogError:
        raise
    except DaihouError as error:
        raise Problem("refused", Words(error.message, error.zh[0]), Words(error.remedy, error.zh[1])) from error


def _answer(found: Judged, first: int, last: int) -> dict[str, Any]:
    """What is said of rows that were told apart: it is kept beside an idempotency key, so it holds no value of a table of the vault."""
    errors = [
        {name: row[name] for name in ("row", "column", "value", "reason", "message_en", "message_zh")}
        for row in (found.rejects.slice(0, MOST_ERRORS).to_pylist() if found.rejects.num_rows else ())
    ]
    return {
        "first": first, "last": last, "accepted": found.facts.num_rows, "rejected": found.rejects.num_rows, "errors": errors,
    }  # fmt: skip


def _said(request: Called, answer: dict[str, Any]) -> HttpResponse:
    """The answer: 202 where anything was accepted, 422 where nothing was."""
    if answer["accepted"] or not answer["rejected"]:
        status = 200 if answer.get("dry_run") else 202
        response = HttpResponse(_text(answer), status=status, content_type="application/json")
        response["Cache-Control"] = "no-store"
        return response
    count = answer["rejected"]
    problem = Problem(
        "refused",
        Words(f"None of the {count:,} rows could be taken in.", f"共 {count:,} 行，均未能接收。"),
        Words(
            "Each row says why under `errors`; correct and send them again.", "每行原因见 errors，请更正后重新发送。"
        ),
        more=answer,
    )
    return answered(request, problem)


def _text(answer: dict[str, Any]) -> str:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
