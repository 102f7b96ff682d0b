"""Mapping files: how a lender's own columns become contract columns. Read and checked here, applied in `translate`."""

from __future__ import annotations

import difflib
import hashlib
import json
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from daihou.book.errors import DaihouError
from daihou.book.intake.readers import Layout

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from daihou.book.contracts import Table

_PARTS: Final = ("table", "file", "missing", "select", "columns", "ignore")
_FILE_PARTS: Final = ("delimiter", "header_line", "encoding", "sheet")
_RULE_PARTS: Final = (
    "from",
    "constant",
    "values",
    "otherwise",
    "date",
    "day",
    "decimal",
    "thousands",
    "scale",
    "round",
    "zone",
)


@dataclass(frozen=True, slots=True)
class Rule:
    """How one contract column is made from one source column."""

    column: str
    source: str | None
    constant: str | None = None
    values: tuple[tuple[str, str], ...] = ()
    otherwise: str | None = None
    dates: tuple[str, ...] = ()
    """strptime formats, tried in order; `excel` is a spreadsheet's day number."""
    day: str | None = None
    """`first` or `last`: which day of the month a date without a day means."""
    decimal: str = "."
    thousands: str | None = None
    scale: Decimal | None = None
    round: int | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class FileMapping:
    """A checked mapping; an empty one takes columns by their contract names."""

    table: str | None = None
    layout: Layout = field(default_factory=Layout)
    missing: tuple[str, ...] = ()
    select: str | None = None
    rules: tuple[Rule, ...] = ()
    ignored: tuple[str, ...] = ()
    sha256: str = field(default="")
    place: str = ""


def load(path: Path | None, table: Table) -> FileMapping:
    """Return the mapping in a YAML file, checked against the table; DaihouError names what is wrong."""
    if path is None:
        return FileMapping()
    try:
        text = path.read_text("utf-8")
        stated = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError) as error:
        raise DaihouError(
            f"The mapping cannot be read: {error}",
            "Check its name; it must be UTF-8.",
            str(path),
            zh=(f"映射文件无法读取：{error}", "请核对文件名；编码须为 UTF-8。"),
        ) from error
    except yaml.YAMLError as error:
        raise DaihouError(
            f"The mapping is not valid YAML: {error}",
            "See docs/guides/intake.md.",
            str(path),
            zh=(f"映射文件不是有效的 YAML：{error}", "格式见 docs/guides/intake.md。"),
        ) from error
    return parse(stated, table, str(path))


def parse(stated: Any, table: Table, place: str = "mapping") -> FileMapping:
    """Return a mapping given as plain data, checked against the table."""
    if not isinstance(stated, dict):
        raise DaihouError(
            "The mapping is empty or no mapping.",
            f"Its parts are: {', '.join(_PARTS)}.",
            place,
            zh=("映射文件为空，或内容不是键值映射。", f"可用部分：{'、'.join(_PARTS)}。"),
        )
    _known(stated, _PARTS, place)
    if stated.get("table") not in (None, table.name):
        raise DaihouError(
            f"The mapping is for table {stated['table']}, not {table.name}.",
            "Use the mapping of this table.",
            place,
            zh=(f"该映射用于表 {stated['table']}，不是 {table.name}。", "请使用对应该表的映射文件。"),
        )
    columns = stated.get("columns") or {}
    if not isinstance(columns, dict):
        raise DaihouError(
            "`columns:` must name contract columns.",
            "Write `contract_column: source column`.",
            place,
            zh=("`columns:` 须以契约字段为键。", "写法：`契约字段: 源列名`。"),
        )
    _known(columns, [*table.names, "known_on", *(column.name for column in table.columns)], f"{place}, columns")
    select = stated.get("select")
    return FileMapping(
        table=table.name,
        layout=_layout(stated.get("file") or {}, f"{place}, file"),
        missing=tuple(str(text) for text in stated.get("missing") or ()),
        select=None if select is None else str(select),
        rules=tuple(_rule(str(name), rule, f"{place}, columns, {name}") for name, rule in columns.items()),
        ignored=tuple(str(name) for name in stated.get("ignore") or ()),
        sha256=hashlib.sha256(json.dumps(stated, sort_keys=True, default=str).encode()).hexdigest(),
        place=place,
    )


def _known(stated: Mapping[Any, Any], known: Iterable[str], place: str) -> None:
    names = list(known)
    for name in stated:
        if name not in names:
            near = difflib.get_close_matches(str(name), names, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"Known are: {', '.join(names)}."
            raise DaihouError(
                f"'{name}' is not known here.",
                hint,
                place,
                zh=(f"无法识别“{name}”。", f"您是否想写“{near[0]}”？" if near else f"可用：{'、'.join(names)}。"),
            )


def _layout(stated: dict[str, Any], place: str) -> Layout:
    _known(stated, _FILE_PARTS, place)
    line = stated.get("header_line", 1)
    if not isinstance(line, int) or line < 1:
        raise DaihouError(
            "`header_line` must be a line number from 1.",
            "Count the lines above the header.",
            place,
            zh=("`header_line` 须为从 1 起的行号。", "请数一数表头上方的行数。"),
        )
    return Layout(stated.get("delimiter"), line, stated.get("encoding"), stated.get("sheet"))


def _rule(column: str, stated: Any, place: str) -> Rule:
    if isinstance(stated, str | int):
        return Rule(column, str(stated))
    if not isinstance(stated, dict):
        raise DaihouError(
            "A column is made from a source column's name or from parts.",
            f"Parts: {', '.join(_RULE_PARTS)}.",
            place,
            zh=("字段须由源列名或若干部分构成。", f"可用部分：{'、'.join(_RULE_PARTS)}。"),
        )
    _known(stated, _RULE_PARTS, place)
    if ("from" in stated) == ("constant" in stated):
        raise DaihouError(
            "Give either `from:` or `constant:`.",
            "Name the source column, or one value for every row.",
            place,
            zh=("`from:` 与 `constant:` 只能二选一。", "请写源列名，或写一个适用于所有行的固定值。"),
        )
    dates = stated.get("date", ())
    rule = Rule(
        column,
        source=None if "from" not in stated else str(stated["from"]),
        constant=_text(stated.get("constant")),
        values=tuple((_text(key) or "", _text(value) or "") for key, value in (stated.get("values") or {}).items()),
        otherwise=_text(stated.get("otherwise")),
        dates=(dates,) if isinstance(dates, str) else tuple(dates),
        day=stated.get("day"),
        decimal=str(stated.get("decimal", ".")),
        thousands=stated.get("thousands"),
        scale=_number(stated.get("scale"), place),
        round=stated.get("round"),
        zone=stated.get("zone"),
    )
    _sensible(rule, place)
    return rule


def _sensible(rule: Rule, place: str) -> None:
    if rule.day not in (None, "first", "last"):
        raise DaihouError(
            "`day` is first or last.",
            "It says which day a date without a day means.",
            place,
            zh=("`day` 只能是 first 或 last。", "它说明只有年月的日期取当月哪一天。"),
        )
    if rule.round is not None and (not isinstance(rule.round, int) or not 0 <= rule.round <= 8):
        raise DaihouError(
            "`round` is a number of decimals, 0 to 8.",
            "Leave it out to round nothing.",
            place,
            zh=("`round` 为小数位数，0 至 8。", "不需要四舍五入的，请去掉该项。"),
        )
    if rule.zone is not None:
        try:
            ZoneInfo(rule.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise DaihouError(
                f"Time zone '{rule.zone}' is unknown.",
                "Use a name like Asia/Shanghai.",
                place,
                zh=(f"未知时区：{rule.zone}。", "请使用 Asia/Shanghai 之类的名称。"),
            ) from None
    without_day = [form for form in rule.dates if form != "excel" and "%d" not in form and "%j" not in form]
    if without_day and rule.day is None:
        raise DaihouError(
            f"Format {without_day[0]} has no day.",
            "Add `day: first` or `day: last`.",
            place,
            zh=(f"日期格式 {without_day[0]} 没有日。", "请加上 `day: first` 或 `day: last`。"),
        )


def _text(value: Any) -> str | None:
    """Return a YAML scalar as the text a cell would hold."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _number(value: Any, place: str) -> Decimal | None:
    if value is None:
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal(0)
    if not number.is_finite() or number == 0:
        raise DaihouError(
            f"Scale '{value}' is no number to multiply by.",
            "10000 turns 万元 into 元, 0.01 per cents into a fraction.",
            place,
            zh=(f"scale 的值“{value}”不是可相乘的数字。", "10000 将万元换算为元，0.01 将百分数换算为小数。"),
        )
    return number
