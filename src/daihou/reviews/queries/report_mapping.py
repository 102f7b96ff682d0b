"""How a credit bureau writes its reports: a mapping, read from YAML, of where each value stands and how it is written."""

from __future__ import annotations

import codecs
import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from daihou.book.errors import DaihouError
from daihou.policies.dated import only, read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

Format = Literal["json", "csv", "xml"]
Kind = Literal["text", "integer", "money", "date"]

REPORT: Final[dict[str, Kind]] = {"number": "text", "id_no": "text", "queried_on": "date", "score": "integer", "inquiries_3m": "integer"}  # fmt: skip
"""What is read of a report as a whole. `number` is the bureau's own; `id_no` says whom it is about, is compared, and kept nowhere."""
LINE: Final[dict[str, Kind]] = {
    "lender": "text", "product": "text", "limit": "money", "balance": "money", "dpd": "integer", "opened_on": "date", "status": "text",
}  # fmt: skip
"""What is read of each credit that it lists."""
KEYS: Final = ("path", "needed", "format", "unit", "codes", "empty", "thousands")
UNITS: Final = {"yuan": 1, "thousand": 1_000, "wan": 10_000}
"""Units of amounts 元、千元、万元, and how many of the currency each is."""
_PATH: Final = re.compile(r"[^/\s][^/]*(/[^/]+)*")


@dataclass(frozen=True, slots=True)
class Value:
    """Where a value stands and how it is written."""

    name: str
    kind: Kind
    path: tuple[str, ...]
    """Names from the report, or from the line, inwards; in XML `@name` is an attribute. In CSV the one name is a column's."""
    needed: bool = False
    """Whether a report without it is refused."""
    format: str = "%Y-%m-%d"
    """Of dates, as in Python's strptime."""
    unit: int = 1
    """Of amounts: how many of the currency one is."""
    codes: Mapping[str, str] | None = None
    """What each code that may stand there means; any other is refused. None: it stands there as it is."""
    empty: tuple[str, ...] = ()
    """Texts that mean nothing is stated."""
    thousands: str = ""
    """The sign between thousands."""


@dataclass(frozen=True, slots=True)
class ReportMapping:
    """One mapping; `digest` names exactly its text."""

    name: str
    place: str
    format: Format
    encoding: str
    delimiter: str
    report: tuple[Value, ...]
    lines_at: tuple[str, ...]
    """Where the list of credits stands; of CSV empty, since each row is one."""
    lines: tuple[Value, ...]
    digest: str = field(default="", compare=False)


def read_report_mapping(name: str, text: str, place: str) -> ReportMapping:
    """A mapping from its file; DaihouError names the key that is wrong."""
    stated = read_yaml(text, place)
    keys = ("mapping", "meaning", "format", "encoding", "delimiter", "report", "lines_at", "lines")
    only(stated, keys, place, needed=("mapping", "format", "report", "lines"))
    if stated["mapping"] != name:
        raise _wrong(
            place,
            f"The file holds mapping {stated['mapping']}, not {name}.",
            f"文件中的映射是 {stated['mapping']}，不是 {name}。",
        )
    form = stated["format"]
    if form not in get_args(Format):
        raise _wrong(
            place,
            f"format must be one of {', '.join(get_args(Format))}.",
            f"format 须为 {'、'.join(get_args(Format))} 之一。",
        )
    encoding, delimiter = str(stated.get("encoding", "utf-8")), str(stated.get("delimiter", ","))
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise _wrong(place, f"There is no encoding {encoding}.", f"没有字符编码 {encoding}。") from None
    if len(delimiter) != 1:
        raise _wrong(place, "delimiter must be one sign.", "delimiter 须为一个字符。")
    at = str(stated.get("lines_at", "")).strip()
    if (form == "csv") == bool(at):
        raise _wrong(place, "lines_at says where the list of credits stands; in CSV each row is one, and it is left out.",
                     "lines_at 写明账户列表的位置；CSV 每行一个账户，不写此项。")  # fmt: skip
    report, lines = (
        _values(stated[part], allowed, form, f"{place}, {part}")
        for part, allowed in (("report", REPORT), ("lines", LINE))
    )
    if not any(one.name == "queried_on" and one.needed for one in report):
        raise _wrong(
            place, "report must hold queried_on, with needed: true.", "report 须有 queried_on，并写明 needed: true。"
        )
    return ReportMapping(
        name, place, form, encoding, delimiter, report, _path(at, "csv" if form == "csv" else form, place) if at else (), lines,
        hashlib.sha256(text.encode()).hexdigest(),
    )  # fmt: skip


def _values(stated: object, allowed: Mapping[str, Kind], form: str, place: str) -> tuple[Value, ...]:
    only(stated, tuple(allowed), place)
    assert isinstance(stated, dict)  # noqa: S101 - `only` said so
    return tuple(_value(str(name), allowed[name], values, form, f"{place}.{name}") for name, values in stated.items())


def _value(name: str, kind: Kind, stated: Any, form: str, place: str) -> Value:
    if isinstance(stated, str):
        stated = {"path": stated}
    only(stated, KEYS, place, needed=("path",))
    needed, unit, codes, empty = (
        stated.get("needed", False),
        stated.get("unit", "yuan"),
        stated.get("codes"),
        stated.get("empty", []),
    )
    if not isinstance(needed, bool):
        raise _wrong(place, "needed must be true or false.", "needed 须为 true 或 false。")
    if unit not in UNITS:
        raise _wrong(place, f"unit must be one of {', '.join(UNITS)}.", f"unit 须为 {'、'.join(UNITS)} 之一。")
    if codes is not None and (not isinstance(codes, dict) or not codes):
        raise _wrong(place, "codes must say what each code means.", "codes 须逐一写明各代码的含义。")
    if codes is not None and kind == "integer" and any(type(said) is not int for said in codes.values()):
        raise _wrong(place, "codes of a number must mean whole numbers.", "数值项的 codes 须对应整数。")
    if not isinstance(empty, list):
        raise _wrong(place, "empty must be a list of texts.", "empty 须为文本列表。")
    return Value(
        name, kind, _path(str(stated["path"]), form, place), needed, str(stated.get("format", "%Y-%m-%d")), UNITS[unit],
        None if codes is None else {str(code): str(said) for code, said in codes.items()},
        tuple(map(str, empty)), str(stated.get("thousands", "")),
    )  # fmt: skip


def _path(text: str, form: str, place: str) -> tuple[str, ...]:
    if form == "csv":
        return (text,)
    if not _PATH.fullmatch(text):
        raise _wrong(place, f"'{text}' is no path like report/date.", f"“{text}”不是 report/date 这样的路径。")
    return tuple(text.split("/"))


def _wrong(place: str, en: str, zh: str) -> DaihouError:
    return DaihouError(en, "Correct the mapping.", place, zh=(zh, "请更正映射文件。"))
