"""Rates and shares met by a plain number that is no fraction: `unemployment > 5` asks for more than 500 %, and never holds."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from daihou.expressions.canonical import percent, plain
from daihou.expressions.field import FRACTIONS
from daihou.expressions.source import Source
from daihou.expressions.tree import And, Between, Column, Compare, Expression, In, Literal, Not, Or

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daihou.expressions.field import Field
    from daihou.expressions.tree import Term


def refuse_whole_percents(source_text: str, expression: Expression) -> None:
    """Refuse a plain number beyond what a rate or share may sensibly be (`Field.most`); DaihouError shows its place.

    One written as a percentage says what it means, and is taken however large it is.
    """
    for field, literal, number in _met(expression):
        if abs(number) > field.most:
            meant, said = f"{plain(number)}%", percent(number)
            raise Source(source_text).refusal(
                literal.place,
                f"{field.name} is a fraction, of which {plain(number)} would be {said}.",
                f"Write {meant}; if {said} is meant, write that.",
                (
                    f"{field.name} 以小数计，{plain(number)} 相当于 {said}。",
                    f"请写作 {meant}；如确指 {said}，请写明 {said}。",
                ),
            )


def _met(expression: Expression) -> Iterator[tuple[Field, Literal, Decimal]]:
    """The rates and shares of a condition with each plain number that they meet directly."""
    match expression:
        case And() | Or():
            for part in expression.parts:
                yield from _met(part)
        case Not():
            yield from _met(expression.condition)
        case Compare(left=Column(field=field), right=right):
            yield from _plain(field, (right,))
        case Between(term=Column(field=field), low=low, high=high):
            yield from _plain(field, (low, high))
        case In(term=Column(field=field), values=values):
            yield from _plain(field, values)


def _plain(field: Field, terms: tuple[Term, ...]) -> Iterator[tuple[Field, Literal, Decimal]]:
    for term in terms if field.unit in FRACTIONS else ():
        match term:
            case Literal(value=Decimal() as number, percent=False):
                yield field, term, number
