"""Until when a claim may be brought to court: arithmetic over dates and events, by the policy `limitation_cn`.

The period begins the day after the claim was due as a whole: the last instalment, or the day it was called due early. An event within it begins it anew; what
comes after its end does nothing, unless its kind renews. An obstacle that reaches into its last months holds it. The order in which events are given does not
matter, one more never makes it end earlier, and nothing carries it beyond its longest.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daihou.book.days import add_months
from daihou.collection.periods import last_day

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daihou.policies.limitation import Limitation

NEVER: Final = dt.date.max
"""The end of a period that does not run: a procedure is under way, or an obstacle stands."""


@dataclass(frozen=True, slots=True)
class Claim:
    """When a debt was due: `last_due_on` is its last instalment or its maturity, as last agreed; `accelerated_on`, when it was called due early."""

    last_due_on: dt.date
    accelerated_on: dt.date | None = None

    @property
    def due_on(self) -> dt.date:
        """When the whole of it was due."""
        return self.last_due_on if self.accelerated_on is None else min(self.last_due_on, self.accelerated_on)


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """Something that may interrupt or hold a period. `ended_on`: of a procedure or an obstacle, once it is over. `source` names the paper or row."""

    on: dt.date
    kind: str
    source: str = ""
    ended_on: dt.date | None = None
    to: str = "debtor"
    """To whom it was done, or by whom: debtor or guarantor."""


@dataclass(frozen=True, slots=True)
class Counted:
    """An event that began the period anew."""

    on: dt.date
    kind: str
    source: str
    renewed: bool
    """It came after the end, and is of a kind that renews."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How the limitation of a claim stands at the end of `as_of`."""

    as_of: dt.date
    due_on: dt.date
    begins_on: dt.date
    """The first day counted of the period that runs now, or ran last."""
    ends_on: dt.date | None
    """Its last day; None while a procedure is under way."""
    longest_on: dt.date | None
    """Beyond this day nothing carries it; None for periods without such an end."""
    interrupted_by: tuple[Counted, ...]
    """In order of days."""
    pending: bool
    """A procedure is under way."""
    suspended: bool
    """An obstacle stands."""

    @property
    def barred(self) -> bool:
        """Whether it is over."""
        return self.ends_on is not None and self.as_of > self.ends_on

    @property
    def days_left(self) -> int | None:
        """Days until its last day; below 0 once it is over; None while a procedure is under way."""
        return None if self.ends_on is None else (self.ends_on - self.as_of).days


def limitation(policy: Limitation, claim: Claim, events: Iterable[Event], as_of: dt.date, calendar: str) -> Standing:
    """The limitation of a claim by what happened up to a day. Only what the debtor did, or what was done to them, counts. `calendar`: of work days."""
    period = _Period(policy, calendar, policy.years)
    longest = last_day(claim.due_on, 12 * policy.longest_years, calendar, policy.rest_day)
    return _standing(period, claim.due_on, longest, events, as_of)


def enforcement(
    policy: Limitation, due_on: dt.date, events: Iterable[Event], as_of: dt.date, calendar: str
) -> Standing:
    """The period to ask for a judgment to be enforced, from the last day that the judgment gives to perform; interrupted like limitation."""
    return _standing(_Period(policy, calendar, policy.enforcement_years), due_on, None, events, as_of)


@dataclass(frozen=True, slots=True)
class _Period:
    policy: Limitation
    calendar: str
    years: int

    def from_day(self, day: dt.date, obstacles: list[Event]) -> dt.date:
        """The last day of a period begun on a day, held by obstacles."""
        return self.held(last_day(day, 12 * self.years, self.calendar, self.policy.rest_day), obstacles)

    def held(self, ends: dt.date, obstacles: list[Event]) -> dt.date:
        """The last day, with obstacles that reach into the last months before it."""
        moved = True
        while moved and ends != NEVER:
            moved = False
            for one in obstacles:
                gone = one.ended_on or NEVER
                if one.on > ends or gone < add_months(ends, -self.policy.suspension.last_months):
                    continue
                after = (
                    NEVER
                    if gone == NEVER
                    else last_day(gone, self.policy.suspension.then_months, self.calendar, self.policy.rest_day)
                )
                if after > ends:
                    ends, moved = after, True
        return ends


def _standing(
    period: _Period, due_on: dt.date, longest: dt.date | None, events: Iterable[Event], as_of: dt.date
) -> Standing:
    known = sorted(
        {_known(event, as_of) for event in events if event.on <= as_of and event.to == "debtor"},
        key=lambda one: _order(period.policy, one),
    )
    obstacles = [one for one in known if _effect(period.policy, one) == "suspends"]
    since, ends, pending, counted = due_on, period.from_day(due_on, obstacles), False, list[Counted]()
    for one in known:
        kind = period.policy.kind(one.kind)
        if kind is None or kind.effect == "suspends" or (longest is not None and one.on > longest):
            continue
        if one.on <= due_on and (kind.effect != "procedure" or (one.ended_on or NEVER) <= due_on):
            continue
        over = one.on > ends
        if over and kind.after_end != "renews":
            continue
        anew = one.on if kind.effect == "interrupts" else one.ended_on
        pending = pending or anew is None
        to = NEVER if anew is None else period.from_day(anew, obstacles)
        counted.append(Counted(one.on, one.kind, one.source, over))
        if over or to > ends:
            since, ends = anew or one.on, to
    held = ends == NEVER and not pending
    last = longest if ends == NEVER and held else ends
    if last is not None and longest is not None and last != NEVER:
        last = min(last, longest)
    return Standing(
        as_of, due_on, since + dt.timedelta(days=1), None if last in (None, NEVER) else last, longest, tuple(counted), pending, held,
    )  # fmt: skip


def _known(event: Event, as_of: dt.date) -> Event:
    """The event as it stood on a day: what ended later had not ended."""
    if event.ended_on is None or event.ended_on <= as_of:
        return event
    return Event(event.on, event.kind, event.source, None, event.to)


def _effect(policy: Limitation, event: Event) -> str:
    kind = policy.kind(event.kind)
    return kind.effect if kind else ""


def _order(policy: Limitation, event: Event) -> tuple[dt.date, bool, Event]:
    """By day; of one day what renews first: what else was done on it finds the period running."""
    kind = policy.kind(event.kind)
    return (
        event.on,
        kind is None or kind.after_end != "renews",
        Event(event.on, event.kind, event.source, event.ended_on or NEVER, event.to),
    )
