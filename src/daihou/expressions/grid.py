"""Rows that tell what comparisons can come to together: every combination of the values at which one of them turns."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from daihou.expressions.field import FLOATS, NUMERIC, TEXTUAL
from daihou.expressions.linear import RATE_UNIT, difference, is_linear
from daihou.expressions.parts import fields_of
from daihou.expressions.tree import Between, Compare, Expression, In, IsNull, Literal, Term

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from daihou.expressions.field import Field
    from daihou.expressions.linear import Linear

Number = int | float
Points = dict[str, dict[Any, None]]
"""Values of columns by name, each once and in order: the keys of a dictionary."""

MINOR: Final = 10_000
"""Stored units that make one of a currency in these rows: no currency has smaller ones."""
UNITS: Final = {"amount": MINOR, "base_amount": MINOR, "rate": RATE_UNIT}
LARGE: Final[dict[str, Number]] = {"amount": 10**15, "base_amount": 10**15, "rate": 100 * RATE_UNIT, "share": 1_000.0}
MANY: Final = 1_000_000
"""A large number of anything else."""
FURTHEST: Final = 2**62
"""Beyond this no stored value is looked for."""
SOLVED: Final = 12
"""Values of a column for which those of the columns beside it are looked for."""
NEAR: Final = 1e-6
"""How far beside a turn floats are tried as well, since their sums are not exact."""
EARLY, LATE = dt.date(1900, 1, 1), dt.date(2200, 1, 1)
OTHERS: Final = ("", "another code", "\U0010ffff")
"""Texts that nobody names: the first of all, the last, and one between."""
KINDS: Final[dict[str, pl.DataType]] = {
    "rate": pl.Decimal(28, 8), "share": pl.Float64(), "number": pl.Float64(), "date": pl.Date(), "moment": pl.Datetime("us", "UTC"),
    "flag": pl.Boolean(), **dict.fromkeys(TEXTUAL, pl.String()),
}  # fmt: skip
"""How a column is kept; all others are whole numbers."""


def grid(atoms: Sequence[Expression], most: int) -> pl.DataFrame | None:
    """A row for every combination of telling values of the columns that comparisons name, in stored units; None where those are more than `most`.

    Numbers are not below 0 unless their column says they may be. Only columns of which is asked whether there are data are without.
    """
    fields = tuple(dict.fromkeys(field for atom in atoms for field in fields_of(atom)))
    sides = [pair for atom in atoms for pair in _sides(atom)]
    points = _first(fields, atoms, sides)
    forms = []
    for pair in sides:
        if all(is_linear(term) for term in pair):
            forms.append(difference(*pair))
            _turn(points, forms[-1])
            if _combined(points) > most:  # before all are looked for, which takes long where there are many
                return None
    _solve(points, forms)
    if _combined(points) > most:
        return None
    columns = [_series(field, list(points[field.name])).to_frame() for field in fields]
    return reduce(lambda one, other: one.join(other, how="cross"), columns)


def _combined(points: Points) -> int:
    return math.prod(len(values) for values in points.values())


def _series(field: Field, values: list[Any]) -> pl.Series:
    if field.unit == "rate":
        values = [None if value is None else Decimal(value).scaleb(-8) for value in values]
    return pl.Series(field.name, values, KINDS.get(field.unit, pl.Int64()))


def _first(fields: tuple[Field, ...], atoms: Sequence[Expression], sides: list[tuple[Term, Term]]) -> Points:
    """The telling values of each column; of numbers those that no comparison has to name."""
    asked = {field.name for atom in atoms if isinstance(atom, IsNull) for field in fields_of(atom)}
    named = [side.value for pair in sides for side in pair if isinstance(side, Literal)]
    found: Points = {}
    for field in fields:
        values: Iterable[Any]
        if field.unit in NUMERIC:
            values = _plain(field)
        elif field.unit == "flag":
            values = (True, False)
        elif field.unit in TEXTUAL:
            values = _texts(field, fields, [value for value in named if isinstance(value, str)])
        else:
            values = _days(field, [value for value in named if isinstance(value, dt.date)])
        found[field.name] = dict.fromkeys(values)
        if field.name in asked:
            found[field.name][None] = None
    return found


def _turn(points: Points, form: Linear) -> None:
    """Add where a comparison turns while all but one of its columns are 0."""
    for field, weight in form.weights:
        points[field.name] |= dict.fromkeys(_turns(field, form, weight, Fraction()))


def _solve(points: Points, forms: list[Linear]) -> None:
    """Add where comparisons of several columns turn while one of the others is not 0."""
    for form in forms:
        for other, others_weight in form.weights if len(form.weights) > 1 else ():
            for value in [one for one in points[other.name] if one is not None][:SOLVED]:
                rest = others_weight * Fraction(value)
                for field, weight in form.weights:
                    if field != other:
                        points[field.name] |= dict.fromkeys(_turns(field, form, weight, rest))


def _sides(atom: Expression) -> Iterator[tuple[Term, Term]]:
    """What an atom compares with what."""
    match atom:
        case Compare():
            yield atom.left, atom.right
        case Between():
            yield atom.term, atom.low
            yield atom.term, atom.high
        case In():
            for one in atom.values:
                yield atom.term, one


def _plain(field: Field) -> list[Number]:
    """The values of a column that no comparison has to name: none, one and very many, below 0 too where that may be."""
    large = LARGE.get(field.unit, MANY)
    return [0, UNITS.get(field.unit, 1), large, *((-1, -large) if field.signed else ())]


def _turns(field: Field, form: Linear, weight: int, rest: Fraction) -> list[Number]:
    """Where a comparison turns for a column, its other columns amounting to `rest`, and what is next to that."""
    if not weight:
        return []
    turn = -(form.constant * UNITS.get(form.unit, 1) + rest) / weight
    if abs(turn) > FURTHEST:
        return []
    values: tuple[Number, ...]
    if field.unit in FLOATS:
        at = float(turn)
        values = (at - NEAR, math.nextafter(at, -math.inf), at, math.nextafter(at, math.inf), at + NEAR)
    else:
        values = (math.floor(turn) - 1, math.floor(turn), math.ceil(turn), math.ceil(turn) + 1)
    return [value for value in values if value >= 0 or field.signed]


def _texts(field: Field, fields: tuple[Field, ...], named: list[str]) -> list[str]:
    """Of a column with known codes those that are named and two others, of any other all that are named anywhere, what follows them, and others."""
    if field.choices and not field.extensible:
        codes = [code for code, _, _ in field.choices]
        return [code for code in codes if code in named] + [code for code in codes if code not in named][:2]
    known = [code for one in fields for code, _, _ in one.choices]
    return [*named, *(f"{one}\0" for one in named if field.unit in ("id", "text")), *known, *OTHERS]


def _days(field: Field, named: list[dt.date]) -> list[dt.date]:
    """The dates or times that are named, those next to them, and two far off."""
    if field.unit == "date":
        days = [day for day in named if not isinstance(day, dt.datetime)]
        day_long = dt.timedelta(1)
        return [*(day + day_long * way for day in days for way in (-1, 0, 1) if _within(day, way)), EARLY, LATE]
    times = [time for time in named if isinstance(time, dt.datetime)]
    far = [dt.datetime.combine(day, dt.time(), dt.UTC) for day in (EARLY, LATE)]
    return [*(time + dt.timedelta(microseconds=way) for time in times for way in (-1, 0, 1)), *far]


def _within(day: dt.date, way: int) -> bool:
    """Whether the calendar goes on that way."""
    return dt.date.min < day < dt.date.max or way == 0
