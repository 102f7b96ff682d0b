"""An expression taken apart at its top-level ands, and put together again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daihou.expressions.tree import And, Expression, all_of

if TYPE_CHECKING:
    from collections.abc import Iterable


def conjuncts(expression: Expression | None) -> tuple[Expression, ...]:
    """The conditions that must all hold; of none, none."""
    if expression is None:
        return ()
    return expression.parts if isinstance(expression, And) else (expression,)


def join(parts: Iterable[Expression]) -> Expression | None:
    """The condition that all parts hold; None of no parts, which is: no condition."""
    gathered = tuple(parts)
    return all_of(gathered) if gathered else None
