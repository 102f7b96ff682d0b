"""A condition as a sentence for people, in English or Chinese: words for signs, values with their units, codes by their labels."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from daihou.expressions.field import NUMERIC, TEXTUAL
from daihou.expressions.parts import fields_of
from daihou.expressions.quantity import grouped, lowered, quantity
from daihou.expressions.tree import (
    EXACT,
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
    constant,
    is_constant,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.expressions.field import Field
    from daihou.expressions.tree import Operator

OPPOSITE: Final[dict[Operator, Operator]] = {"=": "!=", "!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
"""What holds where the other does not; where there is no data neither does."""
NUMBERS: Final[dict[Operator, tuple[str, str]]] = {
    "=": ("equal to", "等于"), "!=": ("other than", "不等于"), "<": ("below", "低于"), "<=": ("at most", "不超过"),
    ">": ("above", "超过"), ">=": ("at least", "不低于"),
}  # fmt: skip
COUNTED: Final[dict[Operator, tuple[str, str]]] = {**NUMBERS, "<": ("below", "少于"), ">=": ("at least", "不少于")}
"""For what is counted: days, months, times."""
ZERO: Final[dict[Operator, tuple[str, str]]] = {
    **NUMBERS, "<": ("below", "小于"), "<=": ("at most", "不大于"), ">": ("above", "大于"), ">=": ("at least", "不小于"),
}  # fmt: skip
"""For 0."""
BELOW_ZERO: Final[dict[Operator, tuple[str, str]]] = {
    **NUMBERS, "<=": ("at most", "不高于"), ">": ("above", "高于"),
}  # fmt: skip
"""For values below 0."""
DATES: Final[dict[Operator, tuple[str, str]]] = {
    "=": ("on", "为"), "!=": ("not on", "不是"), "<": ("before", "早于"), "<=": ("on or before", "不晚于"),
    ">": ("after", "晚于"), ">=": ("on or after", "不早于"),
}  # fmt: skip
TEXTS: Final[dict[Operator, tuple[str, str]]] = {
    **NUMBERS, "=": ("is", "为"), "!=": ("is not", "不是"), "<": ("before", "小于"), "<=": ("up to", "不大于"), ">": ("after", "大于"),
    ">=": ("from", "不小于"),
}  # fmt: skip
"""For codes and texts; texts are in the order of their letters."""


def spoken(expression: Expression, *, chinese: bool) -> str:
    """The condition as one would say it, without a full stop: `Days past due above 30 days`, `逾期天数超过30天`."""
    said = _whole(expression, chinese=chinese)
    return said if chinese else said[:1].upper() + said[1:]


def _whole(expression: Expression, *, chinese: bool) -> str:
    """A condition that stands alone: its parts are apart by commas."""
    if not isinstance(expression, And | Or):
        return _said(expression, chinese=chinese)
    parts = [_said(part, chinese=chinese) for part in expression.parts]
    if isinstance(expression, Or):
        return ("，或" if chinese else " or ").join(parts)
    if chinese:
        return "，".join(parts[:-1]) + f"，且{parts[-1]}"
    return ", ".join(parts[:-1]) + f" and {parts[-1]}"


def _said(expression: Expression, *, chinese: bool) -> str:
    """A condition within others, in parentheses where it has parts itself."""
    match expression:
        case And() | Or():
            word = ("且" if chinese else " and ") if isinstance(expression, And) else "或" if chinese else " or "
            told = word.join(_said(part, chinese=chinese) for part in expression.parts)
            return f"（{told}）" if chinese else f"({told})"
        case Not():
            return _denied(expression.condition, chinese=chinese)
        case Column():
            return _label(expression.field, chinese=chinese)
        case Compare():
            return _compared(expression.operator, expression.left, expression.right, chinese=chinese)
        case In():
            return _listed(expression, chinese=chinese, denied=False)
        case Between():
            return _between(expression, chinese=chinese, denied=False)
        case IsNull():
            subject = _term(expression.term, chinese=chinese)
            return f"{subject}无数据" if chinese else f"{subject} without data"


def _denied(condition: Expression, *, chinese: bool) -> str:
    """The opposite of a condition."""
    match condition:
        case Not():
            return _said(condition.condition, chinese=chinese)
        case Column():
            told = _label(condition.field, chinese=chinese)
            return f"并非{told}" if chinese else f"not {told}"
        case Compare():
            return _compared(OPPOSITE[condition.operator], condition.left, condition.right, chinese=chinese)
        case In():
            return _listed(condition, chinese=chinese, denied=True)
        case Between():
            return _between(condition, chinese=chinese, denied=True)
        case IsNull():
            subject = _term(condition.term, chinese=chinese)
            return f"{subject}有数据" if chinese else f"{subject} with data"
        case And() | Or():
            told = _said(condition, chinese=chinese)
            return f"不满足{told}" if chinese else f"not {told}"


def _compared(sign: Operator, left: Term, right: Term, *, chinese: bool) -> str:
    field = _field(left)
    if isinstance(left, Column) and isinstance(right, Literal) and isinstance(right.value, bool):
        holds = right.value is (sign == "=")
        return _said(left, chinese=chinese) if holds else _denied(left, chinese=chinese)
    value = constant(right) if field.unit in NUMERIC and is_constant(right) else None
    word = "为" if chinese and sign == "=" and value is not None else _words(field, value)[sign][chinese]
    gap = "" if chinese else " "
    return f"{_term(left, chinese=chinese)}{gap}{word}{gap}{_term(right, field, chinese=chinese)}"


def _words(field: Field, value: Decimal | None) -> dict[Operator, tuple[str, str]]:
    """The words for signs that suit a column and the number it is compared with."""
    if field.unit in ("date", "moment"):
        return DATES
    if field.unit in TEXTUAL or field.unit == "flag":
        return TEXTS
    if value is not None and value <= 0:
        return BELOW_ZERO if value else ZERO
    return COUNTED if field.unit in ("days", "months", "count") else NUMBERS


def _listed(condition: In, *, chinese: bool, denied: bool) -> str:
    field = _field(condition.term)
    values = [_term(one, field, chinese=chinese) for one in condition.values]
    subject = _term(condition.term, chinese=chinese)
    if chinese:
        return f"{subject}不属于{'、'.join(values)}" if denied else f"{subject}为{_enumerated(values, '、', '或')}"
    return f"{subject} {'is not' if denied else 'is'} {_enumerated(values, ', ', ' or ')}"


def _between(condition: Between, *, chinese: bool, denied: bool) -> str:
    field = _field(condition.term)
    subject = _term(condition.term, chinese=chinese)
    low, high = (_term(term, field, chinese=chinese) for term in (condition.low, condition.high))
    if field.unit in ("days", "months") and is_constant(condition.low) and is_constant(condition.high):
        low = grouped(constant(condition.low))  # 31 to 90 days, the word once
    if chinese:
        return f"{subject}{'不在' if denied else '在'}{low}至{high}之间"
    return f"{subject} {'not between' if denied else 'between'} {low} and {high}"


def _enumerated(said: Sequence[str], comma: str, last: str) -> str:
    """Items with commas between, and a word before the last."""
    return said[0] if len(said) == 1 else comma.join(said[:-1]) + last + said[-1]


def _field(term: Term) -> Field:
    """The column whose unit and labels the other side of a comparison takes."""
    fields = list(fields_of(term))
    return next((field for field in fields if field.unit != "number"), fields[0])


def _label(field: Field, *, chinese: bool) -> str:
    """A column's name; what English puts behind a comma is in brackets, since commas are between conditions."""
    if chinese:
        return field.zh
    name, comma, rest = lowered(field.en).partition(", ")
    return f"{name} ({rest})" if comma else name


def _term(term: Term, field: Field | None = None, *, chinese: bool) -> str:
    """A term in words; `field` lends its unit and labels to values."""
    if isinstance(term, Literal) and not isinstance(term.value, Decimal):
        return quantity(term.value, field, chinese=chinese)
    if is_constant(term):
        return quantity(constant(term), field, chinese=chinese)
    match term:
        case Column():
            return _label(term.field, chinese=chinese)
        case Negative():
            return (
                f"负的{_term(term.term, chinese=chinese)}" if chinese else f"minus {_term(term.term, chinese=chinese)}"
            )
        case Sum():
            return _sum(term, chinese=chinese)
        case Product():
            return _product(term, chinese=chinese)
        case Literal():  # a value alone is a constant
            raise AssertionError(term)


def _sum(term: Sum, *, chinese: bool) -> str:
    field = _field(term)
    if _is_of_columns(term):
        parts = [_term(part, field, chinese=chinese) for part in term.parts]
        return f"{_enumerated(parts, '、', '与')}之和" if chinese else f"the sum of {_enumerated(parts, ', ', ' and ')}"
    plus, minus = ("加", "减") if chinese else (" plus ", " minus ")
    told = _term(term.parts[0], field, chinese=chinese)
    for part in term.parts[1:]:
        less = _is_negative(part)
        told += (minus if less else plus) + _term(_turned(part) if less else part, field, chinese=chinese)
    return told


def _is_of_columns(term: Sum) -> bool:
    """Whether a sum only adds up, and no values among the columns: then it is called the sum of them."""
    return not any(is_constant(part) or isinstance(part, Negative) for part in term.parts)


def _is_negative(part: Term) -> bool:
    return isinstance(part, Negative) or (is_constant(part) and constant(part) < 0)


def _turned(part: Term) -> Term:
    """A negative part without its sign."""
    return part.term if isinstance(part, Negative) else Literal(EXACT.minus(constant(part)))


def _product(term: Product, *, chinese: bool) -> str:
    """What is multiplied: numbers are one, said as a percentage where one of them is written so, else as so many times."""
    numbers = [part for part in term.parts if is_constant(part)]
    others = [_factor(part, chinese=chinese) for part in term.parts if not is_constant(part)]
    whole = ("乘以" if chinese else " times ").join(others)
    if not numbers:
        return whole
    factor = constant(Product(tuple(numbers)))
    if any(isinstance(part, Literal) and part.percent for part in numbers):
        share = f"{grouped(factor.scaleb(2))}%"
        return f"{whole}的{share}" if chinese else f"{share} of {whole}"
    return f"{whole}的{grouped(factor)}倍" if chinese else f"{grouped(factor)} times {whole}"


def _factor(part: Term, *, chinese: bool) -> str:
    """A factor with columns, in parentheses where it has a plus or minus in it."""
    told = _term(part, chinese=chinese)
    apart = isinstance(part, Negative) or (isinstance(part, Sum) and not _is_of_columns(part))
    return (f"（{told}）" if chinese else f"({told})") if apart else told
