"""How account flows are read: keywords of remarks, the role of money by counterparty and flag, and what a regular inflow is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from daihou.book.contracts.accounts import MEMO_FLAGS
from daihou.policies.dated import Dated, dated

ROLES: Final = (
    "own", "lender", "returned", "salary", "collection", "gambling", "cash", "essential", "discretionary",
)  # fmt: skip
"""What money can be. A transaction has the roles of its kind; those of its flags only where its kind gives none, but `returned` always."""
NONE: Final = "none"
"""Stands for a counterparty whose kind is not stated."""
MOST_MONTHS: Final = 24

_FLAGS: Final = tuple(choice.code for choice in MEMO_FLAGS)
_KIND: Final = re.compile(r"[a-z0-9_]{1,60}")


@dataclass(frozen=True, slots=True)
class Role:
    """By which kinds of counterparty and which flags of the remark money has a role."""

    kinds: tuple[str, ...]
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Regular:
    """When an inflow without any role counts as a salary: so many of the last months saw about as much from the same payer."""

    kinds: tuple[str, ...]
    within_percent: int
    months: int
    at_least: int
    most_payments: int

    def __post_init__(self) -> None:
        """Check that the bar can be met."""
        if not 0 <= self.within_percent <= 100:
            raise ValueError("within_percent must be from 0 to 100")
        if not 1 <= self.at_least <= self.months <= MOST_MONTHS:
            raise ValueError(f"at_least must be from 1 to months, and months at most {MOST_MONTHS}")
        if self.most_payments < self.at_least:
            raise ValueError("most_payments must not be less than at_least")


@dataclass(frozen=True, slots=True)
class CashFlowPolicy:
    """The policy's values; as written they are mappings and lists, as held tuples and the classes above."""

    keywords: Mapping[str, tuple[str, ...]]
    roles: Mapping[str, Role]
    regular: Regular

    def __post_init__(self) -> None:
        """Check every name and make the values what they are declared to be."""
        object.__setattr__(self, "keywords", _keywords(self.keywords))
        object.__setattr__(self, "roles", _roles(self.roles))
        object.__setattr__(self, "regular", _regular(self.regular))


def cash_flow(text: str, place: str) -> Dated[CashFlowPolicy]:
    """The policy from its file."""
    return dated("cash_flow", CashFlowPolicy, text, place)


def _keywords(stated: object) -> dict[str, tuple[str, ...]]:
    keywords = _mapping(stated, "keywords", _FLAGS)
    return {flag: _words(words, f"keywords, {flag}") for flag, words in keywords.items()}


def _roles(stated: object) -> dict[str, Role]:
    roles = _mapping(stated, "roles", ROLES)
    missing = [role for role in ROLES if role not in roles]
    if missing:
        raise ValueError(f"roles lacks {', '.join(missing)}")
    return {role: _role(of, f"roles, {role}") for role, of in roles.items()}


def _role(stated: object, place: str) -> Role:
    parts = _mapping(stated, place, ("kinds", "flags"))
    flags = _words(parts.get("flags", []), f"{place}, flags")
    unknown = [flag for flag in flags if flag not in _FLAGS]
    if unknown:
        raise ValueError(f"{place}: no flag is called {', '.join(unknown)}; flags are {', '.join(_FLAGS)}")
    return Role(_kinds(parts.get("kinds", []), f"{place}, kinds"), flags)


def _regular(stated: object) -> Regular:
    names = ("kinds", "within_percent", "months", "at_least", "most_payments")
    parts = _mapping(stated, "regular", names)
    missing = [name for name in names if name not in parts]
    if missing:
        raise ValueError(f"regular lacks {', '.join(missing)}")
    wrong = [name for name in names[1:] if type(parts[name]) is not int]
    if wrong:
        raise ValueError(f"regular, {wrong[0]}: {parts[wrong[0]]} is no whole number")
    return Regular(_kinds(parts["kinds"], "regular, kinds"), *(parts[name] for name in names[1:]))


def _kinds(stated: object, place: str) -> tuple[str, ...]:
    kinds = _words(stated, place)
    wrong = [kind for kind in kinds if _KIND.fullmatch(kind) is None]
    if wrong:
        raise ValueError(f"{place}: {wrong[0]} is no code in small letters")
    return kinds


def _mapping(stated: object, place: str, allowed: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(stated, Mapping):
        raise ValueError(f"{place} is not a mapping")  # noqa: TRY004 - `build` tells of values that do not fit
    unknown = sorted(set(map(str, stated)) - set(allowed))
    if unknown:
        raise ValueError(f"{place}: unknown key {', '.join(unknown)}; keys are {', '.join(allowed)}")
    return dict(stated)


def _words(stated: object, place: str) -> tuple[str, ...]:
    if not isinstance(stated, list) or not all(isinstance(word, str) and word.strip() for word in stated):
        raise ValueError(f"{place} is not a list of words")
    return tuple(word.strip() for word in stated)
