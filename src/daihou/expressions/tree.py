"""What an expression is made of: conditions, which hold, do not hold or are unknown, and terms, which have a value.

Equal meaning does not make two trees equal, but equal text does: they are built by the functions at the end, which flatten
what may be flattened. `place` is the character an item began at, for messages; it does not count when trees are compared.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from dataclasses import field as kept
from decimal import Context, Decimal
from functools import reduce
from typing import TYPE_CHECKING, Final
from typing import Literal as OneOf

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daihou.expressions.field import Field

Operator = OneOf["=", "!=", "<", "<=", ">", ">="]
Value = Decimal | str | dt.date | dt.datetime | bool


@dataclass(frozen=True, slots=True)
class Column:
    """The value of a column; a condition by itself where that is a flag."""

    field: Field
    place: int = kept(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as written, in units of the column it meets; a percentage is kept as the fraction it is, 45% as 0.45."""

    value: Value
    place: int = kept(default=0, compare=False)
    percent: bool = False


@dataclass(frozen=True, slots=True)
class Negative:
    """A term with its sign turned; a difference is a sum with such a part."""

    term: Term
    place: int = kept(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Sum:
    """Terms of one unit added up."""

    parts: tuple[Term, ...]
    place: int = kept(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Product:
    """A term times plain numbers."""

    parts: tuple[Term, ...]
    place: int = kept(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Compare:
    """One term against another; a column is on the left, whichever way it was written."""

    operator: Operator
    left: Term
    right: Term
    place: int = kept(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class In:
    """A term that is one of some values."""

    term: Term
    values: tuple[Literal, ...]
    place: int = kept(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Between:
    """A term from one value to another, both included."""

    term: Term
    low: Term
    high: Term
    place: int = kept(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class IsNull:
    """A term of which there is no data; never unknown itself."""

    term: Term
    place: int = kept(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite; unknown stays unknown."""

    condition: Expression
    place: int = kept(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class And:
    """All of two or more conditions."""

    parts: tuple[Expression, ...]
    place: int = kept(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of two or more conditions."""

    parts: tuple[Expression, ...]
    place: int = kept(default=0, compare=False)


Term = Column | Literal | Negative | Sum | Product
Expression = And | Or | Not | Compare | In | Between | IsNull | Column
Node = Term | Expression

EXACT: Final = Context(prec=4_000)
"""Arithmetic with more digits than an expression has characters."""

MIRRORED: dict[Operator, Operator] = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def all_of(parts: Iterable[Expression], place: int = 0) -> Expression:
    """The conditions together, those of an inner And beside the others; one alone stays as it is."""
    flat = tuple(inner for part in parts for inner in (part.parts if isinstance(part, And) else (part,)))
    return flat[0] if len(flat) == 1 else And(flat, place)


def any_of(parts: Iterable[Expression], place: int = 0) -> Expression:
    """One of the conditions, those of an inner Or beside the others; one alone stays as it is."""
    flat = tuple(inner for part in parts for inner in (part.parts if isinstance(part, Or) else (part,)))
    return flat[0] if len(flat) == 1 else Or(flat, place)


def sum_of(left: Term, right: Term, place: int = 0) -> Term:
    """Two terms added, the parts of inner sums beside each other."""
    return Sum(tuple(p for t in (left, right) for p in (t.parts if isinstance(t, Sum) else (t,))), place)


def product_of(left: Term, right: Term, place: int = 0) -> Term:
    """Two terms multiplied, the parts of inner products beside each other."""
    return Product(tuple(p for t in (left, right) for p in (t.parts if isinstance(t, Product) else (t,))), place)


def negative_of(term: Term, place: int = 0) -> Term:
    """A term with its sign turned: a number takes the sign into itself, two signs are none."""
    if isinstance(term, Literal) and isinstance(term.value, Decimal):
        return Literal(-term.value if term.value else term.value, place, term.percent)
    return term.term if isinstance(term, Negative) else Negative(term, place)


def compared(operator: Operator, left: Term, right: Term, place: int = 0) -> Compare:
    """A comparison, turned round where only its right side has a column."""
    if is_constant(left) and not is_constant(right):
        return Compare(MIRRORED[operator], right, left, place)
    return Compare(operator, left, right, place)


def is_constant(term: Term) -> bool:
    """Whether a term names no column."""
    match term:
        case Column():
            return False
        case Literal():
            return True
        case Negative():
            return is_constant(term.term)
        case Sum() | Product():
            return all(is_constant(part) for part in term.parts)


def constant(term: Term) -> Decimal:
    """The number that a term of numbers alone comes to, exactly; TypeError where it is none."""
    match term:
        case Literal(value=Decimal() as value):
            return value
        case Negative():
            return EXACT.minus(constant(term.term))
        case Sum():
            return reduce(EXACT.add, (constant(part) for part in term.parts))
        case Product():
            return reduce(EXACT.multiply, (constant(part) for part in term.parts))
    raise TypeError(f"{term} is no number")
