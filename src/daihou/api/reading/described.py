"""What answers hold, for the description of the API. Answers are written without these: to check each row again takes longer than to read it.

A test holds the two together.
"""

from __future__ import annotations

from typing import Any, Generic, TypeAlias, TypeVar

from ninja import Field, Schema

T = TypeVar("T")


class Meta(Schema):
    """What an answer is about; which of these it says is up to the list."""

    as_of: str | None = Field(None, description="The data date.")
    known_on: str | None = Field(None, description="By which day's knowledge.")
    run: str | None = Field(None, description="Names the run that was read: another run of the same pair of dates has another name.")  # fmt: skip
    base_currency: str | None = Field(None, description="The currency of amounts that have none of their own.")


class Page(Schema, Generic[T]):
    """A page of a list."""

    data: list[T]
    next: str | None = Field(..., description="What `after` is to be for the next page; null on the last.")
    meta: Meta


class One(Schema, Generic[T]):
    """One thing."""

    data: T
    meta: Meta


class Text(Schema):
    """A text in both languages."""

    en: str
    zh: str


class Signal(Schema):
    """A signal."""

    signal_id: str
    rule_id: str
    version: int
    shadow: bool
    subject: str
    subject_id: str
    borrower_id: str | None
    org_id: str | None
    officer_id: str | None
    level: str | None
    opened_on: str
    currency: str | None = Field(..., description="Of the amounts that its rule looks at.")
    balance: str | None = Field(..., description="In the base currency.")
    base_currency: str
    condition: str | None
    message: Text
    evidence: dict[str, Any] | None = Field(..., description="The values that it was judged by; null where its subject was gone.")  # fmt: skip


class OpenSignal(Signal):
    """A signal that is open."""

    hits: int
    clears: int


class SaidSignal(Signal):
    """What a night said."""

    as_of: str
    transition: str = Field(..., description="opened, cleared, ended or retired.")


class ToldSignal(Signal):
    """What the stream said."""

    seq: int
    as_of: str
    transition: str = Field(..., description="opened, cleared, ended, withdrawn or resumed.")
    stands: bool = Field(..., description="Whether it is open after it.")
    place: int = Field(..., description="Of the newest event that had come.")
    accepted_at: str
    at: str


class Alert(Schema):
    """An alert."""

    id: int
    number: str
    revision: int = Field(..., description="Grows with every act; what `If-Match` names.")
    borrower_id: str | None = Field(..., description="Null where it is about a scoring model.")
    model: str | None = Field(..., description="The version of a scoring model that it is about, else null.")
    topic: str
    source: str
    level: str
    stage: str
    conclusion: str | None
    proposed_level: str | None
    outcome: str | None
    rule_id: str | None
    version: int | None
    signals_open: int
    signals_all: int
    org_id: str | None
    lead_org_id: str | None
    officer_id: str | None
    owner: str | None = Field(..., description="A user name.")
    escalated_org_id: str | None = Field(..., description="Empty: head office.")
    duplicate_of: int | None
    exposure: str = Field(..., description="In the base currency.")
    ceased_on: str | None
    raised_on: str
    snoozed_until: str | None
    raised_at: str
    staged_at: str
    due_at: str | None
    concluded_at: str | None
    confirmed_at: str | None
    escalated_at: str | None
    chased_at: str | None
    closed_at: str | None
    reason: Text | None = Field(..., description="Null where it was written by hand and the program may not read what people write.")  # fmt: skip


class AlertSignal(Schema):
    """A signal that an alert stands on."""

    signal_id: str
    rule_id: str
    version: int
    subject: str
    subject_id: str
    level: str
    opened_on: str
    ended_on: str | None
    ended_by: str | None
    currency: str | None
    condition: str
    message: Text
    evidence: dict[str, Any] | None
    sentence: Text | None = Field(..., description="The condition in words.")
    tree: dict[str, Any] | None = Field(..., description="The condition node by node, with what each came to.")


class Move(Schema):
    """An act on an alert."""

    at: str
    by: str | None = Field(..., description="A user name; null for a run or the clock.")
    act: str
    stage_before: str | None
    stage_after: str
    level_before: str | None
    level_after: str
    note: str | None
    detail: dict[str, Any]


class WholeAlert(Alert):
    """An alert with its history and why."""

    signals: list[AlertSignal]
    history: list[Move]
    notes_withheld: bool = Field(..., description="Whether what people wrote was left out, since it may name people.")


class CaseLoan(Schema):
    """A loan of a case."""

    loan_id: str
    product: str | None
    state: str
    stage: str
    currency: str
    dpd: int
    overdue: str
    claim: str


class Case(Schema):
    """A collection case in brief."""

    id: int
    number: str
    revision: int
    borrower_id: str
    stage: str
    track: str
    closing: str | None
    org_id: str | None
    lead_org_id: str | None
    officer_id: str | None
    product: str | None
    owner: str | None = Field(..., description="A user name.")
    agency: str | None
    currency: str
    overdue: str
    claim: str = Field(..., description="What may be asked for now.")
    exposure: str
    dpd: int
    unpaid_due_dates: int
    first_payment: bool
    promises_kept: int
    promises_broken: int
    open_promise: int | None
    opened_on: str
    staged_on: str
    closed_on: str | None
    as_of: str
    paused_until: str | None
    last_paid_on: str | None
    contacted_at: str | None
    spoke_at: str | None
    call_at: str | None
    handed_up_at: str | None
    closed_at: str | None
    loans: list[CaseLoan]


class PromisePart(Schema):
    """An amount by a day, and what it came to."""

    due_on: str
    amount: str
    received: str
    state: str
    kept_on: str | None


class Promise(Schema):
    """A promise to pay."""

    id: int
    case: str
    borrower_id: str
    loan_ids: list[str]
    currency: str
    amount: str
    received: str
    state: str
    made_on: str
    made_at: str
    made_by: str
    withdrawn_at: str | None
    judged_as_of: str | None
    parts: list[PromisePart]


class Run(Schema):
    """What a run wrote."""

    as_of: str
    known_on: str
    run: str
    batch: int | None = Field(..., description="The last delivery that it saw.")
    rules: str | None = Field(..., description="Names its policies.")
    kernels: str | None = Field(..., description="Names its arithmetic.")
    loans: int | None
    unmeasured: int | None
    breaks: int | None
    rulebook: str | None
    follows: str | None = Field(..., description="The date whose memory of rules it followed.")
    said: bool | None = Field(..., description="Whether it spoke for its date.")


class WholeRun(Run):
    """A run, how its totals tie, and how each rule fared."""

    tie: dict[str, Any]
    rules_watched: list[dict[str, Any]]


class Code(Schema):
    """A code with its labels."""

    code: str
    en: str
    zh: str


class Measure(Schema):
    """A column of a snapshot."""

    name: str
    subject: str
    family: str
    family_label: Text
    label: Text
    meaning: Text
    unit: str
    bad: str = Field(..., description="high, low or none: which way is bad.")
    signed: bool
    codes: list[Code]
    other_codes: bool


class RuleVersion(Schema):
    """A version of a rule."""

    number: int
    from_on: str | None
    shadow_from: str | None
    retired: bool
    level: str
    when: str
    segment: str | None
    clear: str | None
    confirm: int
    clear_times: int
    cooldown_days: int
    due_work_days: int
    notify: list[str]
    owner: str | None
    message: Text
    reason: Text


class Rule(Schema):
    """A warning rule."""

    id: str
    name: Text
    topic: str
    subject: str
    judged_by: str = Field(..., description="night, or stream: a watch within the day.")
    versions: list[RuleVersion]


class Owed(Schema):
    """Amounts by component."""

    principal: str
    interest: str
    fee: str
    charges: str
    unsplit: str
    total: str


class ClaimEvent(Schema):
    """What happened to a claim, or fell due."""

    on: str
    kind: str
    about: str
    ref: str
    amount: str | None
    effect: Owed


class ClaimDay(Schema):
    """What is owed at the end of a day: opening + due + charged - paid - waived + changed = owed."""

    on: str
    state: str
    dpd: int | None
    opening: Owed
    due: Owed
    charged: Owed
    paid: Owed
    waived: Owed
    changed: Owed
    owed: Owed | None
    in_grace: str
    falls_due: str
    to_clear: str | None
    events: list[ClaimEvent]


class ClaimLine(Schema):
    """An instalment or bill that is past due and not covered."""

    seq: int | None
    due_on: str
    days: int
    owed: Owed


class Claim(Schema):
    """What is owed on a loan."""

    loan_id: str
    currency: str
    on: str
    known_on: str
    days: list[ClaimDay]
    lines: list[ClaimLine]


Row: TypeAlias = dict[str, Any]
"""Columns as GET /measures tells them: amounts as decimals in text, dates as ISO texts, null where it was not measured."""
