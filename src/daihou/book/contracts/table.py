"""How a contract table is declared: its columns, its key, and which of its dates says when a fact happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Type = Literal[
    "id", "text", "date", "timestamp", "money", "signed_money", "rate", "ratio", "number", "integer", "boolean", "code"
]
"""id, text: strings; money: not negative; ratio: 0 to 1; number: any decimal;
rate: a fraction a year (0.0435 is 4.35 %) or a price."""

Kind = Literal["versioned", "event", "plain"]
"""versioned: rows are versions of a key in force from `effective_on`; event: one row a key; plain: no key."""

TYPE_LABELS: dict[Type, tuple[str, str]] = {
    "id": ("id", "编号"),
    "text": ("text", "文本"),
    "date": ("date, 2026-03-14", "日期，2026-03-14"),
    "timestamp": ("time with zone, 2026-03-14T09:30:00+08:00", "带时区的时间，2026-03-14T09:30:00+08:00"),
    "money": ("money, not negative", "金额，不得为负"),
    "signed_money": ("money, may be negative", "金额，可为负"),
    "rate": ("rate, 0.0435 is 4.35 %", "利率或汇率，0.0435 即 4.35%"),
    "ratio": ("ratio, 0 to 1", "比例，0 至 1"),
    "number": ("number", "数值"),
    "integer": ("whole number", "整数"),
    "boolean": ("true or false", "是否，true 或 false"),
    "code": ("code", "代码"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One allowed code of a column, with its English and Chinese label."""

    code: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column a lender sends; `default` is the text taken where the cell is empty."""

    name: str
    type: Type
    en: str
    zh: str
    required: bool = False
    default: str | None = None
    choices: tuple[Choice, ...] = ()
    extensible: bool = False
    """Whether codes beyond the listed choices are taken too (with a warning)."""
    positive: bool = False
    """Whether zero is refused."""
    vault: bool = False
    """Whether the value may only ever be kept in the vault."""
    becomes: str = ""
    """Of a raw text that is kept nowhere: the stored column that intake makes of it."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the contract; `own_on` names the column by whose date `--known-on event` back-loads it."""

    name: str
    kind: Kind
    key: tuple[str, ...]
    en: str
    zh: str
    columns: tuple[Column, ...]
    own_on: str | None = None
    vault: bool = False

    def column(self, name: str) -> Column:
        """Return the column of that name; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def stored(self) -> tuple[Column, ...]:
        """The columns kept in the lake, in contract order: those the vault keeps are left out."""
        return tuple(column for column in self.columns if not column.vault)

    @property
    def sent(self) -> tuple[Column, ...]:
        """The columns a lender may send, in contract order: those stored, and the raw texts that intake makes stored ones of."""
        return tuple(column for column in self.columns if not column.vault or column.becomes)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the stored columns."""
        return tuple(column.name for column in self.stored)

    @property
    def required(self) -> tuple[str, ...]:
        """The names of the required columns."""
        return tuple(column.name for column in self.columns if column.required)

    @property
    def owner(self) -> str | None:
        """The column naming what an event belongs to, which its id may never change; None for other kinds."""
        if self.kind != "event" or len(self.key) != 1:
            return None
        for name in ("loan_id", "account_id", "borrower_id", "subject_id"):
            if name in self.required and name not in self.key:
                return name
        return None


KNOWN_ON = Column(
    "known_on",
    "date",
    "Business date on which the lender knew this; empty: the open business date",
    "贷款人获知该事实的营业日；空则为当前未封账营业日",
)
EFFECTIVE_ON = Column(
    "effective_on",
    "date",
    "From when this version holds; empty: from when it was known",
    "该版本自何日起有效；空则自获知日起",
)


def required(
    name: str,
    of: Type,
    en: str,
    zh: str,
    *,
    choices: tuple[Choice, ...] = (),
    extensible: bool = False,
    positive: bool = False,
) -> Column:
    """Declare a required column."""
    return Column(name, of, en, zh, required=True, choices=choices, extensible=extensible, positive=positive)


def optional(
    name: str,
    of: Type,
    en: str,
    zh: str,
    *,
    default: str | None = None,
    choices: tuple[Choice, ...] = (),
    extensible: bool = False,
    positive: bool = False,
) -> Column:
    """Declare a column that may be left out or empty."""
    return Column(name, of, en, zh, default=default, choices=choices, extensible=extensible, positive=positive)


def vaulted(name: str, of: Type, en: str, zh: str) -> Column:
    """Declare a column whose values only the vault may keep."""
    return Column(name, of, en, zh, vault=True)


def blinded(name: str, becomes: str, en: str, zh: str) -> Column:
    """Declare a raw text that is never kept: intake makes the stored column `becomes` of it."""
    return Column(name, "text", en, zh, vault=True, becomes=becomes)


def choices(*rows: tuple[str, str, str]) -> tuple[Choice, ...]:
    """Return choices from (code, en, zh)."""
    return tuple(Choice(*row) for row in rows)
