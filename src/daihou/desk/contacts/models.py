"""People as they are contacted: their points, what holds of them, every contact, every refusal. Written by `contacting`, `points` and `circumstances` alone."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from daihou.desk.contacts.choices import (
    PENDING,
    Channel,
    Kind,
    Outcome,
    Party,
    PointKind,
    Purpose,
    Reminded,
    State,
    Use,
)
from daihou.desk.contacts.troubles import Trouble
from daihou.desk.people.models import User


class Held(models.Model):
    """A person's row, locked while somebody decides on a contact with them: two who dial at once are told one after the other."""

    person_id = models.CharField(max_length=255, primary_key=True)
    revision = models.PositiveIntegerField(default=0)
    """Grows with every decision on a contact."""

    def __str__(self) -> str:
        return self.person_id


class Point(models.Model):
    """A phone number or address of a person, by its keyed token; the value itself is in the vault alone."""

    person_id = models.CharField(max_length=255, db_index=True)
    kind = models.CharField(max_length=8, choices=PointKind)
    token = models.CharField(max_length=32)
    use = models.CharField(max_length=8, choices=Use, default=Use.OWN)
    preferred = models.BooleanField(default=False)
    invalid_at = models.DateTimeField(null=True)
    """When it was last found to reach nobody; empty while it may."""
    gone_at = models.DateTimeField(null=True)
    """When the vault held it no more."""
    made_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-preferred", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person_id", "kind", "token"], name="a_point_once_a_person")
        ]
        indexes: ClassVar = [models.Index(fields=["token"], name="points_by_token")]  # who shares a number

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Circumstance(models.Model):
    """Something that holds of a person: a consent, an opt-out, a dispute, hardship, death. Entered with its ground; lifted, never deleted."""

    person_id = models.CharField(max_length=255, db_index=True)
    kind = models.CharField(max_length=30, choices=Kind)
    channel = models.CharField(max_length=10, choices=Channel, blank=True)
    point = models.ForeignKey(Point, models.PROTECT, null=True, related_name="circumstances")
    loan_id = models.CharField(max_length=255, blank=True)
    """The debt it is about; empty: all."""
    hours_from = models.TimeField(null=True)
    hours_to = models.TimeField(null=True)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    ground = models.TextField()
    """On what ground it was entered: what the person said, which paper shows it."""
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    lifted_because = models.TextField(blank=True)
    told_at = models.DateTimeField(null=True)
    lifted_told_at = models.DateTimeField(null=True)
    """When its beginning and its end went back to the lake as facts."""

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.person_id} {self.kind}"


class Contact(models.Model):
    """A contact that was allowed: a call, a visit, a message. What it came to is added once."""

    key = models.CharField(max_length=64, unique=True)
    """Given by who asks, so that asked twice it is one."""
    person_id = models.CharField(max_length=255)
    debtor_id = models.CharField(max_length=255)
    case_id = models.BigIntegerField(null=True, db_index=True)
    """The case it belongs to; no foreign key, since contacts know nothing of cases."""
    loan_ids: models.JSONField[Any, Any] = models.JSONField(default=list)
    channel = models.CharField(max_length=10, choices=Channel)
    point = models.ForeignKey(Point, models.PROTECT, null=True, related_name="contacts")
    party = models.CharField(max_length=14, choices=Party)
    purpose = models.CharField(max_length=8, choices=Purpose)
    limited = models.BooleanField(default=False)
    inbound = models.BooleanField(default=False)
    """Whether the person began it: it passes no gate, but it counts."""
    agency = models.CharField(max_length=80, blank=True)
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    """Empty: a plan of the desk."""
    asked_at = models.DateTimeField()
    """When it was asked for."""
    at = models.DateTimeField()
    """When it was made, or is to be made: what the gate counts by."""
    outcome = models.CharField(max_length=12, choices=Outcome, default=Outcome.PENDING)
    ended_at = models.DateTimeField(null=True)
    seconds = models.PositiveIntegerField(null=True)
    """How long was spoken."""
    said = models.CharField(max_length=12, blank=True)
    """What the person said, a code of `casework`."""
    note = models.TextField(blank=True)
    policies = models.CharField(max_length=200, blank=True)
    """The versions of the policies that allowed it."""

    state = models.CharField(max_length=10, choices=State, blank=True)
    """Of a message: how far it is."""
    template = models.CharField(max_length=40, blank=True)
    values: models.JSONField[Any, Any] = models.JSONField(default=dict)
    """What the template needs besides what is read when it is sent; no name, no number of a person."""
    language = models.CharField(max_length=10, blank=True)
    due_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    """After it, a message says what is no longer so, and is dropped."""
    tries = models.PositiveIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True)
    number = models.UUIDField(null=True, unique=True)
    """Given to the gateway with the message, the same at every try."""
    trouble = models.CharField(max_length=12, choices=Trouble, blank=True)
    """Why it was not sent, or not yet, or was dropped."""
    answer = models.CharField(max_length=300, blank=True)
    """What the server said, without addresses and numbers."""
    delivered_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    """When it went back to the lake as a fact."""

    class Meta:
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["person_id", "at"], name="contacts_by_person"),
            models.Index(fields=["debtor_id", "at"], name="contacts_by_debtor"),
            models.Index(fields=["at"], name="contacts_by_time"),
            models.Index(fields=["actor", "at"], name="contacts_by_actor"),
            models.Index(fields=["due_at"], condition=Q(state__in=PENDING), name="messages_due"),
            models.Index(fields=["claimed_at"], condition=Q(state=State.SENDING), name="messages_in_hand"),
            models.Index(fields=["id"], condition=Q(told_at=None), name="contacts_untold"),
            models.Index(
                fields=["channel", "state"], condition=Q(state=State.SENT), name="messages_without_receipt"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.channel} {self.person_id} {self.at:%Y-%m-%d %H:%M}"


class Refusal(models.Model):
    """A contact that the gate refused: one row a rule, the most lasting first; `asked` groups those of one decision."""

    asked = models.UUIDField(db_index=True)
    at = models.DateTimeField(db_index=True)
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    agency = models.CharField(max_length=80, blank=True)
    person_id = models.CharField(max_length=255)
    debtor_id = models.CharField(max_length=255)
    case_id = models.BigIntegerField(null=True)
    channel = models.CharField(max_length=10, choices=Channel)
    party = models.CharField(max_length=14, choices=Party)
    policy = models.CharField(max_length=40)
    rule = models.CharField(max_length=60)
    citation = models.CharField(max_length=200)
    until = models.DateTimeField(null=True)
    place = models.PositiveSmallIntegerField(default=0)
    """Its place among the refusals of the decision: 0 is the one that is told."""

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.policy} {self.rule}"


class Reminder(models.Model):
    """That somebody was to be reminded of a due date: planned once, whatever became of it."""

    loan_id = models.CharField(max_length=255)
    due_on = models.DateField()
    step = models.PositiveSmallIntegerField()
    """So many days before the due date."""
    borrower_id = models.CharField(max_length=255, db_index=True)
    org_id = models.CharField(max_length=255, blank=True)
    lead_org_id = models.CharField(max_length=255, blank=True)
    officer_id = models.CharField(max_length=255, blank=True)
    group = models.CharField(max_length=40)
    """Of the policy `reminders`."""
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    """What was to be paid when it was planned; the message says what is when it is sent."""
    state = models.CharField(max_length=10, choices=Reminded)
    channel = models.CharField(max_length=10, choices=Channel, blank=True)
    contact = models.OneToOneField(Contact, models.PROTECT, null=True, related_name="reminder")
    policy = models.CharField(max_length=40, blank=True)
    rule = models.CharField(max_length=60, blank=True)
    citation = models.CharField(max_length=200, blank=True)
    """Of the gate, where it refused."""
    planned_on = models.DateField(db_index=True)
    planned_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["loan_id", "due_on", "step"], name="a_reminder_once_a_step")
        ]
        indexes: ClassVar = [models.Index(fields=["state", "-planned_at"], name="reminders_by_state")]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.due_on} -{self.step}"


class Receipts(models.Model):
    """How far the receipts of a gateway were read: one row a gateway."""

    gateway = models.CharField(max_length=40, primary_key=True)
    after = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.gateway} {self.after}"
