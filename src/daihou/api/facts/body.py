"""The body of a request as rows: an object, an array of objects, or one object a line; numbers as the text they were sent as."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any, Final

from daihou.api.auth import MOST_ROWS
from daihou.api.problems import Problem, Words

if TYPE_CHECKING:
    from django.http import HttpRequest

MOST_BYTES: Final = 20 << 20
"""Of one request, before and after unpacking: some 10,000 rows of the widest table, which a process holds a few times over while it judges them."""
MOST_COLUMNS: Final = 200
"""Different names in one request: the widest table has a quarter of it, and each takes a cell of every row."""
JSON: Final = "application/json"
LINES: Final = "application/x-ndjson"
_LINES_TOO: Final = frozenset({LINES, "application/ndjson", "application/jsonl", "application/x-jsonlines"})
_GZIP: Final = 16 + zlib.MAX_WBITS


def received(request: HttpRequest) -> bytes:
    """The body, whole and unpacked; Problem where it is too large, cut off, or packed otherwise than by gzip."""
    stated = request.META.get("CONTENT_LENGTH") or ""
    if not stated.isascii() or not stated.isdecimal():
        raise Problem(
            "length_missing",
            Words("The request does not state its length.", "请求未注明长度。"),
            Words("Send a Content-Length instead of chunks.", "请使用 Content-Length，而非分块传输。"),
        )
    if len(stated) > len(str(MOST_BYTES)) or int(stated) > MOST_BYTES:
        raise _too_large()
    try:
        body: bytes = request.read(int(stated))
    except OSError:  # who sends it went away
        body = b""
    if len(body) < int(stated):
        raise _unreadable("The request ended before its stated length.", "请求在所注明长度之前中断。")
    match request.headers.get("Content-Encoding", "").strip().lower():
        case "" | "identity":
            return body
        case "gzip":
            return _unpacked(body)
        case other:
            raise Problem(
                "unknown_media",
                Words(f"Content-Encoding {other[:40]} is not read here.", f"不支持 Content-Encoding {other[:40]}。"),
                Words("Pack it by gzip, or not at all.", "请使用 gzip 或不压缩。"),
            )


def rows(request: HttpRequest, body: bytes) -> list[dict[str, Any]]:
    """The rows that a body holds; Problem where it is not what its type says, is empty, or holds too many."""
    media = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media == JSON:
        read = _parsed(body, "The body", "请求体")
        found = read if isinstance(read, list) else [read]
    elif media in _LINES_TOO:
        lines = [line for line in body.split(b"\n") if line.strip()]
        _check_count(len(lines))
        found = [_parsed(line, f"Line {number}", f"第 {number} 行") for number, line in enumerate(lines, 1)]
    else:
        raise Problem(
            "unknown_media",
            Words(
                f"Content-Type {media[:40] or 'is missing and'} is not read here.",
                f"不支持 Content-Type {media[:40]}。",
            ),
            Words(f"Send {JSON} or {LINES}.", f"请使用 {JSON} 或 {LINES}。"),
        )
    _check_count(len(found))
    for number, row in enumerate(found, 1):
        if not isinstance(row, dict):
            raise _unreadable(f"Row {number} is no object.", f"第 {number} 行不是对象。")
    _check_names(found)
    if b"\\u" in body:
        _check_text(found)
    return found


def _parsed(text: bytes, en: str, zh: str) -> Any:
    try:
        return json.loads(
            text.decode("utf-8"), parse_float=str, parse_int=str, parse_constant=_no_number, object_pairs_hook=_object
        )
    except UnicodeDecodeError:
        raise _unreadable(f"{en} is not UTF-8.", f"{zh}不是 UTF-8 编码。") from None
    except _TwiceError as twice:
        raise _unreadable(
            f"{en} holds the name '{twice.name[:60]}' twice in one object.",
            f"{zh}的同一对象中字段“{twice.name[:60]}”重复。",
        ) from None
    except RecursionError:
        raise _unreadable(f"{en} is nested too deeply.", f"{zh}嵌套过深。") from None
    except ValueError as error:
        raise _unreadable(f"{en} is no JSON: {error}.", f"{zh}不是有效的 JSON：{error}。") from None


class _TwiceError(ValueError):
    """An object names a field twice: which of the two was meant, nobody can say."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = {name.strip(): value for name, value in pairs}
    if len(found) < len(pairs):
        names = [name.strip() for name, _value in pairs]
        raise _TwiceError(next(name for name in names if names.count(name) > 1))
    return found


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _unpacked(packed: bytes) -> bytes:
    """What gzip packed, as far as it may come to: a small body may hold a very large one."""
    reader = zlib.decompressobj(_GZIP)
    try:
        body = reader.decompress(packed, MOST_BYTES + 1)
    except zlib.error:
        raise _unreadable("The body is not packed by gzip.", "请求体不是有效的 gzip 数据。") from None
    if len(body) > MOST_BYTES:
        raise _too_large()
    if not reader.eof or reader.unused_data:
        raise _unreadable("The packed body is cut off, or goes on behind its end.", "gzip 数据不完整或有多余内容。")
    return body


def _check_count(count: int) -> None:
    if count == 0:
        raise _unreadable("There is no row.", "没有任何行。")
    if count > MOST_ROWS:
        raise Problem(
            "too_large",
            Words(f"{count:,} rows are more than the {MOST_ROWS:,} of one request.", f"共 {count:,} 行，超过单次上限 {MOST_ROWS:,} 行。"),
            Words("Send them in parts; nothing was taken in.", "请分次发送；本次未接收任何内容。"),
        )  # fmt: skip


def _check_names(found: list[dict[str, Any]]) -> None:
    names: set[str] = set()
    for row in found:
        if not row.keys() <= names:
            names |= row.keys()
            if len(names) > MOST_COLUMNS:
                raise Problem(
                    "too_large",
                    Words(f"The rows name more than {MOST_COLUMNS} different columns.", f"各行的字段名合计超过 {MOST_COLUMNS} 个。"),
                    Words("Send rows of one table, with its columns.", "请只发送同一张表的字段。"),
                )  # fmt: skip


def _check_text(found: Any) -> None:
    """Refuse halves of characters, which JSON can write and nobody can store."""
    stack = [found]
    while stack:
        one = stack.pop()
        if isinstance(one, dict):
            stack += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            stack += one
        elif isinstance(one, str) and any("\ud800" <= char <= "\udfff" for char in one):
            raise _unreadable("A text holds half a character (a lone surrogate).", "文本含不完整的字符（孤立代理项）。")


def _unreadable(en: str, zh: str) -> Problem:
    return Problem(
        "unreadable",
        Words(en, zh),
        Words("Put it right and send it again; nothing was taken in.", "请更正后重新发送；本次未接收任何内容。"),
    )


def _too_large() -> Problem:
    return Problem(
        "too_large",
        Words(f"The body is larger than the {MOST_BYTES >> 20} MB of one request.", f"请求体超过单次上限 {MOST_BYTES >> 20} MB。"),
        Words("Send it in parts; nothing was taken in.", "请分次发送；本次未接收任何内容。"),
    )  # fmt: skip
