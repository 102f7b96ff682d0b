"""What a judged day is made of: lines, sums, bills, and the day itself."""

from dataclasses import dataclass, field
from datetime import date

from laws.facts import LoanRow, Policy, StandingRow
from laws.known import Known

PARTS = ("fee", "interest", "principal")  # the order in which money covers one row
COMPONENTS = ("principal", "interest", "fee", "penalty")
OWES_NOTHING = ("not_started", "closed", "transferred")


@dataclass(slots=True)
class Line:
    """An instalment on the day judged: what it asked, what money covered, what was waived, what is short, by part.

    `own_due` is its (moved) due date; `due` the date on which it is due for money and dpd (earlier if accelerated).
    """

    seq: int
    own_due: date
    due: date
    asked: dict[str, int]
    short: dict[str, int]
    covered_by_money: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PARTS, 0))
    waived: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PARTS, 0))

    @property
    def shortfall(self) -> int:
        """Return what is short in all parts."""
        return self.short["fee"] + self.short["interest"] + self.short["principal"]


@dataclass(slots=True)
class Sums:
    """What the events of a loan came to, beside what they did to its lines; `money` counts for bills."""

    surplus: int = 0
    penalty_pot: int = 0
    penalty_waived: int = 0
    prepaid: int = 0
    capitalised: int = 0
    waived_principal: int = 0
    refund_without_effect: int = 0
    paid: int = 0
    refunded: int = 0
    recovered: int = 0
    written_off: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COMPONENTS, 0))
    fully_written_off: bool = False
    paid_off: bool = False
    transferred_out: bool = False
    extensions: int = 0
    last_paid_on: date | None = None
    money: list[tuple[date, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Bill:
    """A bill on the day judged: its (moved) due date, what is missing of its minimum, whether it is met, what came in since it."""

    bill_on: date
    due: date
    missing: int
    met: bool
    minimum: int
    balance: int
    paid: int


@dataclass(frozen=True, slots=True)
class Day:
    """A loan on one day.

    `lines`, `bills` and `sums` are raw; `gross_principal` (before write-offs) and `net_principal` may be below 0.
    `dpd*`, `charges_accrued` and `principal_outstanding` are what the state makes of them.
    """

    day: date
    basis: str
    state: str
    loan: LoanRow
    policy: Policy
    grace_days: int
    accelerated_on: date | None
    lines: tuple[Line, ...]
    bills: tuple[Bill, ...]
    standing: StandingRow | None
    sums: Sums
    opening: int
    drawn: int
    charges: int
    gross_principal: int
    net_principal: int
    charges_accrued: int
    principal_outstanding: int | None
    dpd: int | None
    dpd_principal: int | None
    dpd_interest: int | None
    oldest_unpaid_due_on: date | None

    @property
    def owes_nothing(self) -> bool:
        """Say whether the state is one in which nothing is owed."""
        return self.state in OWES_NOTHING

    @property
    def measured(self) -> bool:
        """Say whether what comes from the basis is known."""
        return self.owes_nothing or self.basis != "none"

    def is_covered(self, line: Line) -> bool:
        """Say whether what is short of a line is within the tolerance."""
        return line.shortfall <= self.policy.tolerance

    def is_past(self, due: date) -> bool:
        """Say whether a due date is past and past grace."""
        return (self.day - due).days > max(self.grace_days, 0)


@dataclass(slots=True)
class Judging:
    """A day while it is being judged."""

    known: Known
    day: date
    loan: LoanRow
    policy: Policy
    grace_days: int
    basis: str
    accelerated_on: date | None
    standing: StandingRow | None
    lines: list[Line]
    sums: Sums
