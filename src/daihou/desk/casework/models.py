"""Cases and what is done on them. Amounts are minor units of the currency beside them. Rows are changed by the functions of this app that say so, never by a view."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.db import models
from django.db.models import Q

from daihou.desk.casework.choices import (
    Act,
    ApprovalAuthority,
    ArrangementKind,
    ArrangementState,
    Closing,
    ComplaintState,
    Hardships,
    PromiseState,
    Stage,
    Track,
)
from daihou.desk.people.models import User

OPEN: Final = Q(closed_at=None)
FACTS: Final = (
    Act.PROMISE_JUDGED, Act.TO_AGENCY, Act.FROM_AGENCY, Act.TO_LITIGATION, Act.FROM_LITIGATION, Act.ARRANGE, Act.HARDSHIP, Act.CLOSE,
)  # fmt: skip
"""Acts that go back to the lake as facts."""


class Agency(models.Model):
    """An outside collector 委外机构; reviewed at least yearly."""

    code = models.CharField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    active = models.BooleanField(default=True)
    reviewed_on = models.DateField(null=True)
    """When it was last reviewed; without a review within the policy's days no case is given to it."""

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Case(models.Model):
    """A borrower in collection. What lists sort and filter by is copied here from the newest run; the claim itself is read from the ledger."""

    borrower_id = models.CharField(max_length=255, db_index=True)
    stage = models.CharField(max_length=12, choices=Stage)
    rank = models.PositiveSmallIntegerField()
    """Place of its stage on the ladder, for sorting."""
    staged_on = models.DateField()
    track = models.CharField(max_length=10, choices=Track, default=Track.HOUSE)
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="cases")
    revision = models.PositiveIntegerField(default=1)
    opened_on = models.DateField()
    """The date of the data that opened it."""
    opened_at = models.DateTimeField()
    closed_on = models.DateField(null=True)
    closed_at = models.DateTimeField(null=True)
    closing = models.CharField(max_length=12, choices=Closing, blank=True)

    org_id = models.CharField(max_length=80, blank=True)
    lead_org_id = models.CharField(max_length=80, blank=True)
    officer_id = models.CharField(max_length=80, blank=True)
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="cases")
    """The collector; empty: in the queue of its org."""
    handed_up_at = models.DateTimeField(null=True)
    """When its collector handed it to the manager; empty once somebody took it."""

    as_of = models.DateField()
    """The date of the run that the figures below come from."""
    currency = models.CharField(max_length=3)
    """Of the amounts: of all loans of the borrower where they share one, else the base currency."""
    dpd = models.PositiveIntegerField(default=0)
    unpaid_due_dates = models.PositiveIntegerField(default=0)
    overdue = models.BigIntegerField(default=0)
    claim = models.BigIntegerField(default=0)
    """What may be asked for now: what is overdue and charged; of what was written off or called due, all that is claimed; before due, what falls due next."""
    exposure = models.BigIntegerField(default=0)
    loans = models.PositiveIntegerField(default=1)
    first_payment = models.BooleanField(default=False)
    """Whether the very first instalment of a loan was never paid 首期逾期."""
    product = models.CharField(max_length=80, blank=True)
    """Of the loan that puts it at its stage."""
    last_paid_on = models.DateField(null=True)

    contacted_at = models.DateTimeField(null=True)
    """When somebody last tried."""
    spoke_at = models.DateTimeField(null=True)
    """When somebody last spoke to the right person."""
    call_at = models.DateTimeField(null=True)
    """When a call was agreed."""
    paused_until = models.DateField(null=True)
    promises_kept = models.PositiveIntegerField(default=0)
    promises_broken = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["borrower_id"], condition=OPEN, name="one_open_case_a_borrower"),
            models.CheckConstraint(
                condition=Q(track=Track.AGENCY, agency__isnull=False) | (~Q(track=Track.AGENCY) & Q(agency=None)),
                name="an_agency_with_its_track",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["owner", "rank"], condition=OPEN, name="cases_by_owner"),
            models.Index(fields=["org_id", "officer_id"], condition=OPEN, name="cases_by_org"),
            models.Index(fields=["rank", "-claim"], condition=OPEN, name="cases_by_stage"),
            models.Index(fields=["-claim", "id"], condition=OPEN, name="cases_by_claim"),
            models.Index(fields=["closed_at"], condition=Q(closed_at__isnull=False), name="cases_by_closing"),
            models.Index(fields=["call_at"], condition=Q(call_at__isnull=False), name="cases_by_call"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What people call it: CO-2026-000123."""
        return f"CO-{self.opened_on.year}-{self.pk:06d}"

    @property
    def open(self) -> bool:
        """Whether it is worked on."""
        return self.closed_at is None


class CaseLoan(models.Model):
    """A loan that a case is about, as the newest run says."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="of_loans")
    loan_id = models.CharField(max_length=255)
    product = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=12)
    stage = models.CharField(max_length=12, choices=Stage)
    currency = models.CharField(max_length=3)
    dpd = models.PositiveIntegerField(default=0)
    overdue = models.BigIntegerField(default=0)
    claim = models.BigIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["-dpd", "loan_id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "loan_id"], name="a_loan_once_a_case")]

    def __str__(self) -> str:
        return self.loan_id


class CaseMove(models.Model):
    """One act on a case: who, when, what. Written once; together they are its course."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="moves")
    at = models.DateTimeField()
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    """Empty: the run or the clock."""
    act = models.CharField(max_length=16, choices=Act)
    stage_before = models.CharField(max_length=12, choices=Stage, blank=True)
    stage_after = models.CharField(max_length=12, choices=Stage)
    note = models.TextField(blank=True)
    detail = models.JSONField(default=dict)
    told_at = models.DateTimeField(null=True)
    """When it went back to the lake as a fact, where it is one."""

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [
            models.Index(fields=["act", "-at"], name="case_moves_by_act"),
            models.Index(fields=["id"], condition=Q(act__in=FACTS, told_at=None), name="case_moves_untold"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.act}"


class Promise(models.Model):
    """What a debtor promised, once. `state` is what it was judged last; the truth is the ledger's."""

    key = models.CharField(max_length=64, unique=True)
    case = models.ForeignKey(Case, models.PROTECT, related_name="promises")
    contact_id = models.BigIntegerField(null=True)
    """The contact in which it was made."""
    loan_ids: models.JSONField[Any, Any] = models.JSONField(default=list)
    currency = models.CharField(max_length=3)
    made_on = models.DateField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    """Who took it."""
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    withdrawn_because = models.TextField(blank=True)
    told_at = models.DateTimeField(null=True)
    withdrawn_told_at = models.DateTimeField(null=True)
    """When that it was made, and that it was withdrawn, went back to the lake as facts."""
    state = models.CharField(max_length=10, choices=PromiseState, default=PromiseState.OPEN)
    received = models.BigIntegerField(default=0)
    judged_as_of = models.DateField(null=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["state", "made_on"], name="promises_by_state"),
            models.Index(fields=["made_by", "-made_at"], name="promises_by_taker"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.made_on} {self.state}"

    @property
    def amount(self) -> int:
        """The sum of its parts."""
        return sum(part.amount for part in self.parts.all())


class PromisePart(models.Model):
    """An amount by a day; its state as judged last."""

    promise = models.ForeignKey(Promise, models.CASCADE, related_name="parts")
    due_on = models.DateField()
    amount = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=PromiseState, default=PromiseState.OPEN)
    received = models.BigIntegerField(default=0)
    kept_on = models.DateField(null=True)

    class Meta:
        ordering: ClassVar = ["due_on", "id"]
        indexes: ClassVar = [models.Index(fields=["due_on"], condition=Q(state="open"), name="promises_due")]

    def __str__(self) -> str:
        return f"{self.due_on} {self.amount}"


class Arrangement(models.Model):
    """A plan, extension, waiver or settlement: drafted, approved by another person, then a decision whose facts come from the core system."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="arrangements")
    kind = models.CharField(max_length=12, choices=ArrangementKind)
    state = models.CharField(max_length=10, choices=ArrangementState, default=ArrangementState.DRAFT)
    revision = models.PositiveIntegerField(default=1)
    loan_ids: models.JSONField[Any, Any] = models.JSONField(default=list)
    currency = models.CharField(max_length=3)
    terms: models.JSONField[Any, Any] = models.JSONField(default=dict)
    """Of `instalments` and `settlement`: `parts`, [[day, minor units], …]. Of `extension`: `months` or `until`. Of `waiver` and `settlement`: `waived` by component."""
    forgiven = models.BigIntegerField(default=0)
    """What is given up: by it the limits of approval go."""
    longest_days = models.PositiveIntegerField(default=0)
    authority = models.CharField(max_length=12, choices=ApprovalAuthority, blank=True)
    """Who may approve it by the limits of policy, as of the submission."""
    reason = models.TextField()
    consent_missing: models.JSONField[Any, Any] = models.JSONField(default=list)
    """Guarantors who are bound and have not agreed in writing, by number, as of the submission."""
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    promise = models.OneToOneField(Promise, models.PROTECT, null=True, related_name="arrangement")
    """What is to be paid by it, judged like any promise."""

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["state", "submitted_at"], name="arrangements_by_state")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind} {self.state}"


class ArrangementMove(models.Model):
    """One act on an arrangement. Written once."""

    arrangement = models.ForeignKey(Arrangement, models.PROTECT, related_name="moves")
    at = models.DateTimeField()
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    state_before = models.CharField(max_length=10, choices=ArrangementState, blank=True)
    state_after = models.CharField(max_length=10, choices=ArrangementState)
    note = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.arrangement_id} {self.state_before} → {self.state_after}"


class Hardship(models.Model):
    """An assessment of what a debtor can pay; amounts a month. Written once; a later one takes its place."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="hardships")
    cause = models.CharField(max_length=12, choices=Hardships)
    currency = models.CharField(max_length=3)
    income = models.BigIntegerField()
    living = models.BigIntegerField()
    """What the household needs to live."""
    other_debts = models.BigIntegerField(default=0)
    lasts_until = models.DateField(null=True)
    """Until when the cause is expected to last; empty: for good."""
    evidence = models.TextField()
    at = models.DateTimeField()
    actor = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.case_id} {self.cause}"

    @property
    def left(self) -> int:
        """What is left a month to pay with, 0 at least."""
        return max(self.income - self.living - self.other_debts, 0)


class Row(models.Model):
    """A place on somebody's list of a day, and why it stands there."""

    day = models.DateField()
    owner = models.ForeignKey(User, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.CASCADE, related_name="rows")
    place = models.PositiveIntegerField()
    reason = models.CharField(max_length=20)
    """A code of `collection.ordering`."""
    values: models.JSONField[Any, Any] = models.JSONField(default=dict)
    """What the reason names: expected recovery, chance, minutes, the promise's day."""
    done_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=14, blank=True)
    """What came of it in a word: an outcome, or what the debtor said."""

    class Meta:
        ordering: ClassVar = ["day", "place"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["day", "case"], name="a_case_once_a_day"),
            models.UniqueConstraint(fields=["day", "owner", "place"], name="a_place_once_a_list"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.owner_id} {self.place}"


class Sample(models.Model):
    """A contact drawn for a look at its quality, and what was seen. `contact_id` is of `contacts`."""

    contact_id = models.BigIntegerField(unique=True)
    collector = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    org_id = models.CharField(max_length=80, blank=True)
    drawn_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True)
    looked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    points: models.JSONField[Any, Any] = models.JSONField(default=dict)
    """By criterion of the policy: true, false."""
    finding = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"sample of {self.contact_id}"


class Complaint(models.Model):
    """A complaint about collection, answered within the policy's work days."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="complaints")
    contact_id = models.BigIntegerField(null=True)
    received_at = models.DateTimeField()
    through = models.CharField(max_length=20)
    """By what way it came: phone, letter, regulator."""
    text = models.TextField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=ComplaintState, default=ComplaintState.OPEN)
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    entered_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["due_at", "id"]

    def __str__(self) -> str:
        return f"complaint {self.pk}"


class Cursor(models.Model):
    """How far the keeper is: one row a purpose."""

    purpose = models.CharField(max_length=20, primary_key=True)
    """`cases`, `promises`, `lists`, `facts`."""
    stamp = models.CharField(max_length=200, blank=True)
    as_of = models.DateField(null=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.purpose} {self.as_of}"
