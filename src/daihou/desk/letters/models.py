"""Letters, how each was sent and served, the papers that prove it, and the facts they became. Rows are changed by the functions of this app, never by a view."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from daihou.desk.letters.choices import Kind, Receiver, State, To, Why
from daihou.desk.people.models import User


class Wording(models.Model):
    """Words that letters were printed with, kept as they were."""

    digest = models.CharField(max_length=64, unique=True)
    words: models.JSONField[Any, Any] = models.JSONField(default=dict)
    """The fields of `policies.letters.Wording`."""

    def __str__(self) -> str:
        return self.digest[:12]


class Letter(models.Model):
    """A notice to one addressee about one loan, with the figures of a day as they are printed. What it says never changes."""

    kind = models.CharField(max_length=10, choices=Kind)
    loan_id = models.CharField(max_length=255, db_index=True)
    borrower_id = models.CharField(max_length=255, db_index=True)
    addressee_id = models.CharField(max_length=255)
    """The borrower, or a guarantor."""
    to = models.CharField(max_length=10, choices=To)
    as_of = models.DateField()
    """The day of the figures."""
    figures: models.JSONField[Any, Any] = models.JSONField(default=dict)
    """See `figures.Figures`."""
    wording = models.ForeignKey(Wording, models.PROTECT, related_name="letters")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.MADE)
    revision = models.PositiveIntegerField(default=1)
    printed_at = models.DateTimeField(null=True)
    """When it was printed last."""
    served_on = models.DateField(null=True)
    """The day on which it counts as served."""
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    withdrawn_because = models.TextField(blank=True)

    org_id = models.CharField(max_length=80, blank=True)
    lead_org_id = models.CharField(max_length=80, blank=True)
    officer_id = models.CharField(max_length=80, blank=True)
    """Of the loan in the newest run, until it is served or withdrawn (`place`)."""

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["loan_id", "kind", "addressee_id", "as_of"],
                condition=~Q(state="withdrawn"),
                name="a_letter_once",
            ),
            models.CheckConstraint(
                condition=Q(state=State.SERVED, served_on__isnull=False) | ~Q(state=State.SERVED),
                name="served_on_a_day",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "-id"], name="letters_by_state"),
            models.Index(fields=["org_id", "officer_id"], name="letters_by_org"),
            models.Index(fields=["kind", "as_of"], name="letters_by_day"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What people call it: NT-2026-000123."""
        return f"NT-{self.made_at.year}-{self.pk:06d}"


class Service(models.Model):
    """One attempt to serve a letter: how it was sent, and what came of it. What came of it is written once."""

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="services")
    means = models.CharField(max_length=20)
    """A code of the policy `limitation_cn`."""
    sent_on = models.DateField()
    tracking = models.CharField(max_length=60, blank=True)
    agreed_address = models.BooleanField(default=False)
    """Whether the contract names the address as the one to serve at."""
    contact_id = models.BigIntegerField(null=True)
    """The contact that the conduct gate allowed; empty for an announcement."""
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    arrived_on = models.DateField(null=True)
    receiver = models.CharField(max_length=12, choices=Receiver, blank=True)
    acknowledged = models.BooleanField(default=False)
    """Whether the debtor signed on the slip that the debt stands and will be paid."""
    served_on = models.DateField(null=True)
    why = models.CharField(max_length=20, choices=Why, blank=True)
    note = models.TextField(blank=True)
    recorded_at = models.DateTimeField(null=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["letter"], condition=Q(recorded_at=None), name="one_service_under_way")
        ]

    def __str__(self) -> str:
        return f"{self.letter_id} {self.means}"


class ClaimEvent(models.Model):
    """Something that bears on the limitation of a loan's claim, as stated by a paper. Its end may be told once; else never changed, and withdrawn with a reason."""

    loan_id = models.CharField(max_length=255, db_index=True)
    borrower_id = models.CharField(max_length=255)
    kind = models.CharField(max_length=40)
    """A code of the policy `limitation_cn` that people may state."""
    on = models.DateField()
    ended_on = models.DateField(null=True)
    """Of a procedure or an obstacle, once it is over."""
    source = models.CharField(max_length=120)
    """The paper that shows it."""
    note = models.TextField(blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    withdrawn_because = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["loan_id", "kind", "on", "source"], condition=Q(withdrawn_at=None), name="a_claim_event_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.kind} {self.on}"


def proof_path(proof: Proof, _name: str) -> str:
    """Where a proof lies below the home's files: by its digest, whatever it was called."""
    return f"letters/{proof.service_id}/{proof.digest}"


class Proof(models.Model):
    """A paper that proves how a letter was served 回执, sealed with the key of the addressee. Never changed, never taken away."""

    service = models.ForeignKey(Service, models.PROTECT, related_name="proofs")
    name = models.CharField(max_length=200)
    mime = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    """SHA-256 of what it holds."""
    content = models.FileField(upload_to=proof_path, max_length=300)
    at = models.DateTimeField()
    actor = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["service", "digest"], name="a_proof_once")]

    def __str__(self) -> str:
        return self.name


class Fact(models.Model):
    """What a letter became, until it is told to the lake and after."""

    letter = models.ForeignKey(Letter, models.PROTECT, related_name="facts")
    kind = models.CharField(max_length=80)
    at = models.DateTimeField()
    value: models.JSONField[Any, Any] = models.JSONField(default=dict)
    told_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["id"], condition=Q(told_at=None), name="letter_facts_untold")]

    def __str__(self) -> str:
        return f"{self.letter_id} {self.kind}"
