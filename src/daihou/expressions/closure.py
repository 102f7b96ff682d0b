"""An expression as a function of one row: what answers few rows sooner than a query over columns is planned."""

from __future__ import annotations

import math
import operator
from functools import reduce
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from daihou.expressions.explained import SIGNS
from daihou.expressions.field import NUMERIC, TEXTUAL
from daihou.expressions.linear import RATE_UNIT, difference, grouped, in_floats, unit_of
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
    from collections.abc import Callable, Mapping, Sequence

    from daihou.expressions.field import Field, Unit
    from daihou.expressions.linear import Linear
    from daihou.expressions.tree import Operator

    Row = Mapping[str, Any]
    Answer = Callable[[Row], bool | None]
    Value = Callable[[Row], Any]


def closure(expression: Expression, *, amount_unit: int = 1, base_unit: int = 1) -> Answer:
    """A function that says of a row of stored values by column whether the condition holds: True, False, or None where it is unknown.

    The values are as runs store them, see `column`. Whole numbers and rates are calculated exactly, all else in floats.
    """
    return _Closures(amount_unit, base_unit).condition(expression)


class _Closures:
    """The units amounts are stored in."""

    def __init__(self, amount: int, base: int) -> None:
        self._units: dict[Unit, int] = {"amount": amount, "base_amount": base, "rate": RATE_UNIT}

    def condition(self, expression: Expression) -> Answer:
        match expression:
            case Column():
                return itemgetter(expression.field.name)
            case And():
                return _all([self.condition(part) for part in expression.parts])
            case Or():
                return _any([self.condition(part) for part in expression.parts])
            case Not():
                return _opposite(self.condition(expression.condition))
            case Compare():
                return self.compared(expression.operator, expression.left, expression.right)
            case In():
                return self.listed(expression)
            case Between():
                term = expression.term
                return _all([self.compared(">=", term, expression.low), self.compared("<=", term, expression.high)])
            case IsNull():
                names = sorted({field.name for field in fields_of(expression.term)})
                return lambda row: any(row[name] is None for name in names)

    def compared(self, sign: Operator, left: Term, right: Term) -> Answer:
        unit = unit_of(left)
        if unit not in NUMERIC:
            return _both(SIGNS[sign], _stored(left), _stored(right))
        if in_floats(left) or in_floats(right):
            return _both(SIGNS[sign], _ordered(self.floats(left, unit)), _ordered(self.floats(right, unit)))
        return self.whole(SIGNS[sign], difference(left, right))

    def listed(self, condition: In) -> Answer:
        term = condition.term
        if isinstance(term, Column) and term.field.unit in TEXTUAL:
            name, values = term.field.name, frozenset(one.value for one in condition.values)
            return lambda row: None if row[name] is None else row[name] in values
        return _any([self.compared("=", term, one) for one in condition.values])

    def whole(self, sign: Callable[[Any, Any], bool], linear: Linear) -> Answer:
        """A comparison of whole numbers, which have as many digits as they need."""
        fixed = linear.constant * self._units.get(linear.unit, 1)
        if len(linear.weights) == 1:
            ((field, weight),) = linear.weights
            value = _whole(field)
            if weight == 1:
                return _against(sign, value, -fixed)

        weights = [(_whole(field), weight) for field, weight in linear.weights]

        def summed(row: Row) -> bool | None:
            total = fixed
            for value, weight in weights:
                found = value(row)
                if found is None:
                    return None
                total += weight * found
            return sign(total, 0)

        return summed

    def floats(self, term: Term, unit: Unit) -> Value:
        """A term in floats of the stored units, in the written order."""
        if is_constant(term):
            scale = 1 if unit == "rate" else self._units.get(unit, 1)  # floats meet rates as they are
            number = float(constant(term)) * float(scale)
            return lambda _: number
        match term:
            case Column():
                return _float(term.field.name)
            case Negative():
                inner = self.floats(term.term, unit)
                return lambda row: None if (found := inner(row)) is None else -found
            case Sum():
                return _over(operator.add, [self.floats(part, unit) for part in grouped(term)])
            case Product():
                return _over(operator.mul, [self.factor(part) for part in grouped(term)])
            case Literal():  # a value alone is a constant
                raise AssertionError(term)

    def factor(self, part: Term) -> Value:
        """A part of a product: plain numbers have no unit, what holds columns has that of its own."""
        if is_constant(part):
            number = float(constant(part))
            return lambda _: number
        return self.floats(part, unit_of(part))


def _all(parts: Sequence[Answer]) -> Answer:
    def answer(row: Row) -> bool | None:
        known = True
        for part in parts:
            found = part(row)
            if found is None:
                known = False
            elif not found:
                return False
        return True if known else None

    return answer


def _any(parts: Sequence[Answer]) -> Answer:
    def answer(row: Row) -> bool | None:
        known = True
        for part in parts:
            found = part(row)
            if found is None:
                known = False
            elif found:
                return True
        return False if known else None

    return answer


def _opposite(condition: Answer) -> Answer:
    return lambda row: None if (found := condition(row)) is None else not found


def _both(sign: Callable[[Any, Any], bool], left: Value, right: Value) -> Answer:
    def answer(row: Row) -> bool | None:
        one, other = left(row), right(row)
        return None if one is None or other is None else sign(one, other)

    return answer


def _against(sign: Callable[[Any, Any], bool], value: Value, bound: int) -> Answer:
    return lambda row: None if (found := value(row)) is None else sign(found, bound)


def _whole(field: Field) -> Value:
    """A column as a whole number of what it is stored in: rates in hundred-millionths."""
    name = field.name
    if field.unit == "rate":
        return lambda row: None if (found := row[name]) is None else int(found.scaleb(8))
    return itemgetter(name)


def _float(name: str) -> Value:
    return lambda row: None if (found := row[name]) is None else float(found)


def _ordered(value: Value) -> Value:
    """A float that can be compared: what is no number is more than any, as it is for columns."""
    return lambda row: math.inf if (found := value(row)) is not None and math.isnan(found) else found


def _stored(term: Term) -> Value:
    if isinstance(term, Column):
        return itemgetter(term.field.name)
    if isinstance(term, Literal):
        value = term.value
        return lambda _: value
    raise AssertionError(term)  # only numbers are calculated with


def _over(combined: Callable[[Any, Any], Any], values: Sequence[Value]) -> Value:
    """The values put together one after the other; None where one of them is."""

    def answer(row: Row) -> Any:
        found = [value(row) for value in values]
        return None if None in found else reduce(combined, found)

    return answer
