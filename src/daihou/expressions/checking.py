"""Whether the parts of a tree fit each other by unit; texts that meet a date become dates on the way."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final
from typing import Literal as OneOf

from daihou.expressions.field import FRACTIONS, NUMERIC, ORDERED, TEXTUAL, WORDS
from daihou.expressions.linear import difference, in_floats
from daihou.expressions.tokens import DIGITS, length
from daihou.expressions.tree import (
    And,
    Between,
    Column,
    Compare,
    Expression,
    In,
    IsNull,
    Literal,
    Negative,
    Not,
    Or,
    Product,
    Sum,
    Term,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daihou.book.errors import DaihouError
    from daihou.expressions.field import Unit
    from daihou.expressions.source import Source

    Kind = Unit | OneOf["percent"]

DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def checked(source: Source, expression: Expression) -> Expression:
    """The expression with its values in the kind of the columns they meet; DaihouError names the place that does not fit."""
    match expression:
        case And() | Or():
            return replace(expression, parts=tuple([checked(source, part) for part in expression.parts]))
        case Not():
            return replace(expression, condition=checked(source, expression.condition))
        case Column():
            return _alone(source, expression)
        case Compare():
            return _compared(source, expression)
        case In():
            subject = _subject(source, expression.term)
            _no_flag(source, expression, subject)
            values = tuple([_value(source, subject, one) for one in expression.values])
            _sized(source, expression.term, values)
            return replace(expression, values=values)
        case Between():
            subject = _subject(source, expression.term)
            _no_flag(source, expression, subject)
            _ordered(source, subject, expression.term)
            low, high = (_other(source, subject, term) for term in (expression.low, expression.high))
            _sized(source, expression.term, (low, high))
            return replace(expression, low=low, high=high)
        case IsNull():
            _subject(source, expression.term)
            return expression


def _alone(source: Source, column: Column) -> Column:
    if column.field.unit == "flag":
        return column
    name = column.field.name
    raise source.refusal(
        column.place,
        f"{name} is {WORDS[column.field.unit][0]}, not a condition.",
        f"Compare it: {name} = …, or {name} is not null.",
        (
            f"{name} 为{WORDS[column.field.unit][1]}，不能单独作为条件。",
            f"请写成比较：{name} = …，或 {name} is not null。",
        ),
    )


def _compared(source: Source, comparison: Compare) -> Compare:
    subject = _subject(source, comparison.left)
    if comparison.operator not in ("=", "!="):
        _ordered(source, subject, comparison.left)
    right = _other(source, subject, comparison.right)
    _sized(source, comparison.left, (right,))
    return replace(comparison, right=right)


def _subject(source: Source, term: Term) -> Column:
    """The first column of a term, which stands for its unit; refused where the term has none or mixes units."""
    unit_of(source, term)
    column = _first(term)
    if column is None:
        raise source.refusal(
            term.place,
            "A comparison needs a column.",
            "Write one like: dpd >= 30.",
            ("比较式中至少要有一列。", "写法如：dpd >= 30。"),
        )
    if _growth(term) > DIGITS:
        raise _too_long(source, term)
    return column


def _first(term: Term) -> Column | None:
    match term:
        case Column():
            return term
        case Literal():
            return None
        case Negative():
            return _first(term.term)
        case Sum() | Product():
            columns = [column for part in term.parts if (column := _first(part)) is not None]
            typed = [column for column in columns if column.field.unit != "number"]
            return next(iter(typed or columns), None)


def unit_of(source: Source, term: Term) -> Kind | None:
    """The unit of a term; of values alone None, since they take that of what they meet, or percent, which fits shares and rates only."""
    match term:
        case Column():
            return term.field.unit
        case Literal():
            return "percent" if term.percent else None
        case Negative():
            return _counted(source, term.term)
        case Sum():
            found: Kind | None = None
            for part in term.parts:
                found = _added(source, part, found, _counted(source, part))
            return found
        case Product():
            counted = [_counted(source, part) for part in term.parts]
            if all(unit == "percent" for unit in counted):
                return "percent"
            units = [unit for unit in counted if unit is not None and unit != "percent"]
            typed = [unit for unit in units if unit != "number"]
            if len(typed) > 1:
                raise source.refusal(
                    term.place,
                    f"{_a(typed[0]).capitalize()} cannot be multiplied by {_a(typed[1])}.",
                    "Multiply by a plain number: overdue_amount * 2.",
                    (
                        f"{WORDS[typed[0]][1]}不能与{WORDS[typed[1]][1]}相乘。",
                        "只能乘以普通数字，例如 overdue_amount * 2。",
                    ),
                )
            return next(iter(typed or units), None)


def _added(source: Source, part: Term, found: Kind | None, unit: Kind | None) -> Kind | None:
    """The unit of a sum with one part more; refused where they differ."""
    if found is None or unit is None or unit == found:
        return found or unit
    if "percent" in (found, unit):
        other = unit if found == "percent" else found
        if other in FRACTIONS:
            return other
    raise _mixed(source, part, found, unit)


def _counted(source: Source, term: Term) -> Kind | None:
    """The unit of a term that is calculated with; refused where it is no number."""
    unit = unit_of(source, term)
    fits = (
        isinstance(term.value, Decimal)
        if isinstance(term, Literal)
        else unit is None or unit == "percent" or unit in NUMERIC
    )
    if fits:
        return unit
    raise source.refusal(
        term.place,
        "Only numbers can be calculated with, not dates, codes, texts or flags.",
        "Compare it without + - *.",
        ("只有数值可以参与运算；日期、代码、文本和真假值不可以。", "请去掉 + - *，直接比较。"),
    )


def _other(source: Source, subject: Column, term: Term) -> Term:
    """The right side of a comparison in the kind of its left."""
    if isinstance(term, Literal):
        return _value(source, subject, term)
    unit = unit_of(source, term)
    if _growth(term) > DIGITS:
        raise _too_long(source, term)
    fitting = {None: NUMERIC, "percent": FRACTIONS}.get(unit)
    if fitting is not None and subject.field.unit not in fitting:
        raise _unfit(source, subject, term)
    if fitting is None and unit is not None and unit != subject.field.unit:
        raise _mixed(source, term, subject.field.unit, unit)
    return term


def _value(source: Source, subject: Column, literal: Literal) -> Literal:
    """A value in the kind of a column, and among its codes."""
    unit, value = subject.field.unit, literal.value
    if unit in ("date", "moment") and isinstance(value, str):
        return replace(literal, value=_dated(source, subject, literal, value))
    fits = (
        isinstance(value, bool)
        if unit == "flag"
        else isinstance(value, Decimal)
        if unit in (FRACTIONS if literal.percent else NUMERIC)
        else unit in TEXTUAL and isinstance(value, str)
    )
    if not fits:
        raise _unfit(source, subject, literal)
    if isinstance(value, str) and subject.field.choices and not subject.field.extensible:
        _chosen(source, subject, literal, value)
    return literal


def _dated(source: Source, subject: Column, literal: Literal, text: str) -> dt.date:
    """The date or time that a text writes; a time without a zone is in UTC."""
    name = subject.field.name
    try:
        if subject.field.unit == "date":
            if DAY.fullmatch(text):  # the other spellings of ISO 8601 are not ours
                return dt.date.fromisoformat(text)
        else:
            moment = dt.datetime.fromisoformat(text)
            return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    except ValueError:
        pass
    raise source.refusal(
        literal.place,
        f"{name}: '{text[:40]}' is not a date.",
        f"Write it like: {name} >= '2026-01-31'.",
        (f"{name}：“{text[:40]}”不是有效日期。", f"写法如：{name} >= '2026-01-31'。"),
    )


def _chosen(source: Source, subject: Column, literal: Literal, value: str) -> None:
    field = subject.field
    codes = [code for code, _, _ in field.choices]
    if value in codes:
        return
    alike = difflib.get_close_matches(value, codes, 3, 0.6)
    raise source.refusal(
        literal.place,
        f"{field.name} is never '{value[:40]}'.",
        (f"Did you mean {' or '.join(alike)}? " if alike else "") + f"Its codes are: {', '.join(codes)}.",
        (
            f"{field.name} 没有“{value[:40]}”这一取值。",
            (f"是否为 {'、'.join(alike)}？" if alike else "") + f"可用取值：{'、'.join(codes)}。",
        ),
    )


def _no_flag(source: Source, expression: In | Between, subject: Column) -> None:
    if subject.field.unit != "flag":
        return
    name = subject.field.name
    raise source.refusal(
        expression.place,
        f"{name} is true or false; lists and ranges do not fit it.",
        f"Write {name}, or not {name}.",
        (f"{name} 只有真和假，不能用列表或范围。", f"写作 {name} 或 not {name}。"),
    )


def _ordered(source: Source, subject: Column, term: Term) -> None:
    if subject.field.unit in ORDERED:
        return
    name = subject.field.name
    raise source.refusal(
        term.place,
        f"{name} is {WORDS[subject.field.unit][0]}, which has no order.",
        f"Use =, != or in with {name}.",
        (f"{name} 为{WORDS[subject.field.unit][1]}，没有大小之分。", f"{name} 只能用 =、!= 或 in。"),
    )


def _growth(term: Term) -> int:
    """Digits by which the numbers of a term may lengthen a column's value: factors add up, summands do not."""
    match term:
        case Literal(value=Decimal() as value):
            return length(f"{abs(value):f}")
        case Negative():
            return _growth(term.term)
        case Sum():
            return max(_growth(part) for part in term.parts)
        case Product():
            return sum(_growth(part) for part in term.parts)
    return 0


def _sized(source: Source, left: Term, others: Iterable[Term]) -> None:
    """Refuse a comparison of whole numbers whose sums could leave 128 bits."""
    if unit_of(source, left) not in NUMERIC or in_floats(left):
        return
    if not all(in_floats(other) or difference(left, other).fits for other in others):
        raise _too_long(source, left)


def _too_long(source: Source, term: Term) -> DaihouError:
    return source.refusal(
        term.place,
        f"The numbers multiplied here have more than {DIGITS} digits together.",
        "Use shorter ones.",
        (f"此处相乘的数字合计超过 {DIGITS} 位。", "请使用较短的数字。"),
    )


def _a(unit: Kind) -> str:
    return WORDS[unit][0]


def _mixed(source: Source, term: Term, left: Kind, right: Kind) -> DaihouError:
    return source.refusal(
        term.place,
        f"Units differ: {_a(left)} and {_a(right)}.",
        "Compare and add only what has the same unit.",
        (f"单位不一致：{WORDS[left][1]}与{WORDS[right][1]}。", "只有单位相同的列才能比较和相加。"),
    )


def _unfit(source: Source, subject: Column, term: Term) -> DaihouError:
    """The error for a value of another kind than its column."""
    field, percent = subject.field, unit_of(source, term) == "percent"
    if field.unit == "flag":
        like_en, like_zh = (
            f"Write {field.name} = true, {field.name}, or not {field.name}.",
            f"写作 {field.name} = true、{field.name} 或 not {field.name}。",
        )
    elif field.unit in ("date", "moment"):
        like_en, like_zh = f"Write it like: {field.name} >= '2026-01-31'.", f"写法如：{field.name} >= '2026-01-31'。"
    elif field.unit in NUMERIC and percent:
        like_en, like_zh = (
            f"Write a plain number, or a percentage of something: {field.name} >= 45% * ….",
            f"请写普通数字，或写成某一列的百分比：{field.name} >= 45% * …。",
        )
    elif field.unit in NUMERIC:
        like_en, like_zh = f"Write a number without quotes: {field.name} >= 30.", f"数字不加引号：{field.name} >= 30。"
    else:
        like_en, like_zh = f"Write a text in quotes: {field.name} = '…'.", f"文本加引号：{field.name} = '…'。"
    kind = WORDS["percent"] if percent else _kind(term)
    return source.refusal(
        term.place,
        f"{field.name} is {_a(field.unit)} and cannot be compared with {kind[0]}.",
        like_en,
        (f"{field.name} 为{WORDS[field.unit][1]}，不能与{kind[1]}比较。", like_zh),
    )


def _kind(term: Term) -> tuple[str, str]:
    match term:
        case Literal(value=bool()):
            return "true or false", "真假值"
        case Literal(value=str()):
            return "a text", "文本"
    return "a number", "数字"
