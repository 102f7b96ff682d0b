"""Until when a guarantor can be held to a guarantee 保证期间: it is kept by one act within it, and nothing interrupts, suspends or prolongs it.

What makes the debt due later moves it only with the guarantor's written consent; without it the period runs from the old day (Civil Code 695 ¶2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daihou.collection.periods import last_day

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from daihou.collection.limitation import Event
    from daihou.policies.limitation import Form, Limitation


@dataclass(frozen=True, slots=True)
class Extension:
    """A later day for the debt. `consented`: the guarantor agreed to it in writing."""

    agreed_on: dt.date
    matures_on: dt.date
    consented: bool


@dataclass(frozen=True, slots=True)
class Duty:
    """A guarantee. `form` is empty where the contract does not say clearly; `agreed_until`, the end that it names, or None."""

    matures_on: dt.date
    """As first agreed."""
    form: Form | None = None
    agreed_until: dt.date | None = None
    extensions: tuple[Extension, ...] = ()
    accelerated_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Guarantee:
    """How a guarantee stands at the end of `as_of`."""

    as_of: dt.date
    form: Form
    matures_on: dt.date
    """The day that the guarantor answers for."""
    ends_on: dt.date
    agreed: bool
    """Whether the contract's own end holds."""
    kept_by: Event | None
    """The first act that kept it; from a demand on a joint guarantor, their own limitation runs."""

    @property
    def lapsed(self) -> bool:
        """Whether the guarantor is free."""
        return self.kept_by is None and self.as_of > self.ends_on

    @property
    def days_left(self) -> int:
        """Days until its last day; below 0 once it is over."""
        return (self.ends_on - self.as_of).days


def guarantee_period(
    policy: Limitation, duty: Duty, events: Iterable[Event], as_of: dt.date, calendar: str
) -> Guarantee:
    """The guarantee period by what happened up to a day."""
    held = policy.guarantees
    form = duty.form or held.unclear_form
    matures_on = _matures_on(policy, duty, as_of)
    agreed = duty.agreed_until is not None and duty.agreed_until > matures_on
    ends_on = (
        duty.agreed_until
        if agreed and duty.agreed_until
        else last_day(matures_on, held.months, calendar, policy.rest_day)
    )
    acts, to = (held.joint_kept_by, "guarantor") if form == "joint" else (held.general_kept_by, "debtor")
    kept = [
        one for one in events
        if one.kind in acts and one.to == to and matures_on <= one.on <= min(ends_on, as_of)
    ]  # fmt: skip
    first = min(kept, key=lambda one: (one.on, one.kind, one.source), default=None)
    return Guarantee(as_of, form, matures_on, ends_on, agreed, first)


def _matures_on(policy: Limitation, duty: Duty, as_of: dt.date) -> dt.date:
    agreed = sorted(one.agreed_on for one in duty.extensions if one.consented and one.agreed_on <= as_of)
    matures_on = duty.matures_on
    if agreed:
        matures_on = max(one.matures_on for one in duty.extensions if one.consented and one.agreed_on == agreed[-1])
    if policy.guarantees.from_acceleration and duty.accelerated_on is not None and duty.accelerated_on <= as_of:
        matures_on = min(matures_on, duty.accelerated_on)
    return matures_on
