"""Between payments: what is watched within a day, by events and money as they come, and what is said of it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import Formatter
from typing import Any, Final, Literal, TypeVar, cast, get_args

from daihou.book.contracts.accounts import MEMO_FLAGS
from daihou.policies.dated import Dated, dated, made

Kind = Literal["due_today", "velocity", "money_out"]
Table = Literal["events", "payments", "transactions"]
Direction = Literal["in", "out"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
TABLES: Final[tuple[Table, ...]] = get_args(Table)
DIRECTIONS: Final[tuple[Direction, ...]] = get_args(Direction)
LEVELS: Final = ("red", "orange", "yellow", "blue")
TOPICS: Final = ("arrears", "behaviour", "terms", "cash_flow", "events", "borrower", "market")
SUBJECTS: Final = ("loan", "borrower")
NONE: Final = "none"
"""Stands for a counterparty whose kind is not stated."""
MOST_HOURS: Final = 31 * 24
"""No window is longer: what is longer the night counts."""
DAY_HOURS: Final = 24
NAMED: Final[Mapping[Kind, tuple[str, ...]]] = {
    "due_today": ("amount", "due_on", "failures", "reversals", "at"),
    "velocity": ("count", "times", "within", "first_at", "last_at"),
    "money_out": ("paid_out", "paid_out_at", "out", "share", "within", "classes"),
}
"""What the message of each kind of watch may name in braces."""
_ID: Final = re.compile(r"B-[0-9]{3}")
_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")
_FLAGS: Final = tuple(choice.code for choice in MEMO_FLAGS)

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Words:
    """A text in both languages."""

    en: str
    zh: str

    def said(self, *, chinese: bool) -> str:
        """The text in one of them."""
        return self.zh if chinese else self.en


@dataclass(frozen=True, slots=True)
class DueToday:
    """An instalment that is due on the day and is not paid: since a deduction failed, a payment was reversed, or the hour has come."""

    failures: tuple[str, ...]
    """Kinds of events of a loan that say that a deduction failed."""
    reversals: bool
    """Whether a payment that is reversed on the due date counts as one."""
    unpaid_by: dt.time | None
    """The local time of day by which money should be there; None: only what failed is told."""
    work_days_only: bool
    """Whether the hour is asked on work days alone: on others most plans move to the next one."""
    stands_hours: int
    """For so long after the due date is over it stands, where the money did not come: until the night speaks."""

    def __post_init__(self) -> None:
        """Check that it can ever speak."""
        object.__setattr__(self, "failures", _codes(self.failures, "failures"))
        object.__setattr__(self, "unpaid_by", _time(self.unpaid_by))
        _flag("reversals", self.reversals)
        _flag("work_days_only", self.work_days_only)
        _hours("stands_hours", self.stands_hours, 0, 2 * DAY_HOURS)
        if not self.failures and not self.reversals and self.unpaid_by is None:
            raise ValueError("a watch of due dates needs failures, reversals or unpaid_by")


@dataclass(frozen=True, slots=True)
class Velocity:
    """So many of a kind by one subject within so long, counted by when they happened."""

    table: Table
    kinds: tuple[str, ...]
    """Of events their kinds, of payments their purposes, of transactions the kinds of their counterparties; empty: all."""
    flags: tuple[str, ...]
    """Of transactions: one of these flags of the remark; empty: whatever it says."""
    direction: Direction | None
    """Of transactions: money in or out; None: both."""
    reversals: bool
    """Of payments: those that void another are counted, and no others."""
    times: int
    within_hours: int
    stands_hours: int
    """It stands so long after the newest one that made so many."""

    def __post_init__(self) -> None:
        """Check that the columns are those of the table."""
        if self.table not in TABLES:
            raise ValueError(f"table must be one of {', '.join(TABLES)}, not {self.table}")
        object.__setattr__(self, "kinds", _codes(self.kinds, "kinds"))
        object.__setattr__(self, "flags", _known(self.flags, "flags", _FLAGS))
        if self.direction is not None and self.direction not in DIRECTIONS:
            raise ValueError(f"direction must be one of {', '.join(DIRECTIONS)}, or empty")
        _flag("reversals", self.reversals)
        if self.table != "transactions" and (self.flags or self.direction):
            raise ValueError("flags and direction are of transactions alone")
        if self.table != "payments" and self.reversals:
            raise ValueError("reversals are of payments alone")
        if self.table == "events" and not self.kinds:
            raise ValueError("a watch of events needs kinds")
        if self.table == "transactions" and not (self.kinds or self.flags):
            raise ValueError("a watch of transactions needs kinds or flags")
        _hours("times", self.times, 1, 10_000)
        _hours("within_hours", self.within_hours, 1, MOST_HOURS)
        _hours("stands_hours", self.stands_hours, 1, MOST_HOURS)
        if self.table == "payments" and self.within_hours % DAY_HOURS:
            raise ValueError("payments have a day and no hour: within_hours must be whole days")


@dataclass(frozen=True, slots=True)
class MoneyOut:
    """Money that was paid out and leaves the account soon, to some classes of counterparties."""

    classes: tuple[str, ...]
    """Of those that the policy names."""
    within_hours: int
    share_percent: int
    """Of what was paid out, so much or more."""
    stands_hours: int
    """It stands so long after these hours are over."""

    def __post_init__(self) -> None:
        """Check the bounds."""
        object.__setattr__(self, "classes", _codes(self.classes, "classes"))
        if not self.classes:
            raise ValueError("a watch of money that leaves needs classes")
        _hours("within_hours", self.within_hours, 1, MOST_HOURS)
        _hours("share_percent", self.share_percent, 1, 100)
        _hours("stands_hours", self.stands_hours, 0, MOST_HOURS)


Asks = DueToday | Velocity | MoneyOut
ASKS: Final[Mapping[Kind, type[Asks]]] = {"due_today": DueToday, "velocity": Velocity, "money_out": MoneyOut}


@dataclass(frozen=True, slots=True)
class Watch:
    """One watch; it speaks like a rule, and its id and number name it in signals as a rule's do."""

    id: str
    number: int
    """Its version: another number for another meaning."""
    name: Words
    topic: str
    subject: str
    level: str
    due_work_days: int
    """Within so many work days an alert of it is to be checked."""
    message: Words
    reason: Words
    kind: Kind
    asks: Asks
    """Stated as a mapping in the file."""

    def __post_init__(self) -> None:
        """Read what is stated, and check each name."""
        if not isinstance(self.id, str) or not _ID.fullmatch(self.id):
            raise ValueError(f"id '{self.id}' must be like B-101")
        _hours(f"{self.id}: number", self.number, 1, 10_000)
        _hours(f"{self.id}: due_work_days", self.due_work_days, 0, 60)
        for name, allowed in (("topic", TOPICS), ("subject", SUBJECTS), ("level", LEVELS), ("kind", KINDS)):
            if getattr(self, name) not in allowed:
                raise ValueError(f"{self.id}: {name} must be one of {', '.join(allowed)}, not {getattr(self, name)}")
        for name in ("name", "message", "reason"):
            object.__setattr__(self, name, _words(getattr(self, name), f"{self.id}: {name}"))
        if not isinstance(self.asks, get_args(Asks)):
            object.__setattr__(self, "asks", made(ASKS[self.kind], self.asks, f"{self.id}: asks"))
        self._check()

    def _check(self) -> None:
        for text in (self.message.en, self.message.zh):
            unknown = sorted(_names(text, f"{self.id}: message") - set(NAMED[self.kind]))
            if unknown:
                raise ValueError(
                    f"{self.id}: message may not name {', '.join(unknown)}; it may name {', '.join(NAMED[self.kind])}"
                )
        of_loans = self.kind != "velocity" or cast("Velocity", self.asks).table == "payments"
        if of_loans and self.subject != "loan":
            raise ValueError(f"{self.id}: subject must be loan")
        if isinstance(self.asks, Velocity) and self.asks.table == "transactions" and self.subject != "borrower":
            raise ValueError(f"{self.id}: subject must be borrower: an account is somebody's")


@dataclass(frozen=True, slots=True)
class Class:
    """Counterparties that are told together."""

    en: str
    zh: str
    kinds: tuple[str, ...]
    """Of counterparties; `none`: not stated, nor by a flag."""
    flags: tuple[str, ...]
    """Of the remark; they count where the kind of the counterparty is not stated."""

    def __post_init__(self) -> None:
        """Check the codes."""
        object.__setattr__(self, "kinds", _codes(self.kinds, "kinds"))
        object.__setattr__(self, "flags", _known(self.flags, "flags", _FLAGS))


@dataclass(frozen=True, slots=True)
class Between:
    """The watches of a house."""

    classes: Mapping[str, Class]
    watches: tuple[Watch, ...]

    def __post_init__(self) -> None:
        """Read both, and check that names are used once and known."""
        if not isinstance(self.classes, Mapping):
            raise ValueError("classes must be a mapping")  # noqa: TRY004 - how a policy refuses a value
        stated = {
            code: of if isinstance(of, Class) else made(Class, of, f"classes, {code}")
            for code, of in self.classes.items()
        }
        _codes(tuple(stated), "classes")
        object.__setattr__(self, "classes", stated)
        for part in ("kinds", "flags"):
            named = [code for of in stated.values() for code in getattr(of, part)]
            if twice := sorted({code for code in named if named.count(code) > 1}):
                raise ValueError(f"classes: {', '.join(twice)} is in two of them")
        if not isinstance(self.watches, list | tuple):
            raise ValueError("watches must be a list")  # noqa: TRY004 - as above
        read = tuple(one if isinstance(one, Watch) else made(Watch, one, "watches") for one in self.watches)
        object.__setattr__(self, "watches", read)
        ids = [one.id for one in read]
        if twice := sorted({one for one in ids if ids.count(one) > 1}):
            raise ValueError(f"watches: {', '.join(twice)} is there twice")
        for one in read:
            if isinstance(one.asks, MoneyOut) and (unknown := sorted(set(one.asks.classes) - set(stated))):
                raise ValueError(f"{one.id}: no class is called {', '.join(unknown)}; classes are {', '.join(stated)}")

    def of(self, kind: Kind) -> list[Watch]:
        """The watches of a kind."""
        return [one for one in self.watches if one.kind == kind]


def between(text: str, place: str) -> Dated[Between]:
    """The policy from its file."""
    return dated("between", Between, text, place)


def _words(stated: Any, spot: str) -> Words:
    if isinstance(stated, Words):
        return stated
    words = made(Words, stated, spot)
    if not all(isinstance(text, str) and text.strip() for text in (words.en, words.zh)):
        raise ValueError(f"{spot} must say something in both languages")
    return Words(words.en.strip(), words.zh.strip())


def _names(text: str, spot: str) -> set[str]:
    found = set()
    for _plain, name, form, conversion in Formatter().parse(text):
        if name is not None:
            if form or conversion or not name.isidentifier():
                raise ValueError(f"{spot}: '{{{name}}}' is not a plain name in braces")
            found.add(name)
    return found


def _codes(stated: Any, spot: str) -> tuple[str, ...]:
    if not isinstance(stated, Sequence) or isinstance(stated, str):
        raise ValueError(f"{spot} must be a list")  # noqa: TRY004 - how a policy refuses a value
    wrong = [code for code in stated if not isinstance(code, str) or not _CODE.fullmatch(code)]
    if wrong:
        raise ValueError(f"{spot}: {wrong[0]} is no code in small letters")
    return tuple(stated)


def _known(stated: Any, spot: str, allowed: Sequence[str]) -> tuple[str, ...]:
    codes = _codes(stated, spot)
    if unknown := sorted(set(codes) - set(allowed)):
        raise ValueError(f"{spot}: {', '.join(unknown)} is unknown; there are {', '.join(allowed)}")
    return codes


def _hours(name: str, stated: object, least: int, most: int) -> None:
    if type(stated) is not int or not least <= stated <= most:
        raise ValueError(f"{name} must be a whole number from {least} to {most:,}")


def _flag(name: str, stated: object) -> None:
    if not isinstance(stated, bool):
        raise ValueError(f"{name} must be true or false")  # noqa: TRY004 - how a policy refuses a value


def _time(stated: Any) -> dt.time | None:
    if stated is None or isinstance(stated, dt.time):
        return stated
    if not isinstance(stated, str) or not re.fullmatch(r"[0-2][0-9]:[0-5][0-9]", stated):
        raise ValueError("unpaid_by must be a time of day in quotes, like '20:00', or empty")
    return dt.time.fromisoformat(stated)
