"""What can be measured: each measure with its unit, subject, meaning and which way is bad. Families declare them; runs compose the catalogue."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Literal

from daihou.book.errors import DaihouError

Unit = Literal[
    "id",
    "code",
    "date",
    "days",
    "months",
    "count",
    "amount",
    "base_amount",
    "rate",
    "share",
    "flag",
    "codes",
    "number",
]
"""`amount` is in minor units of the row's currency (its exponent is that of the currency), `base_amount` in those of the home's.
`number` is any other, such as an index."""

Subject = Literal["loan", "borrower", "facility", "org", "product", "market", "model"]
"""`market` is what is the same for every loan and borrower of a date, `model` a version of a scoring model."""
Bad = Literal["high", "low", "none"]
Choice = tuple[str, str, str]
"""A code and its labels in English and Chinese."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One column a family answers."""

    name: str
    en: str
    zh: str
    unit: Unit
    meaning_en: str
    meaning_zh: str
    bad: Bad = "none"
    signed: bool = False
    """Whether it may be below 0, as changes and balances may."""
    choices: tuple[Choice, ...] = ()
    """Its codes, where they are known."""
    extensible: bool = False
    """Whether a lender may send others beside them."""
    most: int = 1
    """Of a rate or share what it sensibly keeps within, above or below 0; 1 is 100 %. Beyond it a rule's number must be written in percent."""


@dataclass(frozen=True, slots=True)
class Family:
    """Measures that are answered together from the same inputs."""

    name: str
    subject: Subject
    en: str
    zh: str
    inputs: tuple[str, ...]
    """Tables of facts, or other families."""
    measures: tuple[Measure, ...]

    @property
    def amounts(self) -> tuple[str, ...]:
        """The measures in minor units of the row's currency."""
        return tuple(measure.name for measure in self.measures if measure.unit == "amount")

    def measure(self, name: str) -> Measure:
        """The measure of that name; KeyError if the family has none."""
        for measure in self.measures:
            if measure.name == name:
                return measure
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All families of an installation."""

    families: tuple[Family, ...]

    def __post_init__(self) -> None:
        """Check that each family's inputs come before it and that no name means two things of one subject."""
        seen: set[tuple[str, str]] = set()
        for family in self.families:
            for measure in family.measures:
                if (family.subject, measure.name) in seen:
                    raise ValueError(f"{measure.name} of a {family.subject} is declared twice")
                seen.add((family.subject, measure.name))

    def find(self, name: str, subject: Subject = "loan") -> tuple[Family, Measure]:
        """A measure (what it is, in what unit, which way is bad) and its family (what it is read from); DaihouError names those alike."""
        of_subject = [family for family in self.families if family.subject == subject]
        for family in of_subject:
            for measure in family.measures:
                if measure.name == name:
                    return family, measure
        names = [measure.name for family in of_subject for measure in family.measures]
        alike = difflib.get_close_matches(name, names, 5, 0.5) or names
        raise DaihouError(
            f"No measure of a {subject} is called {name}.",
            f"Is it one of: {', '.join(alike)}?",
            zh=(f"没有名为 {name} 的指标。", f"是否为：{'、'.join(alike)}？"),
        )
