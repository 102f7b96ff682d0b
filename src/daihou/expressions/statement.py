"""An expression as a condition of DuckDB SQL: columns quoted, every value a bound parameter, unknown as SQL has it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

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
    from collections.abc import Iterable

Piece = tuple[str, tuple[Any, ...]]
"""SQL and the parameters in it, in order."""

SPELT: Final = {"!=": "<>"}


def sql(expression: Expression, *, amount_unit: int | str = 1, base_unit: int | str = 1) -> tuple[str, list[Any]]:
    """The condition and its parameters, in the order of the question marks.

    `amount_unit` and `base_unit` say how many stored units make one unit of the currency (100 where CNY is kept in fen, 1 where columns
    hold currency units): an integer, or trusted SQL that gives one for the row, such as a CASE over its currency. With an integer,
    amounts are compared as integers; else the value is multiplied in SQL, as DECIMAL, exactly.
    """
    text, parameters = _Form(_integer(amount_unit), _integer(base_unit)).condition(expression)
    return text, list(parameters)


def _integer(unit: int | str) -> int | str:
    return int(unit) if isinstance(unit, str) and unit.strip().isdecimal() else unit


def quoted(name: str) -> str:
    """A column's name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def _joined(pieces: Iterable[Piece], by: str) -> Piece:
    found = list(pieces)
    return by.join(text for text, _ in found), tuple(one for _, parameters in found for one in parameters)


@dataclass(frozen=True, slots=True)
class _Form:
    """The units amounts are stored in."""

    amount: int | str
    base: int | str

    def condition(self, expression: Expression) -> Piece:
        match expression:
            case Column():
                return quoted(expression.field.name), ()
            case And():
                return self._all(expression.parts, " AND ")
            case Or():
                return self._all(expression.parts, " OR ")
            case Not():
                text, parameters = self.condition(expression.condition)
                return f"(NOT {text})", parameters
            case Compare():
                unit = _unit(expression.left)
                sides = self.side(expression.left, unit), self.side(expression.right, unit)
                return _wrapped(_joined(sides, f" {SPELT.get(expression.operator, expression.operator)} "))
            case In():
                unit = _unit(expression.term)
                values = _wrapped(_joined([self.side(one, unit) for one in expression.values], ", "))
                return _wrapped(_joined([self.side(expression.term, unit), values], " IN "))
            case Between():
                unit = _unit(expression.term)
                bounds = _joined([self.side(term, unit) for term in (expression.low, expression.high)], " AND ")
                return _wrapped(_joined([self.side(expression.term, unit), bounds], " BETWEEN "))
            case IsNull():
                text, parameters = self.side(expression.term, _unit(expression.term))
                return f"({text} IS NULL)", parameters

    def _all(self, parts: Iterable[Expression], by: str) -> Piece:
        return _wrapped(_joined([self.condition(part) for part in parts], by))

    def side(self, term: Term, unit: str) -> Piece:
        """A whole side of a comparison: values alone are one parameter, an integer where it is whole."""
        if not is_constant(term):
            return self.term(term, unit)
        if isinstance(term, Literal) and not isinstance(term.value, Decimal):
            return "?", (term.value,)
        return self.number(constant(term), unit, exact=False)

    def number(self, value: Decimal, unit: str, *, exact: bool) -> Piece:
        """A number in the stored units; `exact` makes it a DECIMAL of full width, so that arithmetic with it cannot overflow."""
        scale = {"amount": self.amount, "base_amount": self.base}.get(unit, 1)
        if isinstance(scale, str):
            return f"({_wide(value)} * ({scale}))", (value,)
        stored = value * scale
        if exact:
            return _wide(stored), (stored,)
        return "?", (int(stored) if stored == stored.to_integral_value() else stored,)

    def term(self, term: Term, unit: str) -> Piece:
        """A part of a calculation."""
        if is_constant(term):
            return self.number(constant(term), unit, exact=True)
        match term:
            case Column():
                return quoted(term.field.name), ()
            case Negative():
                text, parameters = self.term(term.term, unit)
                return f"(-{text})", parameters
            case Sum():
                return _wrapped(_joined([self.term(part, unit) for part in term.parts], " + "))
            case Product():
                return self._product(term)
            case Literal():  # a value alone is a constant
                raise AssertionError(term)

    def _product(self, product: Product) -> Piece:
        """The factors with columns times the others, which are plain numbers and so are not scaled."""
        numbers = [part for part in product.parts if is_constant(part)]
        pieces = [self.term(part, _unit(part)) for part in product.parts if not is_constant(part)]
        if numbers:
            pieces.append(self.number(constant(Product(tuple(numbers))), "number", exact=True))
        return _wrapped(_joined(pieces, " * "))


def _wide(value: Decimal) -> str:
    """A parameter as DECIMAL of full width: DuckDB would otherwise keep products of two short ones in 18 digits, and fail."""
    exponent = value.as_tuple().exponent
    return f"CAST(? AS DECIMAL(38, {max(0, -exponent) if isinstance(exponent, int) else 0}))"


def _wrapped(piece: Piece) -> Piece:
    return f"({piece[0]})", piece[1]


def _unit(term: Term) -> str:
    """The unit of a checked term with a column: that of its first column that has one of its own."""
    return _units(term) or "number"


def _units(term: Term) -> str | None:
    match term:
        case Column():
            return term.field.unit if term.field.unit != "number" else None
        case Literal():
            return None
        case Negative():
            return _units(term.term)
        case Sum() | Product():
            return next((unit for part in term.parts if (unit := _units(part)) is not None), None)
