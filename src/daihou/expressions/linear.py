"""Comparisons of numbers as whole numbers: weights of stored columns against a constant, exactly. And which must be calculated in floats."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING, Final

from daihou.expressions.field import FLOATS, NUMERIC
from daihou.expressions.tree import Column, Literal, Negative, Product, Sum, Term, constant, is_constant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daihou.expressions.field import Field, Unit

RATE_UNIT: Final = 10**8
"""Rates are kept with eight decimals: as whole numbers they are in hundred-millionths."""


@dataclass(frozen=True, slots=True)
class Linear:
    """The sum of `weight * stored value` over columns plus `constant * unit`, to be compared with 0.

    `unit` says how many stored units make one that is written: minor units of the currency for amounts, `RATE_UNIT` for rates, else 1.
    A column whose weights cancel out stays, with weight 0: where it has no data, the comparison is unknown.
    """

    weights: tuple[tuple[Field, int], ...]
    constant: int
    unit: Unit

    @property
    def fits(self) -> bool:
        """Whether no sum of stored values, which are below 2^63, leaves 128 bits."""
        return sum(abs(weight) for _, weight in self.weights) < HEAVIEST and abs(self.constant) < LARGEST


HEAVIEST: Final = 10**19
"""Times 2^63 this is about half of what 128 bits hold."""
LARGEST: Final = 10**29
"""So is this, times the units of which `RATE_UNIT` is the largest."""


def difference(left: Term, right: Term) -> Linear:
    """What the left side is more than the right, times the least number that makes all weights whole; for terms that hold no floats."""
    found: dict[Field | None, Fraction] = {}
    for sign, term in ((1, left), (-1, right)):
        for field, weight in _weights(term):
            found[field] = found.get(field, Fraction()) + sign * weight
    whole = lcm(*(weight.denominator for weight in found.values()))
    fixed = found.pop(None, Fraction())
    weights = tuple((field, int(weight * whole)) for field, weight in found.items() if field is not None)
    return Linear(weights, int(fixed * whole), unit_of(left))


def _weights(term: Term) -> Iterator[tuple[Field | None, Fraction]]:
    """Every column of a term with the number it is multiplied by; that of None is the constant."""
    match term:
        case Column():
            yield term.field, Fraction(1)
        case Literal():
            yield None, Fraction(constant(term))
        case Negative():
            for field, weight in _weights(term.term):
                yield field, -weight
        case Sum():
            for part in term.parts:
                yield from _weights(part)
        case Product():
            factor = Fraction(1)
            with_column: Term | None = None
            for part in term.parts:  # units allow one part with columns at most
                if is_constant(part):
                    factor *= Fraction(constant(part))
                else:
                    with_column = part
            if with_column is None:
                yield None, factor
            else:
                for field, weight in _weights(with_column):
                    yield field, weight * factor


def unit_of(term: Term) -> Unit:
    """The unit of a checked term with a column: that of its first column that has one of its own."""
    return _unit(term) or "number"


def _unit(term: Term) -> Unit | None:
    match term:
        case Column():
            return term.field.unit if term.field.unit != "number" else None
        case Literal():
            return None
        case Negative():
            return _unit(term.term)
        case Sum() | Product():
            return next((unit for part in term.parts if (unit := _unit(part)) is not None), None)


def is_linear(term: Term) -> bool:
    """Whether no column of a term is multiplied by another, and all are numbers."""
    match term:
        case Column():
            return term.field.unit in NUMERIC
        case Literal():
            return isinstance(term.value, Decimal)
        case Negative():
            return is_linear(term.term)
        case Sum():
            return all(is_linear(part) for part in term.parts)
        case Product():
            return sum(not is_constant(part) for part in term.parts) <= 1 and all(
                is_linear(part) for part in term.parts
            )


def in_floats(term: Term) -> bool:
    """Whether a term names a column that is kept in floats, so that all of the comparison is calculated in them."""
    match term:
        case Column():
            return term.field.unit in FLOATS
        case Literal():
            return False
        case Negative():
            return in_floats(term.term)
        case Sum() | Product():
            return any(in_floats(part) for part in term.parts)


def grouped(term: Sum | Product) -> tuple[Term, ...]:
    """The parts that floats go over in the written order; values that it opens with are one part, which is calculated exactly.

    So `0.1 + 0.2 + share` is 0.3 and then `share` in every form, however an engine would put the values together.
    """
    count = next((place for place, part in enumerate(term.parts) if not is_constant(part)), len(term.parts))
    return term.parts if count < 2 else (type(term)(term.parts[:count]), *term.parts[count:])
