"""An expression taken apart at its top-level ands and put together again, and the columns it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    all_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from daihou.expressions.field import Field
    from daihou.expressions.tree import Node


def conjuncts(expression: Expression | None) -> tuple[Expression, ...]:
    """The conditions that must all hold; of none, none."""
    if expression is None:
        return ()
    return expression.parts if isinstance(expression, And) else (expression,)


def join(parts: Iterable[Expression]) -> Expression | None:
    """The condition that all parts hold; None of no parts, which is: no condition."""
    gathered = tuple(parts)
    return all_of(gathered) if gathered else None


def columns_named(expression: Expression) -> tuple[Field, ...]:
    """The columns that a condition names, each once, in the order of their first mention."""
    return tuple(dict.fromkeys(fields_of(expression)))


def columns_asked_for(expression: Expression) -> frozenset[str]:
    """The columns of which a condition asks whether there are data."""
    return frozenset(field.name for atom in atoms(expression) if isinstance(atom, IsNull) for field in fields_of(atom))


def atoms(expression: Expression) -> Iterator[Expression]:
    """The comparisons and flags that are joined by and, or, not."""
    match expression:
        case And() | Or():
            for part in expression.parts:
                yield from atoms(part)
        case Not():
            yield from atoms(expression.condition)
        case _:
            yield expression


def fields_of(node: Node) -> Iterator[Field]:
    """The column of every mention within a condition or term."""
    match node:
        case Column():
            yield node.field
        case Literal():
            return
        case And() | Or() | Sum() | Product():
            for part in node.parts:
                yield from fields_of(part)
        case Not():
            yield from fields_of(node.condition)
        case Negative() | IsNull() | In():
            yield from fields_of(node.term)
        case Compare():
            yield from fields_of(node.left)
            yield from fields_of(node.right)
        case Between():
            for term in (node.term, node.low, node.high):
                yield from fields_of(term)
