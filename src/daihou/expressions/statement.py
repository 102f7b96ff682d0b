"""An expression as a condition of DuckDB SQL: columns quoted, every value a bound parameter, unknown as SQL has it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from daihou.expressions.linear import RATE_UNIT, difference, grouped, in_floats, unit_of
from daihou.expressions.parts import fields_of
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
    from collections.abc import Iterable

    from daihou.expressions.field import Field
    from daihou.expressions.linear import Linear

Piece = tuple[str, tuple[Any, ...]]
"""SQL and the parameters in it, in order."""

SPELT: Final = {"!=": "<>"}


def sql(expression: Expression, *, amount_unit: int | str = 1, base_unit: int | str = 1) -> tuple[str, list[Any]]:
    """The condition and its parameters, in the order of the question marks.

    `amount_unit` and `base_unit` say how many stored units make one unit of the currency (100 where CNY is kept in fen, 1 where columns
    hold currency units): an integer, or trusted SQL that gives one for the row, such as a CASE over its currency. Whole numbers and rates
    (decimals of eight places) are calculated exactly, in 128 bits; shares in doubles; other numbers as the engine keeps them.
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
                return self.compared(expression.operator, expression.left, expression.right)
            case In():
                return self.listed(expression.term, expression.values)
            case Between():
                return self.between(expression)
            case IsNull():
                return _wrapped(_joined([(f"{name} IS NULL", ()) for name in _names(expression.term)], " OR "))

    def _all(self, parts: Iterable[Expression], by: str) -> Piece:
        return _wrapped(_joined([self.condition(part) for part in parts], by))

    def compared(self, sign: str, left: Term, right: Term) -> Piece:
        """A comparison: as it is written where that is one column against a value or another, else calculated."""
        spelt = f" {SPELT.get(sign, sign)} "
        unit = unit_of(left)
        if self.simple(left, right):
            return _wrapped(_joined([self.side(left, unit), self.side(right, unit)], spelt))
        if in_floats(left) or in_floats(right):
            form = _Floats(self, wide=all(_numbers(term) for term in (left, right)))
            return _wrapped(_joined([form.term(left, unit), form.term(right, unit)], spelt))
        return _wrapped(_joined(self.whole(difference(left, right)), spelt))

    def listed(self, term: Term, values: tuple[Literal, ...]) -> Piece:
        """A term that is one of some values."""
        if not all(self.simple(term, one) for one in values):
            return _wrapped(_joined([self.compared("=", term, one) for one in values], " OR "))
        unit = unit_of(term)
        among = _wrapped(_joined([self.side(one, unit) for one in values], ", "))
        return _wrapped(_joined([self.side(term, unit), among], " IN "))

    def between(self, condition: Between) -> Piece:
        """A term from one value to another."""
        term, bounds = condition.term, (condition.low, condition.high)
        if not all(self.simple(term, bound) for bound in bounds):
            ends = zip((">=", "<="), bounds, strict=True)
            return _wrapped(_joined([self.compared(sign, term, bound) for sign, bound in ends], " AND "))
        unit = unit_of(term)
        within = _joined([self.side(bound, unit) for bound in bounds], " AND ")
        return _wrapped(_joined([self.side(term, unit), within], " BETWEEN "))

    def simple(self, left: Term, right: Term) -> bool:
        """Whether a comparison needs no arithmetic: one column against a value of the same unit in every row, or against another column."""
        if not isinstance(left, Column):
            return False
        if is_constant(right):
            return isinstance(self.unit(left.field.unit), int)
        return isinstance(right, Column)

    def side(self, term: Term, unit: str) -> Piece:
        """A side of a simple comparison: a column, or one parameter in its stored unit, an integer where it is whole."""
        if isinstance(term, Column):
            return quoted(term.field.name), ()
        if isinstance(term, Literal) and not isinstance(term.value, Decimal):
            return "?", (term.value,)
        value, scale = constant(term), self.unit(unit)
        if unit == "share":
            return "?", (float(value),)
        stored = EXACT.multiply(value, Decimal(scale))
        return "?", (int(stored) if stored == stored.to_integral_value() else stored,)

    def unit(self, unit: str) -> int | str:
        """How many stored units make one of those that are written."""
        return {"amount": self.amount, "base_amount": self.base}.get(unit, 1)

    def whole(self, linear: Linear) -> tuple[Piece, Piece]:
        """The sides of a comparison of whole numbers in 128 bits: the weighted columns, and the value they are compared with."""
        columns = _joined([_weighted(field, weight) for field, weight in linear.weights], " + ")
        unit = RATE_UNIT if linear.unit == "rate" else self.unit(linear.unit)
        if isinstance(unit, int):
            return columns, ("CAST(? AS HUGEINT)", (-linear.constant * unit,))
        return columns, (f"CAST(? AS HUGEINT) * ({unit})", (-linear.constant,))


@dataclass(frozen=True, slots=True)
class _Floats:
    """Arithmetic in the written order: in doubles; or `wide`, where nothing says how the numbers are kept, in decimals until they meet one."""

    form: _Form
    wide: bool

    def term(self, term: Term, unit: str) -> Piece:
        """A part of a calculation."""
        if is_constant(term):
            return self.number(constant(term), unit)
        match term:
            case Column():
                name = quoted(term.field.name)
                return (name if self.wide else f"CAST({name} AS DOUBLE)"), ()
            case Negative():
                text, parameters = self.term(term.term, unit)
                return f"(-{text})", parameters
            case Sum():
                return _wrapped(_joined([self.term(part, unit) for part in grouped(term)], " + "))
            case Product():
                return _wrapped(_joined([self.factor(part) for part in grouped(term)], " * "))
            case Literal():  # a value alone is a constant
                raise AssertionError(term)

    def factor(self, part: Term) -> Piece:
        """A part of a product: plain numbers have no unit, what holds columns has that of its own."""
        return self.number(constant(part), "number") if is_constant(part) else self.term(part, unit_of(part))

    def number(self, value: Decimal, unit: str) -> Piece:
        if self.wide:
            return _wide(value), (value,)
        scale = self.form.unit(unit)
        if isinstance(scale, str):
            return f"(CAST(? AS DOUBLE) * CAST(({scale}) AS DOUBLE))", (float(value),)
        return "CAST(? AS DOUBLE)", (float(value) * float(scale),)


def _wide(value: Decimal) -> str:
    """A parameter as DECIMAL of full width: DuckDB would otherwise keep products of two short ones in 18 digits, and fail."""
    exponent = value.as_tuple().exponent
    return f"CAST(? AS DECIMAL(38, {max(0, -exponent) if isinstance(exponent, int) else 0}))"


def _weighted(field: Field, weight: int) -> Piece:
    """A column times its weight; rates, which are decimals of eight places, as whole numbers."""
    name = quoted(field.name)
    stored = (
        f"CAST(CAST({name} AS DECIMAL(38, 8)) * {RATE_UNIT} AS HUGEINT)"
        if field.unit == "rate"
        else f"CAST({name} AS HUGEINT)"
    )
    return (stored, ()) if weight == 1 else (f"{stored} * CAST(? AS HUGEINT)", (weight,))


def _wrapped(piece: Piece) -> Piece:
    return f"({piece[0]})", piece[1]


def _names(term: Term) -> tuple[str, ...]:
    """The columns of a term, each once."""
    return tuple(dict.fromkeys(quoted(field.name) for field in fields_of(term)))


def _numbers(term: Term) -> bool:
    """Whether all columns of a term are plain numbers, of which only the engine knows how they are kept."""
    return all(field.unit == "number" for field in fields_of(term))
