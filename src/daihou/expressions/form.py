"""Simple values of form fields and addresses, and back: `31..90`, `100000..`, `..5`, `sme,sole`, `true`."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from daihou.expressions.canonical import percent, plain
from daihou.expressions.checking import checked
from daihou.expressions.field import NUMERIC, TEXTUAL
from daihou.expressions.reading import VALUES
from daihou.expressions.source import Source
from daihou.expressions.tokens import DIGITS, length, number
from daihou.expressions.tree import Between, Column, Compare, Expression, In, Literal, Not

if TYPE_CHECKING:
    from daihou.expressions.field import Field
    from daihou.expressions.tree import Value

RANGE: Final = ".."
LIST: Final = ","
NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?%?")


def condition(field: Field, value: str) -> Expression:
    """What a value of a form field asks of a column; DaihouError where it does not fit it.

    `low..high` is a range with both ends, either may be left out (numbers, dates, times); commas separate values of which one must fit;
    `true` and `false` ask a flag.
    """
    source = Source(value)
    column = Column(field)
    if field.unit == "flag":
        return _flag(source, column)
    if field.unit not in TEXTUAL and RANGE in value:
        return checked(source, _range(source, column))
    found: list[Literal] = []
    place = 0
    for item in value.split(LIST):
        found.append(_literal(source, field, item, place))
        place += len(item) + len(LIST)
    if len(found) > VALUES:
        raise source.refusal(
            0,
            f"{field.en}: more than {VALUES} values.",
            "Ask for fewer, or for a range.",
            (f"{field.zh}：超过 {VALUES} 个取值。", "请减少取值，或改用范围。"),
        )
    if len(found) == 1:
        return checked(source, Compare("=", column, found[0]))
    return checked(source, In(column, tuple(found)))


def value_of(part: Expression) -> tuple[str, str] | None:
    """The column and the form value that a condition is; None where no such value says it."""
    match part:
        case Column():
            return part.field.name, "true"
        case Not(condition=Column() as column):
            return column.field.name, "false"
        case Compare(operator="=", left=Column() as column, right=Literal(value=bool() as value)):
            return column.field.name, "true" if value else "false"
        case Between(term=Column() as column, low=Literal() as low, high=Literal() as high):
            return _if_ranged(column, _said(low), _said(high))
        case Compare(operator=">=", left=Column() as column, right=Literal() as low):
            return _if_ranged(column, _said(low), "")
        case Compare(operator="<=", left=Column() as column, right=Literal() as high):
            return _if_ranged(column, "", _said(high))
        case Compare(operator="=", left=Column() as column, right=Literal() as only):
            return _if_listed(column, (only,))
        case In(term=Column() as column):
            return _if_listed(column, part.values)
    return None


def _if_ranged(column: Column, low: str, high: str) -> tuple[str, str] | None:
    if column.field.unit in TEXTUAL:  # a text may hold the dots itself
        return None
    return column.field.name, f"{low}{RANGE}{high}"


def _if_listed(column: Column, values: tuple[Literal, ...]) -> tuple[str, str] | None:
    said = [_said(literal) for literal in values]
    if any(not one or one != one.strip() or LIST in one for one in said):
        return None
    return column.field.name, LIST.join(said)


def _said(literal: Literal) -> str:
    value = literal.value
    if isinstance(value, Decimal):
        return percent(value) if literal.percent else plain(value)
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _flag(source: Source, column: Column) -> Expression:
    match source.text.strip().lower():
        case "true":
            return column
        case "false":
            return Not(column)
    raise source.refusal(
        0,
        f"{column.field.en} is true or false.",
        f"Write {column.field.name}=true or {column.field.name}=false.",
        (f"{column.field.zh}只有真和假。", f"写作 {column.field.name}=true 或 {column.field.name}=false。"),
    )


def _range(source: Source, column: Column) -> Expression:
    low_text, _, high_text = source.text.partition(RANGE)
    field, later = column.field, len(low_text) + len(RANGE)
    low = _literal(source, field, low_text, 0) if low_text.strip() else None
    high = _literal(source, field, high_text, later) if high_text.strip() else None
    if low is not None and high is not None:
        if _out_of_order(low.value, high.value):
            raise source.refusal(
                0,
                f"{field.en}: the range ends before it begins.",
                f"Write the smaller first: {field.name}={high_text.strip()}..{low_text.strip()}.",
                (
                    f"{field.zh}：范围的终点小于起点。",
                    f"小的在前：{field.name}={high_text.strip()}..{low_text.strip()}。",
                ),
            )
        return Between(column, low, high)
    if low is not None:
        return Compare(">=", column, low)
    if high is not None:
        return Compare("<=", column, high)
    raise source.refusal(
        0,
        f"{field.en}: the range has no ends.",
        f"Write {field.name}=31..90, {field.name}=31.. or {field.name}=..90.",
        (
            f"{field.zh}：范围没有起止值。",
            f"写作 {field.name}=31..90、{field.name}=31.. 或 {field.name}=..90。",
        ),
    )


def _out_of_order(low: Value, high: Value) -> bool:
    """Whether two values of one kind stand the wrong way round; dates are texts of one length yet."""
    if isinstance(low, Decimal) and isinstance(high, Decimal):
        return low > high
    return isinstance(low, str) and isinstance(high, str) and low > high


def _literal(source: Source, field: Field, text: str, place: int) -> Literal:
    """One value of a form; what kind it must be is the field's affair, dates are made of it when it is checked."""
    item = text.strip()
    if not item:
        raise source.refusal(
            place,
            f"{field.en}: a value is empty.",
            "Write a value, or leave out the comma.",
            (f"{field.zh}：有空的取值。", "请填写取值，或去掉多余的逗号。"),
        )
    if field.unit not in NUMERIC:
        return Literal(item, place)
    if not NUMBER.fullmatch(item) or length(f"{abs(number(item)):f}") > DIGITS:
        raise source.refusal(
            place,
            f"{field.en}: '{item[:40]}' is not a number.",
            f"Write {field.name}=31, {field.name}=31..90, {field.name}=31.. or {field.name}=..90.",
            (
                f"{field.zh}：“{item[:40]}”不是数字。",
                f"写作 {field.name}=31、{field.name}=31..90、{field.name}=31.. 或 {field.name}=..90。",
            ),
        )
    return Literal(number(item), place, percent=item.endswith("%"))
