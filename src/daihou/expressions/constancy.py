"""Conditions that hold whatever the data are, or never: found by trying every value at which a comparison can turn."""

from __future__ import annotations

from functools import reduce
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Final

import polars as pl

from daihou.expressions.frame import column
from daihou.expressions.grid import MINOR, grid
from daihou.expressions.parts import atoms, fields_of
from daihou.expressions.source import Source
from daihou.expressions.tree import And, Expression, Not, Or, all_of, any_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Outcomes = frozenset[bool | None]
"""What a condition can come to."""

GRID: Final = 20_000
"""Most combinations tried for one condition; a larger one is judged by its parts, which may find too much possible but never too little."""


def always(expression: Expression) -> bool | None:
    """True where the condition holds and False where it does not whatever the data are; None where that depends on them.

    Numbers are not below 0 unless their column says they may be. A column may be without data only where the condition asks whether it is.
    """
    found = _outcomes(expression)
    if found == {True}:
        return True
    return None if True in found else False


def refuse_constant(source_text: str, expression: Expression) -> None:
    """Refuse a condition that decides nothing; DaihouError shows the part of the text because of which it always or never holds."""
    holds = always(expression)
    if holds is None:
        return
    source = Source(source_text)
    place = _reason(expression, holds=holds)
    if holds:
        raise source.refusal(
            place,
            "The condition always holds, whatever the data are.",
            "Change its bounds, or leave out the part that is always true; numbers that cannot be negative are never below 0.",
            ("无论数据如何，该条件恒为真。", "请调整界限，或删去恒为真的部分；不会为负的指标永远不小于 0。"),
        )
    raise source.refusal(
        place,
        "The condition can never hold, whatever the data are.",
        "Change its bounds: what is joined by and must be possible at the same time.",
        ("无论数据如何，该条件都不可能成立。", "请调整界限：用 and 连接的各项须能同时成立。"),
    )


def _reason(expression: Expression, *, holds: bool) -> int:
    """Where the first part begins that decides it alone; where the condition begins if none does."""
    if isinstance(expression, Or if holds else And):
        for part in expression.parts:
            if always(part) is holds:
                return part.place
    return expression.place


def _outcomes(expression: Expression) -> Outcomes:
    """What a condition can come to: parts that share no column are judged apart, since each can be anything while the others are."""
    if isinstance(expression, Not):
        return _opposite(_outcomes(expression.condition))
    parts = expression.parts if isinstance(expression, And | Or) else ()
    groups = _connected(parts)
    if len(groups) <= 1:
        tried = _tried(expression)
        if tried is not None:
            return tried
        groups = _by_column(parts)
    if not isinstance(expression, And | Or) or len(groups) == 1:  # nothing to take apart
        return frozenset((True, False))
    together = _both if isinstance(expression, And) else _either
    return reduce(together, [_outcomes(_joined(expression, group)) for group in groups])


def _joined(whole: And | Or, parts: list[Expression]) -> Expression:
    return all_of(parts) if isinstance(whole, And) else any_of(parts)


def _both(one: Outcomes, other: Outcomes) -> Outcomes:
    """What two conditions together can come to."""
    return frozenset(False if False in pair else None if None in pair else True for pair in product(one, other))


def _either(one: Outcomes, other: Outcomes) -> Outcomes:
    """What one of two conditions can come to."""
    return _opposite(_both(_opposite(one), _opposite(other)))


def _opposite(found: Outcomes) -> Outcomes:
    return frozenset(None if one is None else not one for one in found)


def _connected(parts: Iterable[Expression]) -> list[list[Expression]]:
    """The parts in groups of which no two share a column."""
    groups: list[tuple[set[str], list[Expression]]] = []
    for part in parts:
        names, together = {field.name for field in fields_of(part)}, [part]
        apart = []
        for others, group in groups:
            if names & others:
                names, together = names | others, [*group, *together]
            else:
                apart.append((others, group))
        groups = [*apart, (names, together)]
    return [group for _, group in groups]


def _by_column(parts: Iterable[Expression]) -> list[list[Expression]]:
    """The parts of each column that are about it alone together, every other part by itself."""
    alone: dict[str, list[Expression]] = {}
    groups: list[list[Expression]] = []
    for part in parts:
        names = {field.name for field in fields_of(part)}
        if len(names) == 1:
            alone.setdefault(names.pop(), []).append(part)
        else:
            groups.append([part])
    return [*alone.values(), *groups]


def _tried(expression: Expression) -> Outcomes | None:
    """What a condition can come to by what its comparisons can come to together; None where there are too many combinations.

    Comparisons that share columns are tried on a grid of values; of those that share none, every answer goes with every other.
    """
    tried = list(dict.fromkeys(atoms(expression)))
    answers: list[pl.DataFrame] = []
    for group in _connected(tried):
        rows = grid(group, GRID)
        if rows is None:
            return None
        forms = [column(atom, amount_unit=MINOR, base_unit=MINOR).alias(str(tried.index(atom))) for atom in group]
        answers.append(rows.select(forms).unique())
    if prod(one.height for one in answers) > GRID:
        return None
    together = reduce(lambda one, other: one.join(other, how="cross"), answers)
    holds = _over(expression, {atom: pl.col(str(place)) for place, atom in enumerate(tried)})
    return frozenset(together.select(holds.unique().alias("holds"))["holds"].to_list())


def _over(expression: Expression, answers: Mapping[Expression, pl.Expr]) -> pl.Expr:
    """A condition over columns that hold what its atoms came to."""
    match expression:
        case And():
            return pl.all_horizontal([_over(part, answers) for part in expression.parts])
        case Or():
            return pl.any_horizontal([_over(part, answers) for part in expression.parts])
        case Not():
            return ~_over(expression.condition, answers)
        case _:
            return answers[expression]
