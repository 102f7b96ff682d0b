"""An expression as a Boolean column of Polars: all rows at once, null where it is unknown."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from typing import TYPE_CHECKING, Final

import polars as pl

from daihou.expressions.field import NUMERIC, TEXTUAL
from daihou.expressions.linear import RATE_UNIT, Linear, difference, grouped, in_floats, unit_of
from daihou.expressions.parts import fields_of
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
    constant,
    is_constant,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from daihou.expressions.field import Field, Unit
    from daihou.expressions.tree import Operator

SIGNS: Final[dict[Operator, Callable[[pl.Expr, pl.Expr], pl.Expr]]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
TURNED: Final[dict[Operator, Operator]] = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
"""What remains true when both sides change their sign."""
SHORT: Final = 2**63
"""Whole numbers below this go into 64 bits."""


def column(expression: Expression, *, amount_unit: int | pl.Expr = 1, base_unit: int = 1) -> pl.Expr:
    """Whether the condition holds, a row each: true, false, or null where it is unknown.

    The columns are as runs store them: amounts in whole minor units, of which `amount_unit` and `base_unit` make one unit of the currency
    (an integer, or an expression that gives it for the row), rates as decimals with eight places, shares and other numbers as floats, counts
    as integers, dates as dates, times in UTC, codes as texts, categories or enums. Whole numbers and rates are calculated exactly.
    """
    return _Frame(amount_unit, base_unit).condition(expression)


@dataclass(frozen=True, slots=True)
class _Frame:
    """The units amounts are stored in."""

    amount: int | pl.Expr
    base: int

    def condition(self, expression: Expression) -> pl.Expr:
        match expression:
            case Column():
                return pl.col(expression.field.name)
            case And():
                return pl.all_horizontal([self.condition(part) for part in expression.parts])
            case Or():
                return pl.any_horizontal([self.condition(part) for part in expression.parts])
            case Not():
                return ~self.condition(expression.condition)
            case Compare():
                return self.compared(expression.operator, expression.left, expression.right)
            case In():
                return self.listed(expression)
            case Between():
                return self.compared(">=", expression.term, expression.low) & self.compared(
                    "<=", expression.term, expression.high
                )
            case IsNull():
                return pl.any_horizontal(
                    [pl.col(name).is_null() for name in sorted({field.name for field in fields_of(expression.term)})]
                )

    def compared(self, sign: Operator, left: Term, right: Term) -> pl.Expr:
        unit = unit_of(left)
        if unit not in NUMERIC:
            return _plain(sign, left, right)
        if in_floats(left) or in_floats(right):
            return SIGNS[sign](self.floats(left, unit), self.floats(right, unit))
        return self.whole(sign, difference(left, right))

    def listed(self, condition: In) -> pl.Expr:
        term, values = condition.term, [one.value for one in condition.values]
        if isinstance(term, Column) and term.field.unit in TEXTUAL:
            return pl.col(term.field.name).is_in(values)
        return reduce(operator.or_, [self.compared("=", term, one) for one in condition.values])

    def whole(self, sign: Operator, linear: Linear) -> pl.Expr:
        """A comparison of whole numbers: a column against a value or another column where it is no more than that, else sums in 128 bits."""
        unit = self.unit(linear.unit)
        weighted = [(field, weight) for field, weight in linear.weights if weight]
        if len(weighted) == len(linear.weights) == 1 and isinstance(unit, int):
            (field, weight), fixed = weighted[0], -linear.constant * unit
            return _against(TURNED[sign] if weight < 0 else sign, field, fixed * (1 if weight > 0 else -1), abs(weight))
        if len(weighted) == len(linear.weights) == 2 and not linear.constant:
            (one, weight), (other, opposite) = weighted
            if weight == -opposite:
                return SIGNS[TURNED[sign] if weight < 0 else sign](pl.col(one.name), pl.col(other.name))
        terms = [(_long(field), weight) for field, weight in linear.weights]
        if linear.constant:
            terms.append((pl.lit(unit, pl.Int128) if isinstance(unit, int) else unit.cast(pl.Int128), linear.constant))
        above = [_times(term, weight) for term, weight in terms if weight >= 0]
        below = [_times(term, -weight) for term, weight in terms if weight < 0]  # on the other side they need no sign
        return SIGNS[sign](_sum(above), _sum(below))

    def unit(self, unit: Unit) -> int | pl.Expr:
        """How many stored units make one of those that are written."""
        return {"amount": self.amount, "base_amount": self.base, "rate": RATE_UNIT}.get(unit, 1)

    def floats(self, term: Term, unit: Unit) -> pl.Expr:
        """A term in floats of the stored units, in the written order."""
        if is_constant(term):
            return self.number(constant(term), unit)
        match term:
            case Column():
                return pl.col(term.field.name).cast(pl.Float64)
            case Negative():
                return -self.floats(term.term, unit)
            case Sum():
                return reduce(operator.add, [self.floats(part, unit) for part in grouped(term)])
            case Product():
                return reduce(operator.mul, [self.factor(part) for part in grouped(term)])
            case Literal():  # a value alone is a constant
                raise AssertionError(term)

    def factor(self, part: Term) -> pl.Expr:
        """A part of a product: plain numbers have no unit, what holds columns has that of its own."""
        return pl.lit(float(constant(part))) if is_constant(part) else self.floats(part, unit_of(part))

    def number(self, value: Decimal, unit: Unit) -> pl.Expr:
        scale = 1 if unit == "rate" else self.unit(unit)  # floats meet rates as they are
        if isinstance(scale, int):
            return pl.lit(float(value) * float(scale))
        return pl.lit(float(value)) * scale.cast(pl.Float64)


def _times(term: pl.Expr, weight: int) -> pl.Expr:
    """Whole numbers of 128 bits times a weight."""
    return term if weight == 1 else term * pl.lit(weight, pl.Int128)


def _sum(terms: list[pl.Expr]) -> pl.Expr:
    return reduce(operator.add, terms) if terms else pl.lit(0, pl.Int128)


def _long(field: Field) -> pl.Expr:
    """A column as whole numbers of 128 bits; rates are that beneath already."""
    stored = pl.col(field.name)
    return stored.to_physical() if field.unit == "rate" else stored.cast(pl.Int128)


def _against(sign: Operator, field: Field, value: int, weight: int) -> pl.Expr:
    """`weight * column` against a value, as the column against the nearest whole number that decides the same."""
    below, rest = divmod(value, weight)
    stored = pl.col(field.name)
    if rest and sign in ("=", "!="):  # no whole number is ever between two
        return pl.when(stored.is_not_null()).then(pl.lit(sign == "!="))
    bound = below + 1 if rest and sign in ("<", ">=") else below
    if field.unit == "rate":
        if abs(bound) < SHORT:
            return SIGNS[sign](stored, pl.lit(Decimal(bound).scaleb(-8)))
        return SIGNS[sign](stored.to_physical(), pl.lit(bound, pl.Int128))
    return SIGNS[sign](stored, pl.lit(bound) if abs(bound) < SHORT else pl.lit(bound, pl.Int128))


def _plain(sign: Operator, left: Term, right: Term) -> pl.Expr:
    """A comparison of dates, flags, texts and codes: of a column with a value or another column."""
    sides = [_stored(term) for term in (left, right)]
    ordered = sign not in ("=", "!=")
    if isinstance(left, Column) and left.field.unit in TEXTUAL and (ordered or isinstance(right, Column)):
        # categories of two columns are not the same, and enums have an order of their own
        sides = [side.cast(pl.String) for side in sides]
    return SIGNS[sign](*sides)


def _stored(term: Term) -> pl.Expr:
    if isinstance(term, Column):
        return pl.col(term.field.name)
    if isinstance(term, Literal):
        return pl.lit(term.value)
    raise AssertionError(term)  # only numbers are calculated with
