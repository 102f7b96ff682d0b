"""Reviews: which are planned of whom, by which clock, how often, by which form, and within how many work days."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

from daihou.policies.dated import Dated, dated, made
from daihou.policies.messages import WRITTEN

if TYPE_CHECKING:
    from collections.abc import Mapping

Type = Literal[
    "first", "regular", "special", "fund_use", "before_maturity", "revaluation", "guarantor", "group", "yearly", "return_visit",
    "statements", "insurance", "registration",
]  # fmt: skip
About = Literal["loan", "borrower", "group"]
Site = Literal["on", "off"]
TYPES: Final[tuple[Type, ...]] = get_args(Type)
PAPERS: Final[frozenset[Type]] = frozenset({"statements", "insurance", "registration"})
"""Types that ask the borrower for papers: somebody asks and reminds, and it is done once they are there."""
DATES: Final = ("disbursed_on", "matures_on")
"""Dates of a loan that a clock may count from."""
_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
MOST_MONTHS: Final = 120
MOST_DAYS: Final = 730
MOST_ASKED_AFTER: Final = 90
"""Longer after the due date nobody is asked by a message: somebody calls."""


@dataclass(frozen=True, slots=True)
class Once:
    """Once, so many calendar days after a date of the loan."""

    after: str
    days: int

    def __post_init__(self) -> None:
        """Check the bounds."""
        _one_of("once.after", self.after, DATES)
        _whole("once.days", self.days, 0, MOST_DAYS)


@dataclass(frozen=True, slots=True)
class Before:
    """So many calendar days before a date of the loan, each of them a review of its own."""

    date: str
    days: tuple[int, ...]

    def __post_init__(self) -> None:
        """Check the bounds."""
        _one_of("before.date", self.date, DATES)
        object.__setattr__(self, "days", tuple(sorted(_list("before.days", self.days), reverse=True)))
        for count in self.days:
            _whole("before.days", count, 0, MOST_DAYS)
        if len(set(self.days)) < len(self.days):
            raise ValueError("before.days has one twice")


@dataclass(frozen=True, slots=True)
class Line:
    """How often for those of whom a condition holds and no line above did. An empty condition holds of all."""

    when: str
    months: int

    def __post_init__(self) -> None:
        """Check the bounds."""
        _text("every.when", self.when)
        _whole("every.months", self.months, 1, MOST_MONTHS)


@dataclass(frozen=True, slots=True)
class Every:
    """Again and again, counted from the day it was done last; of whom no line holds it is not asked."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class While:
    """As long as the plan's condition holds: at once, and again so many calendar days after it was done."""

    again_days: int

    def __post_init__(self) -> None:
        """Check the bounds."""
        _whole("while.again_days", self.again_days, 1, MOST_DAYS)


@dataclass(frozen=True, slots=True)
class Asks:
    """How the desk itself asks a borrower for papers, and reminds; by hand anybody may ask beside it."""

    days: tuple[int, ...]
    """Asked and reminded so many calendar days before the due date, below 0 after it; the first time as soon as the review is made."""
    channels: tuple[str, ...]
    """By the first of these that is set up and reaches the borrower."""
    template: str
    """Of the policy `messages`."""

    def __post_init__(self) -> None:
        """Check the bounds."""
        object.__setattr__(self, "days", tuple(sorted(_list("asks.days", self.days), reverse=True)))
        for count in self.days:
            _whole("asks.days", count, -MOST_ASKED_AFTER, MOST_DAYS)
        if not self.days or len(set(self.days)) < len(self.days):
            raise ValueError("asks.days must name days, each once")
        object.__setattr__(self, "channels", tuple(_list("asks.channels", self.channels)))
        for one in self.channels:
            _one_of("asks.channels", one, WRITTEN)
        if not self.channels:
            raise ValueError("asks.channels must name a channel")
        if not isinstance(self.template, str) or not _CODE.fullmatch(self.template):
            raise ValueError("asks.template must be the code of a message")


Clock: TypeAlias = Once | Before | Every | While


@dataclass(frozen=True, slots=True)
class Plan:
    """One line of the plan: whom it is about, when it is due, and how it is done."""

    code: str
    type: Type
    en: str
    zh: str
    about: About
    when: str
    """Asked of each live loan with what its borrower measures beside it; of a borrower or a group it holds where it holds of any loan of theirs. Empty: of all."""
    clock: Clock
    done_by: tuple[Type, ...]
    """Types that count as done too, beside the plan's own: after a special inspection the regular one counts from then."""
    form: str
    site: Site
    work_days: int
    """How long somebody has to do it where the clock says at once, in work days."""
    asks: Asks | None = None
    """Of types that ask for papers; None: people ask."""

    def __post_init__(self) -> None:
        """Check the bounds."""
        if not isinstance(self.code, str) or not _CODE.fullmatch(self.code):
            raise ValueError(f"code '{self.code}' must be small letters, digits and _, 40 at most")
        at = self.code
        if not all(isinstance(text, str) and text.strip() for text in (self.en, self.zh)):
            raise ValueError(f"{at}: en and zh must say what it is called")
        _one_of(f"{at}: type", self.type, TYPES)
        _one_of(f"{at}: about", self.about, get_args(About))
        _one_of(f"{at}: site", self.site, get_args(Site))
        _text(f"{at}: when", self.when)
        if not isinstance(self.form, str) or not _CODE.fullmatch(self.form):
            raise ValueError(f"{at}: form must be the code of a form")
        _whole(f"{at}: work_days", self.work_days, 0, 120)
        object.__setattr__(self, "done_by", tuple(_list(f"{at}: done_by", self.done_by)))
        for one in self.done_by:
            _one_of(f"{at}: done_by", one, TYPES)
        if self.asks is not None and self.type not in PAPERS:
            raise ValueError(f"{at}: asks goes with the types {', '.join(sorted(PAPERS))}")
        if isinstance(self.clock, Once | Before) and self.about != "loan":
            raise ValueError(f"{at}: a date of a loan is about the loan")
        if isinstance(self.clock, While) and not self.when.strip():
            raise ValueError(f"{at}: without a condition it would be asked of all, for ever")

    @property
    def done(self) -> frozenset[Type]:
        """All types that count as it done."""
        return frozenset((self.type, *self.done_by))


@dataclass(frozen=True, slots=True)
class Reviews:
    """The house's plan."""

    ahead_days: int
    """A review is made so many calendar days before it is due."""
    escalate_work_days: int
    """So many work days after it was due a review not done is told to the managers."""
    most_postponed_days: int
    """A manager may set a due date so many calendar days ahead at most; longer would be a waiver without being called one."""
    plans: tuple[Plan, ...]

    def __post_init__(self) -> None:
        """Read the plans and check the bounds."""
        _whole("ahead_days", self.ahead_days, 1, 366)
        _whole("escalate_work_days", self.escalate_work_days, 0, 120)
        _whole("most_postponed_days", self.most_postponed_days, 1, 366)
        plans = tuple(one if isinstance(one, Plan) else _plan(one) for one in _list("plans", self.plans))
        object.__setattr__(self, "plans", plans)
        codes = [one.code for one in plans]
        if twice := sorted({one for one in codes if codes.count(one) > 1}):
            raise ValueError(f"plans: {', '.join(twice)} is there twice")

    def plan(self, code: str) -> Plan | None:
        """The plan of a code."""
        return next((one for one in self.plans if one.code == code), None)


def reviews(text: str, place: str) -> Dated[Reviews]:
    """The policy from its file."""
    return dated("reviews", Reviews, text, place)


_CLOCKS: Final = ("once", "before", "every", "while")


def _plan(stated: Any) -> Plan:
    """A plan of a mapping, which has exactly one of the clocks."""
    if not isinstance(stated, dict):
        raise ValueError("plans: each must be a mapping")  # noqa: TRY004 - how a policy refuses a value
    code = stated.get("code", "?")
    clocks = [name for name in _CLOCKS if name in stated]
    if len(clocks) != 1:
        raise ValueError(f"{code}: one clock of {', '.join(_CLOCKS)} is needed, not {len(clocks)}")
    rest = {
        "when": "",
        "done_by": (),
        "asks": None,
        **{name: value for name, value in stated.items() if name not in _CLOCKS},
    }
    if isinstance(rest.get("asks"), dict):
        rest["asks"] = made(Asks, rest["asks"], f"plans, {code}, asks")
    return made(Plan, {**rest, "clock": _clock(clocks[0], stated[clocks[0]], str(code))}, f"plans, {code}")


def _clock(name: str, stated: Any, code: str) -> Clock:
    spot = f"plans, {code}, {name}"
    if name == "every":
        lines = tuple(made(Line, {"when": "", **_mapping(spot, one)}, spot) for one in _list(spot, stated))
        if not lines:
            raise ValueError(f"{spot}: has no line")
        return Every(lines)
    kinds: Mapping[str, type[Once | Before | While]] = {"once": Once, "before": Before, "while": While}
    return made(kinds[name], stated, spot)


def _mapping(spot: str, stated: Any) -> dict[str, Any]:
    if not isinstance(stated, dict):
        raise ValueError(f"{spot}: each must be a mapping")  # noqa: TRY004 - how a policy refuses a value
    return stated


def _list(spot: str, stated: Any) -> tuple[Any, ...]:
    if not isinstance(stated, list | tuple):
        raise ValueError(f"{spot} must be a list")  # noqa: TRY004 - how a policy refuses a value
    return tuple(stated)


def _text(spot: str, stated: Any) -> None:
    if not isinstance(stated, str):
        raise ValueError(f"{spot} must be a condition in quotes")  # noqa: TRY004 - how a policy refuses a value


def _one_of(spot: str, stated: Any, allowed: tuple[str, ...]) -> None:
    if stated not in allowed:
        raise ValueError(f"{spot} must be one of {', '.join(allowed)}, not {stated}")


def _whole(spot: str, stated: Any, least: int, most: int) -> None:
    if type(stated) is not int or not least <= stated <= most:
        raise ValueError(f"{spot} must be a whole number from {least} to {most}")
