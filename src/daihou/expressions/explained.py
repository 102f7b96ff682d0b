"""An expression for one row, told node by node: what each part of it came to. In exact arithmetic, by the rules of the other forms."""

from __future__ import annotations

import datetime as dt
import operator
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from typing import TYPE_CHECKING, Any, Final, TypeVar
from typing import Literal as OneOf

from daihou.expressions.canonical import plain, text, written
from daihou.expressions.field import NUMERIC
from daihou.expressions.linear import grouped, in_floats, unit_of
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
    from collections.abc import Callable, Iterable, Mapping

    from daihou.expressions.field import Field, Unit
    from daihou.expressions.tree import Operator

Kind = OneOf[
    "and", "or", "not", "compare", "in", "between", "is_null",
    "column", "value", "negative", "sum", "product",
]  # fmt: skip
Found = Decimal | float | int | str | dt.date | bool | None
"""What a node came to; None is unknown or no data."""

T = TypeVar("T")
SIGNS: Final[dict[Operator, Callable[[Any, Any], bool]]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Node:
    """A part of an expression and what it came to.

    `value` of a condition is True, False or None, of a term its value as it would be written: amounts in units of the currency, exact unless
    the term holds shares or other floats. `field` is the column that the node is.
    """

    text: str
    kind: Kind
    value: Found
    parts: tuple[Node, ...] = ()
    field: Field | None = None


def explain(expression: Expression, row: Mapping[str, Any], *, amount_unit: int = 1, base_unit: int = 1) -> Node:
    """What each part of the condition came to for a row of stored values by column; KeyError where the row lacks one.

    `amount_unit` and `base_unit` say how many stored units make one unit of the currency.
    """
    return _Row(row, amount_unit, base_unit).condition(expression)


def as_json(node: Node) -> dict[str, Any]:
    """The tree as JSON has it: decimals and dates as texts, a column by its name."""
    value = node.value
    if isinstance(value, Decimal):
        value = plain(value)
    elif isinstance(value, dt.date):
        value = value.isoformat()
    return {
        "text": node.text,
        "kind": node.kind,
        "value": value,
        "field": None if node.field is None else node.field.name,
        "parts": [as_json(part) for part in node.parts],
    }


@dataclass(frozen=True, slots=True)
class _Row:
    """One row and the units its amounts are stored in."""

    row: Mapping[str, Any]
    amount: int
    base: int

    def condition(self, expression: Expression) -> Node:
        said = text(expression)
        match expression:
            case Column():
                return self.term(expression)
            case And():
                parts = tuple([self.condition(part) for part in expression.parts])
                return Node(said, "and", _all(part.value for part in parts), parts)
            case Or():
                parts = tuple([self.condition(part) for part in expression.parts])
                return Node(said, "or", _any(part.value for part in parts), parts)
            case Not():
                denied = self.condition(expression.condition)
                return Node(said, "not", _opposite(denied.value), (denied,))
            case Compare():
                holds = self.compared(expression.operator, expression.left, expression.right)
                return Node(said, "compare", holds, (self.term(expression.left), self.term(expression.right)))
            case In():
                holds = _any(self.compared("=", expression.term, one) for one in expression.values)
                values = tuple([self.term(one) for one in expression.values])
                return Node(said, "in", holds, (self.term(expression.term), *values))
            case Between():
                low, high = expression.low, expression.high
                holds = _all((self.compared(">=", expression.term, low), self.compared("<=", expression.term, high)))
                return Node(said, "between", holds, tuple([self.term(one) for one in (expression.term, low, high)]))
            case IsNull():
                subject = self.term(expression.term)
                return Node(said, "is_null", subject.value is None, (subject,))

    def compared(self, sign: Operator, left: Term, right: Term) -> bool | None:
        """Whether a comparison holds: of floats in stored units, as all forms do it, of all else exactly."""
        unit = unit_of(left)
        if unit in NUMERIC and (in_floats(left) or in_floats(right)):
            one, other = self.floats(left, unit), self.floats(right, unit)
        else:
            one, other = self.exact(left), self.exact(right)
        return None if one is None or other is None else SIGNS[sign](one, other)

    def term(self, term: Term) -> Node:
        """A term with what its parts came to."""
        said = written(term)
        match term:
            case Column():
                return Node(said, "column", self.stored(term.field), field=term.field)
            case Literal():
                return Node(said, "value", term.value)
            case Negative():
                return Node(said, "negative", self.value(term), (self.term(term.term),))
            case Sum():
                return Node(said, "sum", self.value(term), tuple([self.term(part) for part in term.parts]))
            case Product():
                return Node(said, "product", self.value(term), tuple([self.term(part) for part in term.parts]))

    def value(self, term: Term) -> Found:
        """What a calculation came to, in units as they are written."""
        if not in_floats(term):
            exact: Found = self.exact(term)
            return exact
        unit = unit_of(term)
        found = self.floats(term, unit)
        return None if found is None else found / self.unit(unit)

    def stored(self, field: Field) -> Found:
        """The value of a column as it would be written."""
        value: Found = self.row[field.name]
        if value is None or field.unit not in NUMERIC or isinstance(value, float):
            return value
        if isinstance(value, int | Decimal):
            return EXACT.divide(Decimal(value), Decimal(self.unit(field.unit)))
        raise TypeError(f"{field.name} is {value!r}, not a number")

    def exact(self, term: Term) -> Any:
        """The value of a term without floats, in units as they are written; None where a column of it has no data."""
        match term:
            case Column():
                return self.stored(term.field)
            case Literal():
                return term.value
            case Negative():
                value = self.exact(term.term)
                return None if value is None else EXACT.minus(value)
            case Sum():
                return _over(EXACT.add, [self.exact(part) for part in term.parts])
            case Product():
                return _over(EXACT.multiply, [self.exact(part) for part in term.parts])

    def floats(self, term: Term, unit: Unit) -> float | None:
        """The value of a term in floats of the stored units, in the written order."""
        if is_constant(term):
            return float(constant(term)) * float(self.unit(unit))
        match term:
            case Column():
                value = self.row[term.field.name]
                return None if value is None else float(value)
            case Negative():
                value = self.floats(term.term, unit)
                return None if value is None else -value
            case Sum():
                return _over(operator.add, [self.floats(part, unit) for part in grouped(term)])
            case Product():
                return _over(operator.mul, [self.factor(part) for part in grouped(term)])
            case Literal():  # a value alone is a constant
                raise AssertionError(term)

    def factor(self, part: Term) -> float | None:
        """A part of a product: plain numbers have no unit, what holds columns has that of its own."""
        return float(constant(part)) if is_constant(part) else self.floats(part, unit_of(part))

    def unit(self, unit: Unit) -> int:
        """How many stored units make one of those that are written."""
        return {"amount": self.amount, "base_amount": self.base}.get(unit, 1)


def _over(combined: Callable[[T, T], T], values: list[T | None]) -> T | None:
    """The values put together one after the other; None where one of them is."""
    known = [value for value in values if value is not None]
    return reduce(combined, known) if len(known) == len(values) else None


def _opposite(holds: Found) -> bool | None:
    return None if holds is None else not holds


def _all(found: Iterable[Found]) -> bool | None:
    values = list(found)
    return False if False in values else None if None in values else True


def _any(found: Iterable[Found]) -> bool | None:
    return _opposite(_all(_opposite(one) for one in found))
