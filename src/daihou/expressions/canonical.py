"""An expression as text, always the same for the same tree, with no more parentheses than it needs."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

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
    from daihou.expressions.tree import Value

OR, AND, NOT, COMPARISON, SUM, PRODUCT, SIGN, WHOLE = range(1, 9)
"""How tightly each holds its parts."""

RANKS: Final = {Or: OR, And: AND, Not: NOT, Sum: SUM, Product: PRODUCT, Negative: SIGN, Column: WHOLE, Literal: WHOLE}


def text(expression: Expression) -> str:
    """The expression written out; reading it back gives an equal tree."""
    match expression:
        case Column():
            return expression.field.name
        case And():
            return " and ".join(_inner(part, NOT) for part in expression.parts)
        case Or():
            return " or ".join(_inner(part, AND) for part in expression.parts)
        case Not(condition=In() | Between() | IsNull() as denied):
            return _listed(denied, "not ")
        case Not():
            return f"not {_inner(expression.condition, NOT)}"
        case Compare():
            return f"{written(expression.left)} {expression.operator} {written(expression.right)}"
        case In() | Between() | IsNull():
            return _listed(expression, "")


def _inner(part: Expression, least: int) -> str:
    return f"({text(part)})" if RANKS.get(type(part), COMPARISON) < least else text(part)


def _listed(part: In | Between | IsNull, denial: str) -> str:
    subject = written(part.term)
    match part:
        case In():
            return f"{subject} {denial}in ({', '.join(literal(one) for one in part.values)})"
        case Between():
            return f"{subject} {denial}between {written(part.low)} and {written(part.high)}"
        case IsNull():
            return f"{subject} is {denial}null"


def written(term: Term) -> str:
    """A term as text."""
    match term:
        case Column():
            return term.field.name
        case Literal():
            return literal(term)
        case Negative():
            return f"-{_factor(term.term, SIGN + 1)}"
        case Product():
            return " * ".join(_factor(part, SIGN) for part in term.parts)
        case Sum():
            first, *others = term.parts
            return _factor(first, PRODUCT) + "".join(_added(part) for part in others)


def _factor(term: Term, least: int) -> str:
    return f"({written(term)})" if RANKS[type(term)] < least else written(term)


def _added(part: Term) -> str:
    """A later part of a sum, with the sign before it."""
    if isinstance(part, Negative):
        return f" - {_factor(part.term, PRODUCT)}"
    if isinstance(part, Literal) and isinstance(part.value, Decimal) and part.value < 0:
        return f" - {literal(replace(part, value=-part.value))}"
    return f" + {_factor(part, PRODUCT)}"


def literal(one: Literal) -> str:
    """A value as it is written in an expression."""
    return percent(one.value) if one.percent and isinstance(one.value, Decimal) else value(one.value)


def percent(fraction: Decimal) -> str:
    """A fraction as a percentage: 0.45 as 45%."""
    return f"{plain(fraction.scaleb(2))}%"


def value(one: Value) -> str:
    """A value as it is written where it is no percentage."""
    if isinstance(one, bool):
        return "true" if one else "false"
    if isinstance(one, Decimal):
        return plain(one)
    if isinstance(one, dt.date):
        return f"'{one.isoformat()}'"
    return "'" + one.replace("'", "''") + "'"


def plain(number: Decimal) -> str:
    """A number in digits, without exponent and idle zeros."""
    digits = f"{number:f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits
