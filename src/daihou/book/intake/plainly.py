"""Single rows that are plainly good, recognised one by one: what whole columns cost too much for.

It knows what is right beyond doubt and nothing of what is wrong: a row that it does not recognise is judged by `rows.Judge`, like a file's, and a law holds
that a row it does recognise comes out as it would there.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from daihou.book import money
from daihou.book.intake.blinding import FLAGS, HASHED
from daihou.book.intake.cells import FIRST_DATE, LAST_DATE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from daihou.book.contracts import Column, Table

    Read = Callable[[str], Any]
    """The value of a text; None where it is not plainly one."""

TABLES: Final = frozenset(
    {
        "payments",
        "charges",
        "draws",
        "standings",
        "events",
        "transactions",
        "contacts",
        "promises",
        "decisions",
        "findings",
    }
)
"""Those of which single rows come often, and whose columns are not bound to one another but as `_fits` says."""
_ID: Final = re.compile(
    r"[^\x00-\x20\x7f\ud800-\udfff\ufffd](?:[^\x00-\x1f\x7f\ud800-\udfff\ufffd]{0,48}[^\x00-\x20\x7f\ud800-\udfff\ufffd])?"
)
_NO_TEXT: Final = re.compile(r"[\ud800-\udfff\ufffd]")
"""Half of a character that JSON wrote as two, and what stands for bytes that are no text: neither can be kept as it was sent."""
_ROUNDED: Final = re.compile(r"\d(\.\d+)?[eE]\+?\d+")
_CODE: Final = re.compile(r"[a-z0-9_]{1,60}")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{6})?(\+|-)(0\d|1[0-3]):[0-5]\d", re.ASCII)
_MONEY: Final = re.compile(r"\d{1,12}(\.\d{1,2})?", re.ASCII)
_WHOLE: Final = re.compile(r"\d{1,9}", re.ASCII)
_HASHED: Final = re.compile(HASHED)
_PARTS: Final = ("principal", "interest", "fee", "penalty")
_LONGEST: Final = 2_000


def plainly(table: Table, row: Mapping[str, Any]) -> dict[str, Any] | None:
    """The values of a row by stored column, None in place of an empty one; None where it is not plainly good.

    A row names contract columns alone, all of text but whole numbers and truth values, and says nothing of when it was known.
    """
    if table.name not in TABLES:
        return None
    readers = _readers(table)
    found: dict[str, Any] = {}
    for name, value in row.items():
        read = readers.get(name)
        if read is None:
            return None
        if value is None or value == "":
            continue
        if isinstance(value, bool) or not isinstance(value, str | int):
            return None
        found[name] = read(str(value))
        if found[name] is None:
            return None
    for column in table.stored:
        if column.name not in found:
            if column.required:
                return None
            found[column.name] = None if column.default is None else readers[column.name](column.default)
    return found if _fits(table, found) else None


def _fits(table: Table, row: Mapping[str, Any]) -> bool:
    """Whether nothing between its columns needs to be looked at."""
    if table.name == "payments" and any(row[part] is not None for part in _PARTS):
        return False
    if table.name == "charges" and row.get("to_on") is not None:
        return False
    return "reverses" not in row or row["reverses"] != row[table.key[0]]


@cache
def _readers(table: Table) -> dict[str, Read]:
    """How each stored column is read; a raw text, which must be blinded first, by none."""
    found: dict[str, Read] = {}
    for column in table.stored:
        read = _reader(table, column)
        if read is not None:
            found[column.name] = read
    return found


def _reader(table: Table, column: Column) -> Read | None:
    if table.name == "transactions" and column.name == "counterparty_token":
        return lambda text: text if _HASHED.match(text) else None
    if table.name == "transactions" and column.name == "memo_flags":
        return lambda text: text if text in FLAGS else None
    match column.type:
        case "id":
            return _id
        case "text":
            return lambda text: (
                text if len(text) <= _LONGEST and text == text.strip() and not _NO_TEXT.search(text) else None
            )
        case "code":
            return _code(column)
        case "date":
            return _date
        case "timestamp":
            return _time
        case "money" | "signed_money":
            return _amount(signed=column.type == "signed_money", positive=column.positive)
        case "integer":
            return lambda text: int(text) if _WHOLE.fullmatch(text) else None
        case _:
            return None


def _id(text: str) -> str | None:
    return text if _ID.fullmatch(text) and not _ROUNDED.fullmatch(text) and text == text.strip() else None


def _code(column: Column) -> Read:
    if not column.choices and not column.extensible:
        return lambda text: text if text in money.currencies() else None
    if column.extensible and not column.choices:
        return lambda text: text if _CODE.fullmatch(text) else None
    listed = frozenset(choice.code for choice in column.choices)
    return lambda text: text if text in listed else None


def _date(text: str) -> dt.date | None:
    if not _DATE.fullmatch(text):
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_DATE <= day <= LAST_DATE else None


def _time(text: str) -> dt.datetime | None:
    if not _TIME.fullmatch(text):
        return None
    try:
        moment = dt.datetime.fromisoformat(text).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
    return moment if FIRST_DATE <= moment.date() <= LAST_DATE else None


def _amount(*, signed: bool, positive: bool) -> Read:
    def read(text: str) -> Decimal | None:
        plain = text.removeprefix("-") if signed else text
        if not _MONEY.fullmatch(plain):
            return None
        value = Decimal(text)
        return None if positive and value <= 0 else value

    return read
