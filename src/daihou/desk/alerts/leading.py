"""The measure that a rule is about: the one that its condition compares first, with its threshold and the side on which it warns."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Final, TypeVar

from django.conf import settings

from daihou.book import money
from daihou.book.errors import DaihouError
from daihou.desk.governance import labels
from daihou.desk.signals import said
from daihou.expressions import parse
from daihou.expressions.field import NUMERIC
from daihou.expressions.tree import And, Between, Column, Compare, Or, constant, is_constant
from daihou.monitoring.families import FAMILIES
from daihou.runs.watch import told
from daihou.warning.columns import columns_of
from daihou.warning.filled import filled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from daihou.expressions import Expression, Field
    from daihou.expressions.tree import Term
    from daihou.warning.rule import Subject

One = TypeVar("One")
DIRECTIONS: Final = {">": "up", ">=": "up", "<": "down", "<=": "down"}
"""On which side of the threshold a rule warns."""


@dataclass(frozen=True, slots=True)
class Leading:
    """A measure as a rule compares it."""

    field: Field
    threshold: Decimal | None
    """As written: amounts in units of the currency, shares as fractions. None: it is compared with another measure."""
    direction: str
    """up: the bad lies above the threshold; down: below; empty where neither."""

    @property
    def label(self) -> str:
        """What the measure is called, in the language in hand."""
        return self.field.zh if labels.chinese() else self.field.en

    def unit(self, currency: str) -> int:
        """How many stored units make one that is written, where amounts are in a currency."""
        return money.unit(self._currency(currency)) if self.field.unit in ("amount", "base_amount") else 1

    def said(self, stored: float | None, currency: str) -> str:
        """A value as the run stored it, in words."""
        value: int | float | Decimal | None = stored
        if stored is not None and self.field.unit == "rate":
            value = Decimal(f"{stored:.8f}")
        elif stored is not None and self.field.unit not in ("share", "number"):
            value = round(stored)
        base = str(settings.HOME.settings.base_currency)
        return self._filled(told.said(self.field, value, currency or base, base), currency)

    def said_threshold(self, currency: str) -> str:
        """The threshold in words; nothing where there is none."""
        return "" if self.threshold is None else self._filled(self.threshold, currency)

    def _filled(self, value: object, currency: str) -> str:
        return filled(self.field, value, chinese=labels.chinese(), currency=self._currency(currency))

    def _currency(self, currency: str) -> str:
        base = str(settings.HOME.settings.base_currency)
        return base if self.field.unit == "base_amount" else currency or base


def leading(rule_id: str, version: int, subject: Subject, condition: str) -> Leading | None:
    """Of the version that opened a signal; of the condition in words where that version is no longer understood. None where no number is compared."""
    known = said.checked(rule_id, version)
    if known is not None:
        return _leading(known.when)
    try:
        return _leading(parse(condition, columns_of(subject)))
    except DaihouError:
        return None


def _leading(expression: Expression) -> Leading | None:
    return first([(one.field, one.direction, one) for one in _compared(expression)])


def first(compared: Sequence[tuple[Field, str, One]]) -> One | None:
    """Of comparisons in the order of the condition, each with what it compares and its direction, the one that the rule is about.

    The first towards where the catalogue says it is bad: what a rule asks besides, such as that there is enough income to speak of, points the
    other way. Else the first by more or less, else the first at all.
    """
    worse = (one for field, direction, one in compared if direction and direction == _bad(field))
    either = (one for _field, direction, one in compared if direction)
    return next(worse, None) or next(either, None) or next((one for _field, _direction, one in compared), None)


def _compared(expression: Expression) -> Iterator[Leading]:
    """Every comparison of a number, in the order in which they are written."""
    match expression:
        case And(parts=parts) | Or(parts=parts):
            for part in parts:
                yield from _compared(part)
        case Compare(operator=operator, left=Column(field=field), right=right) if field.unit in NUMERIC:
            yield Leading(field, _number(right), DIRECTIONS.get(operator, ""))
        case Between(term=Column(field=field), low=low, high=high) if field.unit in NUMERIC:
            yield Leading(field, _number(high if _bad(field) == "down" else low), _bad(field))


def _bad(field: Field) -> str:
    """Where the catalogue says that a measure is bad; empty where it does not say."""
    return {"high": "up", "low": "down"}.get(_measures()[field.name], "")


@cache
def _measures() -> dict[str, str]:
    return {measure.name: measure.bad for family in FAMILIES for measure in family.measures}


def _number(term: Term) -> Decimal | None:
    """The number that a term is; None where it names a column."""
    return constant(term) if is_constant(term) else None
