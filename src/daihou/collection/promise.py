"""Whether a promise was kept: a function of what was promised, of the cash that came, and of the date it is judged on; of nothing else.

Cash fills the parts in the order of their days. Each cent counts once, for the first part that is not full and whose time is not over: a part takes
money until the end of its day, and late money until so many days after it. What comes later counts for later parts alone, so that what a part came to
never changes once its time is over, unless cash that came before is taken back or becomes known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from functools import lru_cache
from math import ceil
from typing import TYPE_CHECKING, Final, Literal, get_args

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from daihou.policies.collection import Promises

State = Literal["broken", "partly", "open", "late", "kept"]
STATES: Final[tuple[State, ...]] = get_args(State)
"""From the worst to the best: with more money a state only moves to the right."""


@dataclass(frozen=True, slots=True)
class Part:
    """An amount in minor units, above 0, that is promised by the end of a day."""

    due_on: dt.date
    amount: int


@dataclass(frozen=True, slots=True)
class Cash:
    """Money that came on a day, in minor units, or (below 0) was given back; `known_on` is when the lender first knew of it.

    Reversals are no rows: what a reversal voids is left out by whoever reads the ledger.
    """

    paid_on: dt.date
    amount: int
    known_on: dt.date


@dataclass(frozen=True, slots=True)
class JudgedPart:
    """What a part came to. `received`: the cash counted for it. `kept_on`: the day on which enough of it had come, late or not."""

    due_on: dt.date
    amount: int
    state: State
    received: int
    kept_on: dt.date | None


@dataclass(frozen=True, slots=True)
class Judged:
    """What a promise came to, and each of its parts, in the order given.

    The whole is broken with its first broken part, open while a part is open, and else as good as its worst part. `received`: the cash counted for all
    parts. `kept_on`: the day on which enough had come for the last of them; None until then.
    """

    state: State
    received: int
    kept_on: dt.date | None
    parts: tuple[JudgedPart, ...]


def judge(parts: Sequence[Part], cash: Iterable[Cash], as_of: dt.date, made_on: dt.date, policy: Promises) -> Judged:
    """What a promise made on `made_on` comes to by the end of `as_of`; ValueError without parts, or with one that asks for nothing.

    Cash known before the promise was made is left out: the debtor and the lender spoke of what was owed besides. So is what came after `as_of`. What was
    given back takes away the newest cash before it. The order of rows of cash does not matter.
    """
    if not parts or any(part.amount <= 0 for part in parts):
        raise ValueError("a promise has parts, and each asks for more than nothing")
    filling = [_Filling(part, policy) for part in parts]
    in_order = sorted(filling, key=lambda each: each.part.due_on)  # of one day: as given
    for day, amount in _receipts(cash, as_of, made_on):
        left = amount
        for each in in_order:
            left -= each.take(day, left)
            if left == 0:
                break
    judged = tuple(each.judged(as_of) for each in filling)
    days = [each.kept_on for each in judged if each.kept_on is not None]
    return Judged(
        _whole([each.state for each in judged]),
        sum(each.received for each in judged),
        max(days) if len(days) == len(judged) else None,
        judged,
    )


class _Filling:
    """A part while cash comes in."""

    __slots__ = ("enough", "kept_on", "late_until", "part", "received", "some")

    def __init__(self, part: Part, policy: Promises) -> None:
        self.part = part
        self.late_until = part.due_on + timedelta(days=policy.late_days)
        self.enough = ceil(part.amount * (1 - _exact(policy.tolerance_share)))
        self.some = ceil(part.amount * _exact(policy.partly_share))
        self.received = 0
        self.kept_on: dt.date | None = None

    def take(self, day: dt.date, amount: int) -> int:
        """Take what fits of an amount that came on a day; returns how much."""
        if day > self.late_until:
            return 0
        taken = min(amount, self.part.amount - self.received)
        self.received += taken
        if taken and self.kept_on is None and self.received >= self.enough:
            self.kept_on = day
        return taken

    def judged(self, as_of: dt.date) -> JudgedPart:
        return JudgedPart(self.part.due_on, self.part.amount, self._state(as_of), self.received, self.kept_on)

    def _state(self, as_of: dt.date) -> State:
        if self.kept_on is not None:
            return "kept" if self.kept_on <= self.part.due_on else "late"
        if as_of < self.late_until:
            return "open"
        return "partly" if self.received > 0 and self.received >= self.some else "broken"


def _receipts(cash: Iterable[Cash], as_of: dt.date, made_on: dt.date) -> list[tuple[dt.date, int]]:
    """What came on which day and stayed, in order of days. What is given back takes from the newest; what nothing is left for has no effect."""
    came: dict[dt.date, int] = {}
    back: dict[dt.date, int] = {}
    for row in cash:
        if row.known_on >= made_on and row.paid_on <= as_of:
            side, amount = (came, row.amount) if row.amount > 0 else (back, -row.amount)
            side[row.paid_on] = side.get(row.paid_on, 0) + amount
    if not back:
        return sorted(came.items())
    stayed: list[tuple[dt.date, int]] = []
    for day in sorted({*came, *back}):
        if day in came:
            stayed.append((day, came[day]))
        taken = back.get(day, 0)
        while taken and stayed:
            on, amount = stayed.pop()
            if amount > taken:
                stayed.append((on, amount - taken))
            taken -= min(amount, taken)
    return stayed


def _whole(states: Sequence[State]) -> State:
    """The worst, but for parts whose time is not over: until then only a broken part decides."""
    if "broken" in states:
        return "broken"
    return "open" if "open" in states else min(states, key=STATES.index)


@lru_cache(maxsize=64)
def _exact(share: float) -> Fraction:
    """A share as it is written in the policy's file: 0.1 is a tenth."""
    return Fraction(str(share))
