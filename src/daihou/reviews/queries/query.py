"""What the gate of credit reports is asked and told: a query, consents, what binds a person to the lender, past queries, and what it decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import datetime as dt
    from decimal import Decimal

    from daihou.policies.credit_queries import Outcome, PersonKind, Reason, State

__all__ = ["Basis", "Consent", "Decision", "Dispute", "Duty", "Loan", "Past", "Query", "Refusal", "Standing"]


@dataclass(frozen=True, slots=True)
class Query:
    """A report that somebody is about to ask for. `asked_at` carries its zone; any zone will do."""

    person_id: str
    """Whom it is about: a borrower, or a guarantor of one."""
    kind: PersonKind
    bureau: str
    reason: Reason
    asked_at: dt.datetime
    asked_by: str
    """The role, by its code."""
    cost: Decimal
    """What it is expected to cost at most, in the home's currency."""


@dataclass(frozen=True, slots=True)
class Consent:
    """A written consent of a person: for which purposes, to which bureaus, and from which moment on until which, not included."""

    person_id: str
    document: str
    """Where it is written: the number of a contract or authorisation."""
    purposes: frozenset[Reason]
    given_at: dt.datetime
    bureaus: frozenset[str] | None = None
    """None: all."""
    until: dt.datetime | None = None
    """None: until it is withdrawn."""
    withdrawn_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Loan:
    """How a loan stands; `closed_on` is the day on which it was closed or transferred. One that has ended without a day counts as ended ever since."""

    loan_id: str
    state: State
    closed_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """A guarantee for a loan of somebody else. It ends with the loan, or on the day it is released."""

    loan: Loan
    released_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Dispute:
    """Somebody disputes what was reported of them, from a day on until it is settled."""

    number: str
    opened_on: dt.date
    settled_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What binds the person to the lender."""

    loans: tuple[Loan, ...] = ()
    duties: tuple[Duty, ...] = ()
    disputes: tuple[Dispute, ...] = ()


@dataclass(frozen=True, slots=True)
class Past:
    """A query that was made of anybody. Until its outcome is known it is `unclear`, and its cost the one expected."""

    number: str
    """By which its result can be asked for."""
    person_id: str
    bureau: str
    at: dt.datetime
    outcome: Outcome
    cost: Decimal
    report_id: str | None = None
    """The report, where it was answered."""
    report_on: dt.date | None = None
    """The day that the report says it is of; None: that of the query."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One rule that forbids a query, with its source; texts are complete sentences.

    `earliest` is the first moment at which this rule would allow it, None where no passing of time helps.
    """

    policy: str
    rule: str
    citation: str
    en: str
    zh: str
    earliest: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Basis:
    """What an allowed query stands on: a consent, by its document, or an exemption, by its article."""

    kind: Literal["consent", "exemption"]
    reference: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What the gate says: every refusal, the most lasting first, or what the query stands on.

    `report_id`: it is allowed, and a report at hand answers it: nothing is sent, nothing is paid. `earliest` is the first moment at or after the one asked about,
    in UTC, at which all rules allow it while all else is as it is now; None: none by itself. `basis` is None where it is refused, or no rule asks for a consent.
    """

    refusals: tuple[Refusal, ...]
    earliest: dt.datetime | None
    basis: Basis | None = None
    report_id: str | None = None

    @property
    def allowed(self) -> bool:
        """Whether it may be made now."""
        return not self.refusals
