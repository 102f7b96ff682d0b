"""The course of the measure that a signal stands on, over the last watched dates, beside the thresholds that rules set to it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings

from daihou.book import money
from daihou.book.days import add_months
from daihou.book.errors import DaihouError
from daihou.desk.alerts.choices import RANKS
from daihou.desk.alerts.leading import DIRECTIONS, first
from daihou.desk.governance import labels, published
from daihou.desk.portfolio import moments, reading
from daihou.desk.signals.explained import SIGNS
from daihou.desk.signals.watch import parquet
from daihou.expressions import columns_named, explain, parse
from daihou.expressions.field import NUMERIC
from daihou.expressions.parts import atoms, fields_of
from daihou.expressions.tree import Column, Compare, constant, is_constant
from daihou.warning.columns import columns_of, families_of
from daihou.warning.filled import filled

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from daihou.desk.alerts.models import AlertSignal
    from daihou.desk.portfolio.moments import Moment, Pair
    from daihou.expressions import Expression, Field
    from daihou.expressions.tree import Term
    from daihou.warning.rule import Subject

SPANS: Final = (3, 12, 24)
"""Months back that can be asked for."""
DATES: Final = 24
"""Watched dates that are drawn at most; of more, some are left out evenly."""
THRESHOLDS: Final = 6
WAYS: Final = {"<": "less", "<=": "less", ">": "more", ">=": "more", "=": "same", "!=": "same"}


@dataclass(frozen=True, slots=True)
class Measured:
    """What is followed: a term of the condition, and what it is compared with where that moves too."""

    field: Field
    """The column that gives it its unit."""
    term: Term
    against: Compare | None = None

    @property
    def asked(self) -> Compare:
        """What is explained for a date: its first part is the measure, its second what it is compared with."""
        return self.against or Compare("=", self.term, self.term)


@dataclass(frozen=True, slots=True)
class Point:
    """The measure on a date and what it was compared with, as written and in words; None is no data."""

    day: dt.date
    value: float | None
    said: str
    limit: float | None = None
    limit_said: str = ""


@dataclass(frozen=True, slots=True)
class Threshold:
    """Where a rule of a level begins to hold."""

    level: str
    rule_id: str
    sign: str
    value: float
    said: str

    @property
    def told(self) -> str:
        """The level and the threshold in words: Red > 60 days."""
        return f"{labels.LEVELS[self.level]} {self.sign} {self.said}"


@dataclass(frozen=True, slots=True)
class History:
    """A measure over some dates, oldest first."""

    measured: Measured
    label: str
    currency: str
    points: tuple[Point, ...]
    thresholds: tuple[Threshold, ...]
    months: int

    @property
    def any(self) -> bool:
        """Whether there is a value on any date."""
        return any(point.value is not None for point in self.points)

    @property
    def moving(self) -> bool:
        """Whether what it is compared with moves too."""
        return any(point.limit is not None for point in self.points)

    @property
    def missing(self) -> int:
        """Dates without a value."""
        return sum(point.value is None for point in self.points)


def leading(condition: Expression, told: Iterable[Field] = ()) -> Measured | None:
    """What the condition is about, as lists say too; where it compares no number, the first number among the columns that are told with it; None where there is none."""
    compared = [
        (
            field,
            DIRECTIONS.get(atom.operator, ""),
            Measured(field, atom.left, None if is_constant(atom.right) else atom),
        )
        for atom in atoms(condition)
        if isinstance(atom, Compare) and (field := _unit_of(atom.left)) is not None
    ]
    if compared:
        return first(compared)
    field = next((field for field in (*columns_named(condition), *told) if field.unit in NUMERIC), None)
    return None if field is None else Measured(field, Column(field))


def history(signal: AlertSignal, borrower_id: str, months: int, moment: Moment) -> History | None:
    """The leading measure of a signal up to the date of a moment; None where its condition is no longer understood or compares no number."""
    columns = columns_of(signal.subject)
    try:
        condition = parse(signal.condition, columns)
    except DaihouError:
        return None
    checked = published.rulebook().judged.get((signal.rule_id, signal.version))
    measured = leading(condition, getattr(checked, "columns", ()))
    if measured is None:
        return None
    pairs = watched(moment, months)
    rows = _rows(signal, borrower_id, measured, pairs, moment)
    base = str(settings.HOME.settings.base_currency)
    currency = base if measured.field.unit == "base_amount" else signal.currency or base
    points = tuple(_point(measured, day, rows.get(day, {}), currency) for day, _ in pairs)
    thresholds = _thresholds(signal, condition, measured, moment.as_of, currency)
    label = measured.field.zh if labels.chinese() else measured.field.en
    return History(measured, label, currency, points, thresholds, months)


def watched(moment: Moment, months: int) -> list[Pair]:
    """The dates of the last months, each by its own knowledge, the newest among them in any case; evenly thinned."""
    first = add_months(
        moment.as_of + dt.timedelta(days=1), -months
    )  # so that of month ends there are as many as months
    own = [pair for pair in moment.pairs if pair[0] == pair[1] and first <= pair[0] <= moment.as_of]
    step = -(-len(own) // DATES) or 1
    return list(reversed(own[::-1][::step]))


def _unit_of(term: Term) -> Field | None:
    """The column that gives a term its unit; None where it is no number."""
    return next((field for field in fields_of(term) if field.unit in NUMERIC), None)


def _rows(
    signal: AlertSignal, borrower_id: str, measured: Measured, pairs: list[Pair], moment: Moment
) -> dict[dt.date, dict[str, Any]]:
    """The stored values of the columns by date. Those of a loan's borrower and of the market stand in the rows of borrowers."""
    names = {field.name for field in columns_named(measured.asked)}
    of: Subject = signal.subject  # type: ignore[assignment]  # as runs write it
    own = {measure.name for family in families_of(of) if family.subject == of for measure in family.measures}
    beside = {"loan": ("snapshots", "loan_id"), "model": ("model_snapshots", "model")}.get(of)
    wanted_of = [(*beside, signal.subject_id, names & own)] if beside else []
    found: dict[dt.date, dict[str, Any]] = {}
    for table, key, key_id, wanted in (
        *wanted_of,
        ("borrower_snapshots", "borrower_id", borrower_id, names - own if beside else names),
    ):
        held = reading.Source(table, moment.pair, moment.stamp).columns
        told = tuple(sorted(wanted & held))
        if told and pairs:
            for row in _stored(moment.stamp, table, key, key_id, told, tuple(pairs)):
                found.setdefault(row["as_of"], {}).update(row)
    return found


@lru_cache(maxsize=256)
def _stored(
    stamp: str, table: str, key: str, key_id: str, names: tuple[str, ...], pairs: tuple[Pair, ...]
) -> tuple[Mapping[str, Any], ...]:
    """The rows of a loan or borrower on some dates; kept, since a page is read again after every act."""
    paths = [path for pair in pairs for path in moments.files(table, pair, stamp)]
    told = ", ".join(f'"{name}"' for name in names)
    return tuple(reading.rows(f"SELECT as_of, {told} FROM {parquet(paths)} WHERE {key} = ?", [key_id])) if paths else ()


def _point(measured: Measured, day: dt.date, row: Mapping[str, Any], currency: str) -> Point:
    whole = {field.name: row.get(field.name) for field in columns_named(measured.asked)}
    base = money.unit(settings.HOME.settings.base_currency)
    told = explain(measured.asked, whole, amount_unit=money.unit(currency), base_unit=base)
    value, limit = (part.value for part in told.parts)
    said = _said(measured, value, currency)
    if measured.against is None:
        return Point(day, _number(value), said)
    return Point(day, _number(value), said, _number(limit), _said(measured, limit, currency))


def _thresholds(
    signal: AlertSignal, own: Expression, measured: Measured, day: dt.date, currency: str
) -> tuple[Threshold, ...]:
    """Where the signal's own version bounds the term, and the rules in force on a day that ask nothing but such a bound; the most urgent first."""
    way = next((WAYS[bound.operator] for bound in _bounds(own, measured.term)), None)
    asked = [(signal.level, signal.rule_id, bound) for bound in _bounds(own, measured.term)]
    for one in published.rulebook().live(day):
        alone = isinstance(one.condition, Compare) and one.rule.subject == signal.subject
        if alone and one.rule.id != signal.rule_id:
            asked += [(one.version.level, one.rule.id, bound) for bound in _bounds(one.condition, measured.term)]
    found: dict[tuple[str, float], Threshold] = {}
    for level, rule_id, bound in asked:
        if way in (None, WAYS[bound.operator]):
            value = constant(bound.right)
            told = Threshold(
                level,
                rule_id,
                SIGNS.get(bound.operator, bound.operator),
                float(value),
                _said(measured, value, currency),
            )
            found.setdefault((level, float(value)), told)
    return tuple(sorted(found.values(), key=lambda one: (RANKS[one.level], one.value)))[:THRESHOLDS]


def _bounds(condition: Expression, term: Term) -> list[Compare]:
    """The comparisons of a condition that bound a term by a number."""
    compared = (atom for atom in atoms(condition) if isinstance(atom, Compare))
    return [atom for atom in compared if atom.left == term and is_constant(atom.right)]


def _said(measured: Measured, value: Any, currency: str) -> str:
    return filled(measured.field, value, chinese=labels.chinese(), currency=currency)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
