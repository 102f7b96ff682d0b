"""Webhooks, what happened that they are told of, and how far each telling is."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from daihou.desk.people.models import User
from daihou.desk.webhooks.choices import (
    HOOK_COLOURS,
    LISTENING,
    PENDING,
    STATE_COLOURS,
    HookState,
    Kind,
    State,
    Trouble,
)


class Hook(models.Model):
    """An address elsewhere that is told of some kinds of events, as far as a user may see what they are about."""

    name = models.CharField(max_length=60)
    url = models.CharField(max_length=500)
    user = models.ForeignKey(User, models.PROTECT, related_name="hooks")
    """As whom it listens: it is told what this user's roles reach, as they are when it is sent."""
    kinds: models.JSONField[Any, Any] = models.JSONField(default=list)
    """Codes of `Kind`."""
    state = models.CharField(max_length=8, choices=HookState, default=HookState.ACTIVE)
    secret = models.TextField()
    """What its requests are signed with, sealed."""
    older_secret = models.TextField(blank=True)
    """The secret before it, sealed, by which they are signed too until `older_until`."""
    older_until = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    """Tries that failed since one was answered well."""
    rests_until = models.DateTimeField(null=True)
    """After a failure nothing is sent to it before then, so that a receiver in trouble is left in peace."""
    answered_at = models.DateTimeField(null=True)
    """When it last answered well, to a minute."""
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def colour(self) -> str:
        """Of its state."""
        return HOOK_COLOURS[HookState(self.state)]

    @property
    def kind_labels(self) -> list[str]:
        """What its kinds are called, in the order of all kinds."""
        return [str(kind.label) for kind in Kind if kind.value in self.kinds]

    @staticmethod
    def listening() -> models.QuerySet[Hook]:
        """The hooks for which events are kept."""
        return Hook.objects.filter(state__in=LISTENING, removed_at=None)


class HookEvent(models.Model):
    """Something that happened, written in the transaction in which it did, if any hook wants to know. It holds no name of a person."""

    uid = models.CharField(max_length=40, unique=True)
    """The id that the receiver reads, the same however often it is sent."""
    kind = models.CharField(max_length=24, choices=Kind)
    subject = models.CharField(max_length=60)
    """What it happened to: alert:123."""
    at = models.DateTimeField()
    path = models.CharField(max_length=200)
    """Where to read on: a path of the desk."""
    data = models.JSONField(default=dict)
    org_id = models.CharField(max_length=80, blank=True)
    lead_org_id = models.CharField(max_length=80, blank=True)
    officer_id = models.CharField(max_length=80, blank=True)
    owner_id = models.BigIntegerField(null=True)
    """Where its subject stood then: who reaches it may be told."""
    routed_at = models.DateTimeField(null=True)
    """When the sender decided which hooks are told."""

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(routed_at=None), name="hook_events_to_be_routed"),
            models.Index(fields=["at"], name="hook_events_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class Delivery(models.Model):
    """An event on its way to one hook."""

    event = models.ForeignKey(HookEvent, models.CASCADE, related_name="deliveries")
    hook = models.ForeignKey(Hook, models.PROTECT, related_name="deliveries")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    first_due_at = models.DateTimeField()
    due_at = models.DateTimeField()
    """Not before then it is sent, or tried again."""
    tries = models.PositiveIntegerField(default=0)
    claim = models.UUIDField(null=True)
    """Which sender has it in hand: what another one marks after that counts no more."""
    claimed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    """When it was delivered, given up or dropped."""
    trouble = models.CharField(max_length=12, choices=Trouble, blank=True)
    status = models.PositiveSmallIntegerField(null=True)
    """The HTTP status of the last answer."""
    answer = models.TextField(blank=True)
    """What the receiver said last, its beginning."""
    course: models.JSONField[Any, Any] = models.JSONField(default=list)
    """Each try since it was last begun: [moment, trouble or empty, status or null, milliseconds]."""

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event", "hook"], name="an_event_once_a_hook"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["hook", "due_at"], condition=Q(state__in=PENDING), name="hook_deliveries_due"),
            models.Index(fields=["claimed_at"], condition=Q(state=State.SENDING), name="hook_deliveries_in_hand"),
            models.Index(fields=["state", "-id"], name="hook_deliveries_by_state"),
            models.Index(fields=["hook", "-id"], name="hook_deliveries_by_hook"),
            models.Index(fields=["ended_at"], condition=Q(ended_at__isnull=False), name="hook_deliveries_ended"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} to {self.hook_id} {self.state}"

    @property
    def colour(self) -> str:
        """Of its state."""
        return STATE_COLOURS[State(self.state)]


class SeenRun(models.Model):
    """A run of which hooks were told, or that was there before: by the file of its record, which no other run writes."""

    file = models.CharField(max_length=200, unique=True)
    """Empty in the one row that says that runs were looked at at all."""
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.file
