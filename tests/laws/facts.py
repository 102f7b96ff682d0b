"""The facts of one loan, as the laws and the slow reference see them.

Columns carry the contract's names; columns that no rule of docs/guides/standing.md reads are left out, and so is
`loan_id`, because a `Book` holds one loan. Money is in minor units; what is optional and absent is None.
`arrival` is the total order of intake (batch, then place in the file).
"""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What every fact carries: when the lender knew it, and its place in the order of arrival."""

    known_on: date
    arrival: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanRow(Fact):
    """One version of the loan; `repayment_method` revolving makes it a line."""

    principal: int
    disbursed_on: date
    matures_on: date | None = None
    repayment_method: str | None = None
    grace_days: int | None = None
    closed_on: date | None = None
    effective_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalmentRow(Fact):
    """One version of the instalment `seq`."""

    seq: int
    due_on: date
    principal: int
    interest: int
    fee: int = 0
    effective_on: date | None = None
    cancelled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRow(Fact):
    """One version of a payment, or of a reversal where `reverses` is given."""

    payment_id: str
    paid_on: date
    amount: int
    purpose: str = "scheduled"
    seq: int | None = None
    principal: int | None = None
    interest: int | None = None
    fee: int | None = None
    penalty: int | None = None
    reverses: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow(Fact):
    """One version of a change to the loan."""

    change_id: str
    kind: str
    effective_on: date
    principal: int | None = None
    interest: int | None = None
    fee: int | None = None
    penalty: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeRow(Fact):
    """One version of a charge, or of a reversal where `reverses` is given."""

    charge_id: str
    kind: str
    from_on: date
    amount: int
    to_on: date | None = None
    reverses: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawRow(Fact):
    """One version of the draw of a day; its key is `drawn_on`."""

    drawn_on: date
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BillRow(Fact):
    """One version of a bill; its key is `bill_on`."""

    bill_on: date
    due_on: date
    balance: int
    minimum_due: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingRow(Fact):
    """One version of the lender's own figures of a period end; its key is `as_of`."""

    as_of: date
    dpd: int | None = None
    principal_outstanding: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How the loan's product is judged from a day on; `tolerance` in minor units, `order` horizontal or vertical."""

    from_on: date
    grace_days: int = 0
    holiday: bool = False
    tolerance: int = 0
    order: str = "horizontal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Everything known, ever, about one loan, with the policies of its product.

    `work_day` is the calendar: the dates that are *not* worked, and from which a due date is moved on.
    """

    loans: tuple[LoanRow, ...] = ()
    instalments: tuple[InstalmentRow, ...] = ()
    payments: tuple[PaymentRow, ...] = ()
    changes: tuple[ChangeRow, ...] = ()
    charges: tuple[ChargeRow, ...] = ()
    draws: tuple[DrawRow, ...] = ()
    bills: tuple[BillRow, ...] = ()
    standings: tuple[StandingRow, ...] = ()
    policies: tuple[Policy, ...] = ()
    work_day: frozenset[date] = field(default_factory=frozenset)
    standing_days: int = 31
    retail_days: int = 90
    instalment_retail: bool = False
