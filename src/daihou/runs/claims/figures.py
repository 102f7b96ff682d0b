"""What a claim is told in: amounts by component, events, days, uncovered instalments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    import datetime as dt

Kind = Literal["due", "charge", "waiver", "change", "payment"]


@dataclass(frozen=True, slots=True)
class Owed:
    """Amounts by component, minor units of the loan's currency.

    `unsplit` is what only a sum is known of: the minimum of a bill, or a written-off balance that the lender reported.
    """

    principal: int = 0
    interest: int = 0
    fee: int = 0
    charges: int = 0
    unsplit: int = 0

    @property
    def total(self) -> int:
        """All together."""
        return self.principal + self.interest + self.fee + self.charges + self.unsplit

    def __add__(self, other: Owed) -> Owed:
        return Owed(
            self.principal + other.principal, self.interest + other.interest, self.fee + other.fee, self.charges + other.charges,
            self.unsplit + other.unsplit,
        )  # fmt: skip

    def __neg__(self) -> Owed:
        return Owed(-self.principal, -self.interest, -self.fee, -self.charges, -self.unsplit)

    def __sub__(self, other: Owed) -> Owed:
        return self + -other


NOTHING: Final = Owed()


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a claim on a day, or fell due.

    `effect` is by how much it moved what is owed: a payment of what is not due yet moves nothing on its day. `amount` is what was paid or charged as
    stated; None for changes and for what fell due. `about` is the purpose of a payment, the kind of a charge or change, or `instalment`, `bill`.
    """

    on: dt.date
    kind: Kind
    about: str
    ref: str
    """The number of the payment, charge or change; the instalment's number; empty for a bill."""
    amount: int | None
    effect: Owed


@dataclass(frozen=True, slots=True)
class Day:
    """What is owed at the end of a day, and how it came to that since the asked day before it (for the first one: since the day before).

    opening + due + charged - paid - waived + changed = owed, component by component. `changed` is what a change of the contract, of the plan or of the
    loan's state moved; on other days it is nothing. Where it cannot be measured what is owed, `owed` is None and the next opening is nothing.
    """

    on: dt.date
    state: str
    dpd: int | None
    opening: Owed
    due: Owed
    charged: Owed
    paid: Owed
    waived: Owed
    changed: Owed
    owed: Owed | None
    in_grace: int
    """What was due before the day and is short, while its days of grace last: late, but not owed yet."""
    falls_due: int
    """What falls due on this very day and is short at its end."""
    events: tuple[Event, ...]

    @property
    def to_clear(self) -> int | None:
        """What is to be paid by the end of the day, so that nothing that was due by then stays unpaid; None where it cannot be measured."""
        return None if self.owed is None else self.owed.total + self.in_grace + self.falls_due


@dataclass(frozen=True, slots=True)
class Line:
    """An instalment (or, on cards and lines, a bill) that is past due and not covered, with what is short of it; `days`: how many days late."""

    seq: int | None
    """The instalment's number; None for a bill."""
    due_on: dt.date
    owed: Owed
    days: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A loan's claim over days, as known on one; `lines` are what is uncovered at the end of `on`, the oldest first.

    Of a loan that was written off or called due at once what is owed is all that is claimed, and lines, which know no recovery, need not come to it.
    """

    loan_id: str
    currency: str
    on: dt.date
    known_on: dt.date
    days: tuple[Day, ...]
    lines: tuple[Line, ...]
