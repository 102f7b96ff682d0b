"""Notices and their way out: what somebody is told, through which channels, how far each is, and how people want it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from daihou.desk.alerts.choices import LEVEL_CHOICES
from daihou.desk.notices.choices import PENDING, STATE_COLOURS, Kept, Kind, State, Trouble, Way
from daihou.desk.people.models import User


class Channel(models.Model):
    """An address of Apprise, of a user or of the lender. The address holds a secret: it is sealed, and never shown again."""

    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="channels")
    """Empty: the lender's, read by a group."""
    name = models.CharField(max_length=60)
    service = models.CharField(max_length=60)
    """What it is, as Apprise calls it: WeCom Bot."""
    tail = models.CharField(max_length=4)
    """The last characters of its address, by which people tell two apart."""
    sealed = models.TextField()
    levels: models.JSONField[Any, Any] = models.JSONField(default=list)
    """The levels that a channel of the lender is told of; unused for a user's, whose preference says it."""
    language = models.CharField(max_length=10, default="zh-hans")
    """Of a channel of the lender."""
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.name} {self.service} …{self.tail}"


class Preference(models.Model):
    """How a user wants to be told, once they chose; until then the defaults of their roles hold."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="notice_preference")
    levels: models.JSONField[Any, Any] = models.JSONField(default=dict)
    """Level to way."""
    kinds: models.JSONField[Any, Any] = models.JSONField(default=dict)
    """Kind to way, for those that do not go by their level."""
    digest_at = models.TimeField()
    """Local time of the digest, on work days."""
    quiet_from = models.TimeField(null=True)
    """Local time from which nothing is sent at once; empty: there are no quiet hours."""
    quiet_to = models.TimeField(null=True)
    red_pierces = models.BooleanField(default=True)
    """Whether red is sent in quiet hours too."""
    by_mail = models.BooleanField(default=True)

    def __str__(self) -> str:
        return str(self.user_id)


class Notice(models.Model):
    """Something that somebody is told, once: what waits, and where. It holds no name and no figure of a person."""

    recipient = models.ForeignKey(User, models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=14, choices=Kind)
    about = models.CharField(max_length=120)
    """What happened, the same for everybody who is told of it: move:815."""
    key = models.CharField(max_length=160, unique=True)
    """What happened, and for whom: written twice, it is one."""
    subject = models.CharField(max_length=60, blank=True)
    """What it concerns: alert:123."""
    level = models.CharField(max_length=8, choices=LEVEL_CHOICES, blank=True)
    path = models.CharField(max_length=200)
    """Where to read on: a path of the desk."""
    params = models.JSONField(default=dict)
    """What the sentence needs: `number`, `due` (ISO with its zone), `stage`."""
    created_at = models.DateTimeField()
    routed_at = models.DateTimeField(null=True)
    """When the sender decided through which channels it goes."""
    kept = models.CharField(max_length=10, choices=Kept, blank=True)
    """Why it goes through none."""
    seen_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    """What it asks for was done, or the alert was closed, before it was read."""

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["recipient", "-id"], name="notices_of_somebody"),
            models.Index(
                fields=["recipient"], condition=Q(seen_at=None, withdrawn_at=None), name="notices_unread"
            ),
            models.Index(fields=["id"], condition=Q(routed_at=None), name="notices_to_be_routed"),
            models.Index(fields=["subject"], condition=Q(withdrawn_at=None), name="notices_by_subject"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.key

    @property
    def unread(self) -> bool:
        """Whether it still waits to be seen at the desk."""
        return self.seen_at is None and self.withdrawn_at is None


class Delivery(models.Model):
    """A notice on its way through one channel. What is due for the same recipient and channel goes out as one message, the parcel."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="deliveries")
    recipient = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    """Empty: a channel of the lender."""
    channel = models.ForeignKey(Channel, models.PROTECT, null=True, related_name="deliveries")
    """Empty: mail."""
    key = models.CharField(max_length=200, unique=True)
    """What goes where: two senders that route the same notice make one."""
    way = models.CharField(max_length=8, choices=Way)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    first_due_at = models.DateTimeField()
    due_at = models.DateTimeField()
    """Not before then it is sent, or tried again."""
    tries = models.PositiveIntegerField(default=0)
    parcel = models.UUIDField(null=True)
    """The message it was handed over in, last."""
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=12, choices=Trouble, blank=True)
    answer = models.CharField(max_length=300, blank=True)
    """What the server said, as far as it holds no secret."""

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(state__in=PENDING), name="deliveries_due"),
            models.Index(fields=["claimed_at"], condition=Q(state=State.SENDING), name="deliveries_in_hand"),
            models.Index(fields=["parcel"], name="deliveries_by_parcel"),
            models.Index(fields=["state", "-id"], name="deliveries_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.state}"

    @property
    def colour(self) -> str:
        """Of its state."""
        return STATE_COLOURS[State(self.state)]
