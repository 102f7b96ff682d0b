"""Turning text cells into typed columns, whole columns at a time, with the rows that do not fit and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from daihou.book import money

if TYPE_CHECKING:
    from daihou.book.contracts import Column

Mask = np.ndarray[Any, np.dtype[np.bool_]]

FIRST_DATE: Final = date(1900, 1, 1)
LAST_DATE: Final = date(2199, 12, 31)
EXCEL_EPOCH: Final = -25_569
"""Epoch day of day 0 of a spreadsheet (1899-12-30)."""

_LAST_EXCEL_DAY: Final = 109_574  # 2199-12-31
LONGEST_TEXT: Final = 10_000
_LONGEST_ID: Final = 200
_LARGEST_INTEGER: Final = 2_000_000_000
_MONEY: Final = r"^[+-]?(\d{1,14}(\.\d{0,4}0*)?|\.\d{1,4}0*)$"
_NUMBER: Final = r"^[+-]?(\d{1,10}(\.\d{0,8}0*)?|\.\d{1,8}0*)$"
_LONG_NUMBER: Final = r"^[+-]?(\d{1,20}(\.\d{0,8}0*)?|\.\d{1,8}0*)$"
_ANY_NUMBER: Final = r"^[+-]?(\d+\.?\d*|\.\d+)$"
_TRUE: Final = ("true", "1", "yes", "y", "t", "是")
_FALSE: Final = ("false", "0", "no", "n", "f", "否")


@dataclass(frozen=True, slots=True)
class Problem:
    """Rows of a chunk whose cell in one column does not fit, for one reason."""

    column: str
    reason: str
    rows: Mask


def typed(cells: pl.Series, column: Column, *, spreadsheet: bool = False) -> tuple[pl.Series, list[Problem]]:
    """Return a column of text as its type, null where it is empty or does not fit, and what did not fit."""
    reader = _READERS.get(column.type)
    if column.type == "date":
        value, found = _date(cells, spreadsheet=spreadsheet)
    elif column.type == "code":
        value, found = _code(cells, column)
    elif reader is not None:
        value, found = reader(cells)
    else:
        value, found = _decimal(cells, column)
    problems = [Problem(column.name, reason, _mask(rows)) for reason, rows in found.items()]
    if column.required:
        problems.append(Problem(column.name, "missing_value", cells.is_null().to_numpy()))
    elif column.default is not None and cells.null_count():
        filled = typed(pl.Series(column.name, [column.default], pl.String), _plain(column))[0][0]
        value = value.set(cells.is_null(), filled) if value.dtype != pl.Decimal else _fill(value, cells, filled)
    return value.alias(column.name), [problem for problem in problems if problem.rows.any()]


def _plain(column: Column) -> Column:
    from dataclasses import replace

    return replace(column, default=None, required=False)


def _fill(value: pl.Series, cells: pl.Series, filled: Any) -> pl.Series:
    frame = pl.DataFrame({"value": value, "empty": cells.is_null()})
    other = pl.lit(filled).cast(value.dtype)
    return frame.select(pl.when("empty").then(other).otherwise("value").alias("value")).to_series()


def _mask(rows: pl.Series) -> Mask:
    return rows.fill_null(value=False).to_numpy()


Found = dict[str, pl.Series]


def _lost(cells: pl.Series) -> pl.Series:
    """Return where a cell holds bytes that were no text."""
    return cells.str.contains("\ufffd", literal=True)


def _id(cells: pl.Series) -> tuple[pl.Series, Found]:
    bad = cells.str.contains(r"[\x00-\x1f\x7f]") | (cells.str.len_bytes() > _LONGEST_ID)
    rounded = cells.str.contains(r"^\d(\.\d+)?[eE]\+?\d+$")
    return cells, {"bad_text": _lost(cells), "bad_id": bad, "rounded_id": rounded}


def _text(cells: pl.Series) -> tuple[pl.Series, Found]:
    return cells, {"bad_text": _lost(cells), "too_long": cells.str.len_bytes() > LONGEST_TEXT}


def _code(cells: pl.Series, column: Column) -> tuple[pl.Series, Found]:
    if not column.choices and not column.extensible:
        return cells, {"unknown_currency": ~cells.is_in(list(money.currencies()))}
    if column.extensible:
        return cells, {"unknown_code": ~cells.str.contains(r"^[a-z0-9_]{1,60}$")}
    return cells, {"unknown_code": ~cells.is_in([choice.code for choice in column.choices])}


def _date(cells: pl.Series, *, spreadsheet: bool) -> tuple[pl.Series, Found]:
    days = cells.str.to_date("%Y-%m-%d", strict=False)
    left = cells.is_not_null() & days.is_null()
    if left.any():
        midnight = cells.str.replace(r"^(\d{4}-\d{2}-\d{2})[T ]00:00(:00(\.0+)?)?(Z|\+00:?00)?$", "$1")
        days = days.fill_null(midnight.str.to_date("%Y-%m-%d", strict=False))
        if spreadsheet:
            number = cells.str.strip_suffix(".0").cast(pl.Int32, strict=False)
            number = number.set(~number.is_between(1, _LAST_EXCEL_DAY), None)
            days = days.fill_null((number + EXCEL_EPOCH).cast(pl.Date))
        left = cells.is_not_null() & days.is_null()
    outside = ~days.is_between(FIRST_DATE, LAST_DATE)
    return days.set(outside.fill_null(value=False), None), {"bad_date": left, "date_out_of_range": outside}


def _timestamp(cells: pl.Series) -> tuple[pl.Series, Found]:
    text = (
        cells.str.replace(" ", "T", literal=True)
        .str.replace(r"Z$", "+00:00")
        .str.replace(r"([+-]\d{2})(\d{2})$", "$1:$2")
    )
    short = text.str.replace(r"T(\d{2}:\d{2})([+-])", "T$1:00$2")
    times = short.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%:z", strict=False, time_unit="us", time_zone="UTC")
    bare = text.str.contains(r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?$")
    outside = ~times.dt.date().is_between(FIRST_DATE, LAST_DATE)
    bad = cells.is_not_null() & times.is_null() & ~bare
    return times, {"no_zone": bare & times.is_null(), "bad_timestamp": bad, "date_out_of_range": outside}


def _decimal(cells: pl.Series, column: Column) -> tuple[pl.Series, Found]:
    pattern, kind = _FORMS[column.type]
    fits = cells.str.contains(pattern)
    value = cells.set(~fits.fill_null(value=True), None).cast(kind)
    found: Found = {}
    if not fits.all():
        number = cells.str.contains(_ANY_NUMBER)
        whole, places = (14, 4) if kind.scale == money.SCALE else (kind.precision - kind.scale, kind.scale)
        long = cells.str.extract(r"^[+-]?0*(\d*)", 1).str.len_bytes() > whole
        fine = cells.str.extract(r"\.(\d*?)0*$", 1).str.len_bytes() > places
        found["not_a_number"] = ~number
        found["number_out_of_range"] = number & ~fits & long
        found["too_many_decimals"] = number & ~fits & ~long & fine.fill_null(value=False)
        found["bad_text"] = number & ~fits & ~long & ~fine.fill_null(value=False)
    if column.type == "ratio":
        found["not_a_ratio"] = (value < 0) | (value > 1)
    elif column.type == "money":
        found["negative"] = value < 0
    if column.positive:
        found.pop("negative", None)
        found["not_positive"] = value <= 0
    return value, found


def _integer(cells: pl.Series) -> tuple[pl.Series, Found]:
    whole = cells.str.contains(r"^[+-]?\d{1,15}(\.0*)?$")
    number = (
        cells.set(~whole.fill_null(value=True), None).str.replace(r"\.0*$", "").str.strip_prefix("+").cast(pl.Int64)
    )
    outside = number > _LARGEST_INTEGER
    return number, {"not_whole": ~whole, "negative": number < 0, "number_out_of_range": outside}


def _boolean(cells: pl.Series) -> tuple[pl.Series, Found]:
    lower = cells.str.to_lowercase()
    true, false = lower.is_in(_TRUE), lower.is_in(_FALSE)
    value = true.set((~true & ~false).fill_null(value=True), None)
    return value, {"not_boolean": ~true & ~false}


_FORMS: Final = {
    "money": (_MONEY, pl.Decimal(18, 4)),
    "signed_money": (_MONEY, pl.Decimal(18, 4)),
    "rate": (_NUMBER, pl.Decimal(18, 8)),
    "ratio": (_NUMBER, pl.Decimal(18, 8)),
    "number": (_LONG_NUMBER, pl.Decimal(28, 8)),
}
_READERS: Final = {"id": _id, "text": _text, "timestamp": _timestamp, "integer": _integer, "boolean": _boolean}
