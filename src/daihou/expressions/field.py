"""What may be asked about: a column's name, unit, labels and, where they are known, its codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

Unit = Literal[
    "id", "code", "date", "days", "months", "count", "amount", "base_amount", "rate", "share", "flag", "codes",
    "number", "text", "moment",
]  # fmt: skip
"""Those of measures, and three for columns that no catalogue knows: any number, any text, a time of day with its date.

A value of `amount` is written in units of the row's currency, of `base_amount` in those of the home's.
"""

Choice = tuple[str, str, str]
"""A code and its labels in English and Chinese."""

NUMERIC: Final[frozenset[str]] = frozenset(
    {"days", "months", "count", "amount", "base_amount", "rate", "share", "number"}
)
FLOATS: Final[frozenset[str]] = frozenset({"share", "number"})
"""Numbers that are kept in floats; all others are whole numbers of their stored unit, rates of hundred-millionths."""
FRACTIONS: Final[frozenset[str]] = frozenset({"share", "rate"})
"""Numbers that a percentage may be compared with and added to."""
TEXTUAL: Final[frozenset[str]] = frozenset({"id", "code", "codes", "text"})
ORDERED: Final[frozenset[str]] = NUMERIC | {"date", "moment", "id", "text"}
"""Units in which one value can be more than another: codes have no order, even where they look as if they had."""

WORDS: Final[dict[str, tuple[str, str]]] = {
    "id": ("an id", "编号"),
    "code": ("a code", "代码"),
    "date": ("a date", "日期"),
    "days": ("a number of days", "天数"),
    "months": ("a number of months", "月数"),
    "count": ("a count", "个数"),
    "amount": ("an amount", "金额"),
    "base_amount": ("an amount in the base currency", "本位币金额"),
    "rate": ("a rate", "利率"),
    "share": ("a share", "占比"),
    "flag": ("true or false", "真假值"),
    "codes": ("a row of codes", "代码串"),
    "number": ("a number", "数值"),
    "text": ("a text", "文本"),
    "moment": ("a time", "时间"),
    "percent": ("a percentage", "百分比"),
}
"""What a unit is called in a message, and what a percentage is."""


@dataclass(frozen=True, slots=True)
class Field:
    """One column that an expression may name. Without `choices` any code is taken, and so it is where they are `extensible`."""

    name: str
    unit: Unit
    en: str
    zh: str
    choices: tuple[Choice, ...] = ()
    signed: bool = False
    """Whether a number may be below 0."""
    extensible: bool = False
    """Whether there may be other codes than those known."""
    most: int = 1
    """Of a rate or share what no plain number may be beyond, above or below 0; 1 is 100 %."""

    def label(self, value: str, *, chinese: bool) -> str:
        """The label of a code; the code itself where it has none."""
        for code, en, zh in self.choices:
            if code == value:
                return (zh if chinese else en) or code
        return value


Columns = Mapping[str, Field]
"""The columns an expression is checked against, by name."""


def columns(fields: Iterable[Field]) -> dict[str, Field]:
    """The fields by their names."""
    return {field.name: field for field in fields}
