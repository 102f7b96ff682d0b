"""Conditions over earlier answers: the language of rules, compiled to a tree of JSON that the server and the phone both walk.

A condition is written like `turnover_change < -20% and open = 'half'` and names *columns*. A question that is shown and answered fills these; all others are not there:

    choice, text        ID                   the code or the text
    choices             ID.CODE of each      true or false: whether it is among those chosen
    yes_no              ID                   true or false
    number, rating      ID                   the number
    money               ID                   the amount in minor units of the currency
    date                ID                   a text, 2026-03-14
    compared questions  ID_change            (now - last) / last of their stored numbers, where the last answer is there and above 0

Questions are walked in their order. One without a condition is shown; one with a condition is shown where that is *true*, by the columns filled so
far. What is hidden fills nothing, so what depends on it is hidden too. The grammar of the tree:

    CONDITION = {"op": "and" | "or", "of": [CONDITION, ...]}       two or more
              | {"op": "not", "of": [CONDITION]}
              | {"op": "=" | "!=" | "<" | "<=" | ">" | ">=", "of": [TERM, TERM]}
              | {"op": "in", "of": [TERM, TERM, ...]}              the first equals one of the others
              | {"op": "unknown", "of": [TERM]}                    there is no answer
              | {"answer": COLUMN}                                 of a yes_no, or ID.CODE
    TERM      = {"answer": COLUMN}
              | {"value": NUMBER | TEXT | true | false}
              | {"amount": NUMBER}                                 units of the currency: times the minor units of one, rounded half up to a whole number
              | {"op": "+" | "*", "of": [TERM, ...]}               two or more, put together from the left
              | {"op": "-", "of": [TERM]}                          the sign turned

Each node comes to a value or to null. A column that is not filled is null; arithmetic and comparisons with null are null; `unknown` is true of null
and else false, never null; `not` of null is null; `and` is false where a part is false, else null where a part is null, else true; `or` is true where
a part is true, else null where a part is null, else false; `in` is the `or` of its equations. Numbers are 64-bit floats, texts and dates are compared
as texts.
"""

from __future__ import annotations

import datetime as dt
import math
import operator
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from typing import TYPE_CHECKING, Any, Final

from daihou import expressions
from daihou.expressions import Field
from daihou.expressions.linear import unit_of
from daihou.expressions.tree import (
    And,
    Between,
    Column,
    Compare,
    In,
    IsNull,
    Literal,
    Negative,
    Not,
    Or,
    Product,
    Sum,
    constant,
    is_constant,
)
from daihou.reviews.forms.form import STEPS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from daihou.expressions import Expression, Unit
    from daihou.expressions.tree import Term
    from daihou.reviews.forms.form import Kind, Question

    Tree = Mapping[str, Any]
    Value = bool | int | float | str | None

UNITS: Final[dict[Kind, Unit]] = {
    "choice": "code", "text": "code", "yes_no": "flag", "number": "number", "rating": "count", "money": "amount", "date": "date",
}  # fmt: skip
"""How the language sees an answer. A text is a code that may be anything: it has no order, since scripts and servers sort letters differently."""
SIGNS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
CHANGE: Final = "_change"
MOST_CHANGE: Final = 100
"""A plain number beyond this, as a change, is taken for a percentage gone wrong: a hundredfold is no typing error any more."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition as it is written out, and the tree that is walked."""

    text: str
    tree: Tree


def columns(question: Question) -> Iterator[Field]:
    """The columns that a question's answer fills; of notes, locations and attachments none."""
    en, zh = question.text.en, question.text.zh
    if question.kind == "choices":
        for choice in question.choices:
            yield Field(f"{question.id}.{choice.code}", "flag", choice.label.en, choice.label.zh)
    elif question.kind in UNITS:
        codes = tuple((one.code, one.label.en, one.label.zh) for one in question.choices)
        signed = question.kind in ("number", "money") and (question.least is None or question.least < 0)
        yield Field(question.id, UNITS[question.kind], en, zh, codes, signed=signed)
    if question.compared:
        yield Field(f"{question.id}{CHANGE}", "share", f"{en}: change", f"{zh}：变动", signed=True, most=MOST_CHANGE)


def bounds(question: Question) -> Iterator[str]:
    """What always holds of a question's answer, as conditions."""
    if question.kind == "rating":
        yield f"{question.id} between 1 and {STEPS}"
    if question.least is not None:
        yield f"{question.id} >= {question.least:f}"
    if question.most is not None and question.kind != "text":
        yield f"{question.id} <= {question.most:f}"


def compiled(expression: Expression) -> Condition:
    """A checked expression with its tree."""
    return Condition(expressions.text(expression), _tree(expression))


def holds(tree: Tree, values: Mapping[str, Value], *, amount_unit: int = 100) -> bool | None:
    """Whether a condition holds of the columns filled so far; None where that is unknown. `amount_unit`: minor units of one unit of the currency."""
    found = _worth(tree, values, amount_unit)
    return found if isinstance(found, bool) else None


def _tree(expression: Expression) -> dict[str, Any]:
    match expression:
        case Column():
            return {"answer": expression.field.name}
        case And():
            return _op("and", [_tree(part) for part in expression.parts])
        case Or():
            return _op("or", [_tree(part) for part in expression.parts])
        case Not():
            return _op("not", [_tree(expression.condition)])
        case Compare(left=left, right=right):
            return _op(expression.operator, [_term(left, unit_of(left)), _term(right, unit_of(left))])
        case In(term=term):
            return _op("in", [_term(one, unit_of(term)) for one in (term, *expression.values)])
        case Between(term=term, low=low, high=high):
            unit = unit_of(term)
            subject = _term(term, unit)
            return _op("and", [_op(">=", [subject, _term(low, unit)]), _op("<=", [subject, _term(high, unit)])])
        case IsNull(term=term):
            return _op("unknown", [_term(term, unit_of(term))])


def _op(sign: str, parts: list[dict[str, Any]]) -> dict[str, Any]:
    return {"op": sign, "of": parts}


def _term(term: Term, unit: Unit) -> dict[str, Any]:
    """A term in the unit of what it is compared with: in amounts a number alone is one of the currency, within a product it is plain."""
    if is_constant(term) and not isinstance(term, Literal):
        return _number(constant(term), unit)
    match term:
        case Column():
            return {"answer": term.field.name}
        case Literal(value=Decimal() as value):
            return _number(value, unit)
        case Literal(value=value):
            return {"value": value.isoformat() if isinstance(value, dt.date) else value}
        case Negative():
            return _op("-", [_term(term.term, unit)])
        case Sum():
            return _op("+", [_term(part, unit) for part in term.parts])
        case Product():
            return _op("*", [_term(part, "number" if is_constant(part) else unit) for part in term.parts])


def _number(value: Decimal, unit: Unit) -> dict[str, Any]:
    return {
        "amount" if unit == "amount" else "value": int(value) if value == value.to_integral_value() else float(value)
    }


def _worth(node: Tree, values: Mapping[str, Value], unit: int) -> Value:
    """What a node comes to."""
    match node:
        case {"answer": name}:
            return _float(values.get(name))
        case {"value": value}:
            return _float(value)
        case {"amount": amount}:
            return float(math.floor(float(amount) * unit + 0.5))
        case {"op": "and", "of": parts}:
            return _all(_worth(part, values, unit) for part in parts)
        case {"op": "or", "of": parts}:
            return _any(_worth(part, values, unit) for part in parts)
        case {"op": "not", "of": [part]}:
            return _opposite(_worth(part, values, unit))
        case {"op": "unknown", "of": [part]}:
            return _worth(part, values, unit) is None
        case {"op": "in", "of": [subject, *others]}:
            found = _worth(subject, values, unit)
            return _any(_compared("=", found, _worth(other, values, unit)) for other in others)
        case {"op": ("+" | "*") as sign, "of": parts}:
            known = [_worth(part, values, unit) for part in parts]
            return None if None in known else reduce(operator.add if sign == "+" else operator.mul, known)
        case {"op": "-", "of": [part]}:
            found = _worth(part, values, unit)
            return -found if isinstance(found, float) else None
        case {"op": sign, "of": [one, other]}:
            return _compared(sign, _worth(one, values, unit), _worth(other, values, unit))
    raise ValueError(f"{node} is no node of a condition")


def _float(value: Any) -> Value:
    """Numbers as a browser has them."""
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _compared(sign: str, one: Value, other: Value) -> bool | None:
    return None if one is None or other is None else SIGNS[sign](one, other)


def _opposite(found: Value) -> bool | None:
    return None if found is None else not found


def _all(found: Iterable[Value]) -> bool | None:
    values = list(found)
    return False if False in values else None if None in values else True


def _any(found: Iterable[Value]) -> bool | None:
    return _opposite(_all(_opposite(one) for one in found))
