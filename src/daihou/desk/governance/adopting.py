"""A threshold within a condition: which comparison of a measure with a number there is, what else must hold, and another number in its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daihou import expressions
from daihou.book.errors import DaihouError
from daihou.expressions.field import NUMERIC
from daihou.expressions.source import Source
from daihou.expressions.tokens import tokens
from daihou.expressions.tree import Column, Compare, is_constant
from daihou.warning.columns import columns_of

if TYPE_CHECKING:
    from daihou.expressions import Expression
    from daihou.expressions.tokens import Token
    from daihou.warning.rule import Subject

ORDERING: Final = frozenset({">", ">=", "<", "<="})
ARITHMETIC: Final = frozenset({"+", "-", "*"})


@dataclass(frozen=True, slots=True)
class Compared:
    """The first comparison of a condition between a measure and a number, and what else must hold beside it, as text (None: nothing)."""

    measure: str
    beside: str | None


def compared(when: str, segment: str, subject: Subject) -> Compared | None:
    """The first threshold among what must hold; None where there is none, or the conditions cannot be read.

    A threshold judged where all else holds is judged as the rule it is part of.
    """
    columns = columns_of(subject)
    try:
        parts = expressions.conjuncts(expressions.parse(when, columns))
        around = expressions.conjuncts(expressions.parse(segment, columns) if segment.strip() else None)
    except DaihouError:
        return None
    for place, part in enumerate(parts):
        measure = _measure(part)
        if measure is not None:
            beside = expressions.join((*around, *parts[:place], *parts[place + 1 :]))
            return Compared(measure, expressions.text(beside) if beside is not None else None)
    return None


def with_threshold(when: str, measure: str, condition: str) -> str | None:
    """The condition with its first comparison of a measure with a number written anew, all else as it was; None where it has none."""
    try:
        found = tokens(Source(when))
    except DaihouError:
        return None
    for place in range(len(found)):
        end = _end(found, place, measure)
        if end is not None:
            first, after = found[place].place, found[end].place
            return when[:first] + condition + _blanks(when[:after]) + when[after:]
    return None


def _measure(part: Expression) -> str | None:
    match part:
        case Compare(operator=operator, left=Column(field=field), right=right) if operator in ORDERING and is_constant(
            right
        ):
            return field.name if field.unit in NUMERIC else None
    return None


def _end(found: list[Token], place: int, measure: str) -> int | None:
    """Where a comparison of the measure with a number that begins at a place ends; None where none begins, or either side is arithmetic."""
    words = [token.text for token in found[place : place + 3]]
    if found[place].kind != "name" or words[0] != measure or len(words) < len(("name", "sign", "number")):
        return None
    number = place + (3 if words[2] == "-" else 2)
    if words[1] not in ORDERING or found[number].kind != "number":
        return None
    around = [found[number + 1].text, *([found[place - 1].text] if place else [])]
    return None if ARITHMETIC.intersection(around) else number + 1


def _blanks(before: str) -> str:
    """The blanks that stood between the number and what follows."""
    return before[len(before.rstrip()) :]
