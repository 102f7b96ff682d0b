"""A condition in a few words of English or Chinese, by the labels of its columns: what a chip above a list says."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from daihou.expressions.field import TEXTUAL
from daihou.expressions.quantity import grouped
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
    from daihou.expressions.field import Field
    from daihou.expressions.tree import Value

SIGNS: Final = {"=": "=", "!=": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥"}


def sentence(expression: Expression, *, chinese: bool) -> str:
    """The condition as a reader says it: `Days past due ≥ 31`, `产品：小微、个体`."""
    match expression:
        case And():
            return (" 且 " if chinese else " and ").join(_inner(part, chinese=chinese) for part in expression.parts)
        case Or():
            return (" 或 " if chinese else " or ").join(_inner(part, chinese=chinese) for part in expression.parts)
        case Not():
            return _denied(expression.condition, chinese=chinese)
        case Column():
            return _named(expression, "是" if chinese else "yes", chinese=chinese)
        case Compare():
            return _compared(expression, chinese=chinese)
        case In():
            return _named(expression.term, _values(expression, chinese=chinese), chinese=chinese)
        case Between():
            return _between(expression, chinese=chinese)
        case IsNull():
            return _named(expression.term, "无数据" if chinese else "no data", chinese=chinese)


def _inner(part: Expression, *, chinese: bool) -> str:
    """A part among others, in parentheses where it has parts itself."""
    told = sentence(part, chinese=chinese)
    if not isinstance(part, And | Or):
        return told
    return f"（{told}）" if chinese else f"({told})"


def _denied(condition: Expression, *, chinese: bool) -> str:
    match condition:
        case Column():
            return _named(condition, "否" if chinese else "no", chinese=chinese)
        case In():
            listed = _values(condition, chinese=chinese)
            return _named(condition.term, f"除 {listed} 外" if chinese else f"not {listed}", chinese=chinese)
        case IsNull():
            return _named(condition.term, "有数据" if chinese else "has data", chinese=chinese)
    told = sentence(condition, chinese=chinese)
    return f"非（{told}）" if chinese else f"not ({told})"


def _named(term: Term, said: str, *, chinese: bool) -> str:
    """What is said of a term, behind its name and a colon."""
    return f"{_told(term, chinese=chinese)}：{said}" if chinese else f"{_told(term, chinese=chinese)}: {said}"


def _compared(comparison: Compare, *, chinese: bool) -> str:
    left, right = comparison.left, comparison.right
    said = _told(right, _field(left), chinese=chinese)
    if isinstance(right, Literal) and _says_by_colon(left):
        if comparison.operator == "=":
            return _named(left, said, chinese=chinese)
        if comparison.operator == "!=":
            return _named(left, f"除 {said} 外" if chinese else f"not {said}", chinese=chinese)
    return f"{_told(left, chinese=chinese)} {SIGNS[comparison.operator]} {said}"


def _says_by_colon(term: Term) -> bool:
    field = _field(term)
    return field is not None and (field.unit in TEXTUAL or field.unit == "flag")


def _between(condition: Between, *, chinese: bool) -> str:
    subject, field = _told(condition.term, chinese=chinese), _field(condition.term)
    low, high = (_told(term, field, chinese=chinese) for term in (condition.low, condition.high))
    if all(isinstance(term, Literal) and isinstance(term.value, Decimal) for term in (condition.low, condition.high)):
        return f"{subject} {low}–{high}"
    return f"{subject} 在 {low} 至 {high} 之间" if chinese else f"{subject} between {low} and {high}"


def _values(condition: In, *, chinese: bool) -> str:
    field = _field(condition.term)
    return ("、" if chinese else ", ").join(_told(one, field, chinese=chinese) for one in condition.values)


def _field(term: Term) -> Field | None:
    """The column that a term is, where it is one alone."""
    return term.field if isinstance(term, Column) else None


def _told(term: Term, field: Field | None = None, *, chinese: bool) -> str:
    """A term in words; `field` lends its labels to a value compared with it."""
    match term:
        case Column():
            return term.field.zh if chinese else term.field.en
        case Literal():
            return (
                f"{grouped(term.value.scaleb(2))}%"
                if term.percent and isinstance(term.value, Decimal)
                else _value(term.value, field, chinese=chinese)
            )
        case Negative():
            return f"−{_factor(term.term, chinese=chinese)}"
        case Product():
            return " × ".join(_factor(part, chinese=chinese) for part in term.parts)
        case Sum():
            return " + ".join(_told(part, chinese=chinese) for part in term.parts).replace("+ −", "− ")


def _factor(term: Term, *, chinese: bool) -> str:
    told = _told(term, chinese=chinese)
    return f"({told})" if isinstance(term, Sum | Product) else told


def _value(value: Value, field: Field | None, *, chinese: bool) -> str:
    if isinstance(value, bool):
        return ("是" if value else "否") if chinese else ("yes" if value else "no")
    if isinstance(value, Decimal):
        return grouped(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(" ")
    if isinstance(value, dt.date):
        return value.isoformat()
    return field.label(value, chinese=chinese) if field else value
