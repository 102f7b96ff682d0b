"""A value with its unit as people write it: `30 days`, `30天`, `10万元`, `45%`, `2026年1月31日`."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from daihou.expressions.canonical import plain
from daihou.expressions.field import FRACTIONS

if TYPE_CHECKING:
    from daihou.expressions.field import Field
    from daihou.expressions.tree import Value

COUNTERS: Final = (
    ("次数", "次"), ("笔数", "笔"), ("期数", "期"), ("条数", "条"), ("户数", "户"), ("人数", "人"), ("月数", "个月"), ("天数", "天"), ("数", "个"),
)  # fmt: skip
"""What Chinese counts with, by how the name of a count ends."""
LARGE_UNITS: Final = ((Decimal(10**8), "亿"), (Decimal(10**4), "万"))
SHORT: Final = 2
"""Decimals that an amount in 万 or 亿 may have."""


def quantity(value: Value, field: Field | None, *, chinese: bool) -> str:
    """The value as a value of the column; of none, as it is."""
    if isinstance(value, bool):
        return ("是" if value else "否") if chinese else ("yes" if value else "no")
    if isinstance(value, Decimal):
        return _number(value, field, chinese=chinese)
    if isinstance(value, dt.datetime):
        return value.isoformat(" ")
    if isinstance(value, dt.date):
        return f"{value.year}年{value.month}月{value.day}日" if chinese else value.isoformat()
    said = field.label(value, chinese=chinese) if field else value
    return said if chinese or said == value else lowered(said)


def _number(value: Decimal, field: Field | None, *, chinese: bool) -> str:
    unit = field.unit if field else "number"
    if unit in FRACTIONS:
        points = unit == "rate" and field is not None and field.signed  # a rate that may fall is a difference of rates
        said = grouped(value.scaleb(2))
        return (f"{said}个百分点" if chinese else f"{said} percentage points") if points else f"{said}%"
    if chinese:
        return _counted(value, field)
    one = abs(value) == 1
    words = {"days": "day" if one else "days", "months": "month" if one else "months"}
    return f"{grouped(value)} {words[unit]}" if unit in words else grouped(value)


def _counted(value: Decimal, field: Field | None) -> str:
    """A number with the word that Chinese counts it with."""
    match field.unit if field else "number":
        case "days":
            return f"{grouped(value)}天"
        case "months":
            return f"{grouped(value)}个月"
        case "amount" | "base_amount":
            return f"{_shortened(value)}元"
        case "count" if field is not None:
            counter = next((word for ending, word in COUNTERS if field.zh.endswith(ending)), "")
            return f"{grouped(value)}{counter}"
    return grouped(value)


def _shortened(amount: Decimal) -> str:
    """An amount in 万 or 亿 where it is a short number of them."""
    for size, word in LARGE_UNITS:
        whole, point, decimals = plain(amount / size).partition(".")
        if abs(amount) >= size and len(decimals) <= SHORT:
            return f"{grouped(Decimal(whole + point + decimals))}{word}"
    return grouped(amount)


def grouped(number: Decimal) -> str:
    """A number with separators between thousands and the typographic minus."""
    whole, point, decimals = plain(abs(number)).partition(".")
    return ("−" if number < 0 else "") + f"{int(whole):,}{point}{decimals}"


def lowered(label: str) -> str:
    """A label as it stands within a sentence: with a small letter, unless it begins with an abbreviation."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]
