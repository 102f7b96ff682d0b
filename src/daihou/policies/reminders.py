"""Reminders before the due date: who is reminded, so many days before, by which channel and with which message."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from daihou.policies.dated import Dated, dated, made
from daihou.policies.messages import WRITTEN

_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
MOST_DAYS: Final = 31

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Step:
    """One reminder of a due date."""

    days_before: int
    channels: tuple[str, ...]
    """By the first of these that is set up and reaches the borrower."""
    template: str
    """Of the policy `messages`."""

    def __post_init__(self) -> None:
        """Check the bounds."""
        if type(self.days_before) is not int or not 0 <= self.days_before <= MOST_DAYS:
            raise ValueError(f"days_before must be a whole number from 0 to {MOST_DAYS}")
        object.__setattr__(self, "channels", _texts(self.channels, "channels"))
        if not self.channels or (unknown := [one for one in self.channels if one not in WRITTEN]):
            raise ValueError(
                f"channels must name some of {', '.join(WRITTEN)}" + (f", not {unknown[0]}" if self.channels else "")
            )
        if not isinstance(self.template, str) or not _CODE.fullmatch(self.template):
            raise ValueError("template must be the code of a message")


@dataclass(frozen=True, slots=True)
class Group:
    """Loans that are reminded alike. A loan belongs to the first group that it fits; of one that fits none nobody is reminded."""

    code: str
    en: str
    zh: str
    products: tuple[str, ...]
    """Empty: all."""
    asset_classes: tuple[str, ...]
    """Empty: all."""
    first_dues: int | None
    """Loans of which so many due dates at most have passed in 12 months; None: whatever has passed."""
    missed_least: int | None
    """Loans of which so many due dates or more were missed in 12 months; None: whatever was missed."""
    steps: tuple[Step, ...]
    """None: nobody of the group is reminded."""

    def __post_init__(self) -> None:
        """Read the steps and check the bounds."""
        if not isinstance(self.code, str) or not _CODE.fullmatch(self.code):
            raise ValueError(f"code '{self.code}' must be small letters, digits and _, 40 at most")
        if not all(isinstance(text, str) and text.strip() for text in (self.en, self.zh)):
            raise ValueError(f"{self.code}: en and zh must say what it is called")
        for name in ("products", "asset_classes"):
            object.__setattr__(self, name, _texts(getattr(self, name), f"{self.code}: {name}"))
        for name in ("first_dues", "missed_least"):
            count = getattr(self, name)
            if count is not None and (type(count) is not int or count < 0):
                raise ValueError(f"{self.code}: {name} must be a whole number, or empty")
        if not isinstance(self.steps, list | tuple):
            raise ValueError(f"{self.code}: steps must be a list")  # noqa: TRY004 - how a policy refuses a value
        steps = tuple(one if isinstance(one, Step) else made(Step, one, f"{self.code}: step") for one in self.steps)
        object.__setattr__(self, "steps", steps)
        days = [one.days_before for one in steps]
        if len(set(days)) < len(days):
            raise ValueError(f"{self.code}: two steps are on one day")


@dataclass(frozen=True, slots=True)
class Reminders:
    """The house's choices."""

    at: dt.time
    """From which local time of a day on reminders of the day may leave, as far as the conduct rules permit it."""
    oldest_data_days: int
    """By data older than that nobody is reminded: what was paid since is not known."""
    most_per_due: int
    """Reminders of one due date at most, whatever the steps."""
    early_share: float
    """Who paid so large a share of the due dates of 12 months before the due date is not reminded."""
    early_dues: int
    """As long as fewer due dates have passed, nobody counts as one who pays early."""
    groups: tuple[Group, ...]

    def __post_init__(self) -> None:
        """Read the groups and check the bounds."""
        object.__setattr__(self, "at", _time(self.at))
        for name in ("oldest_data_days", "most_per_due", "early_dues"):
            if type(getattr(self, name)) is not int or getattr(self, name) < 1:
                raise ValueError(f"{name} must be a whole number from 1")
        if not isinstance(self.early_share, int | float) or not 0 < self.early_share <= 1:
            raise ValueError("early_share must lie above 0, and at 1 at most")
        if not isinstance(self.groups, list | tuple):
            raise ValueError("groups must be a list")  # noqa: TRY004 - how a policy refuses a value
        groups = tuple(one if isinstance(one, Group) else made(Group, one, "groups") for one in self.groups)
        object.__setattr__(self, "groups", groups)
        codes = [one.code for one in groups]
        if twice := sorted({one for one in codes if codes.count(one) > 1}):
            raise ValueError(f"groups: {', '.join(twice)} is there twice")

    @property
    def days(self) -> tuple[int, ...]:
        """So many days before a due date somebody may be reminded, the most first."""
        return tuple(sorted({step.days_before for group in self.groups for step in group.steps}, reverse=True))


def reminders(text: str, place: str) -> Dated[Reminders]:
    """The policy from its file."""
    return dated("reminders", Reminders, text, place)


def _texts(stated: Any, spot: str) -> tuple[str, ...]:
    if not isinstance(stated, Sequence) or isinstance(stated, str) or not all(isinstance(one, str) for one in stated):
        raise ValueError(f"{spot} must be a list of texts")
    return tuple(stated)


def _time(stated: Any) -> dt.time:
    if isinstance(stated, dt.time):
        return stated
    if not isinstance(stated, str) or not re.fullmatch(r"[0-2][0-9]:[0-5][0-9]", stated):
        raise ValueError("at must be a time of day in quotes, like '10:00'")
    return dt.time.fromisoformat(stated)
