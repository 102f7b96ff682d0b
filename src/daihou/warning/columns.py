"""What a rule may name: the measures of its subject as columns of `expressions`."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from daihou.expressions import Field
from daihou.monitoring.families import FAMILIES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daihou.monitoring import catalogue
    from daihou.monitoring.catalogue import Family, Measure
    from daihou.warning.rule import Subject

KEYS: Final = frozenset({"as_of", "known_on"})
"""What every row has and no rule asks: its own two dates."""
HELD: Final[Mapping[Subject, tuple[catalogue.Subject, ...]]] = {
    "loan": ("loan", "borrower", "market"),
    "borrower": ("borrower", "market"),
    "model": ("model", "market"),
}
"""Whose measures a subject's row holds, its own first; the market's are on every row."""


@cache
def columns_of(subject: Subject) -> Mapping[str, Field]:
    """The columns of a subject's row by name: a loan's own before those of its borrower, where both have a name."""
    found: dict[str, Field] = {}
    for family in families_of(subject):
        for measure in family.measures:
            if measure.name not in KEYS:
                found.setdefault(measure.name, _field(measure))
    return found


def families_of(subject: Subject) -> tuple[Family, ...]:
    """The families whose measures a subject's row holds, its own first."""
    return tuple(family for of in HELD[subject] for family in FAMILIES if family.subject == of)


def _field(measure: Measure) -> Field:
    return Field(
        measure.name,
        measure.unit,
        measure.en,
        measure.zh,
        measure.choices,
        signed=measure.signed,
        extensible=measure.extensible,
        most=measure.most,
    )
