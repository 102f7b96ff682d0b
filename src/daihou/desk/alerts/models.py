"""Alerts, the signals they stand on, everything done to them, and the customers' own warning levels. Changed by `transitions` alone."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django.db import models
from django.db.models import Q

from daihou.desk.alerts.choices import (
    LEVEL_CHOICES,
    RANKS,
    TOPIC_CHOICES,
    Act,
    Conclusion,
    Listing,
    Outcome,
    Source,
    Stage,
    TaskKind,
)
from daihou.desk.alerts.watches import is_watch
from daihou.desk.people.models import User

OPEN: Final = Q(closed_at=None)


class Alert(models.Model):
    """What the open signals of one topic about a borrower, or about a version of a scoring model, are worked as: one open alert at most.

    `exposure` is in minor units of the base currency. `rank` follows `level`; both follow the worst open signal upwards. What lists
    sort and filter by is copied here, since the lake and the database are never joined.
    """

    borrower_id = models.CharField(max_length=80, blank=True, db_index=True)
    """Empty where it is about a model."""
    model = models.CharField(max_length=80, blank=True, default="")
    """The version of a scoring model that it is about, as rules name it; empty where it is about a borrower."""
    topic = models.CharField(max_length=12, choices=TOPIC_CHOICES)
    source = models.CharField(max_length=8, choices=Source, default=Source.SIGNAL)
    level = models.CharField(max_length=8, choices=LEVEL_CHOICES)
    rank = models.PositiveSmallIntegerField()
    stage = models.CharField(max_length=8, choices=Stage, default=Stage.CHECK)
    conclusion = models.CharField(max_length=12, choices=Conclusion, blank=True)
    """What the check found, then what was confirmed; empty before."""
    proposed_level = models.CharField(max_length=8, choices=LEVEL_CHOICES, blank=True)
    """What the check proposes, until it is confirmed."""
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    duplicate_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="duplicates")
    revision = models.PositiveIntegerField(default=1)
    """Grows with every act but comments and files, so that who acts shows that they saw the one before."""

    rule_id = models.CharField(max_length=40, blank=True)
    """The rule of its worst open signal, the newest of those; of the worst ever, where none is open. Empty where it was raised by hand."""
    version = models.PositiveIntegerField(null=True)
    lead = models.ForeignKey("AlertSignal", models.SET_NULL, null=True, related_name="+")
    """The signal that gives the reason in lists."""
    signals_open = models.PositiveIntegerField(default=0)
    signals_all = models.PositiveIntegerField(default=0)
    ceased_on = models.DateField(null=True)
    """When the last of its signals ceased: lifting is proposed. Empty while one is open."""
    reason = models.TextField(blank=True)
    """Why it was raised by hand."""

    org_id = models.CharField(max_length=80, blank=True)
    lead_org_id = models.CharField(max_length=80, blank=True)
    """The org that leads the borrower 主办机构, where it is another."""
    officer_id = models.CharField(max_length=80, blank=True)
    """The customer manager 管户 by officer number."""
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="alerts")
    escalated_org_id = models.CharField(max_length=80, null=True)
    """The org that it was escalated to; '' is head office, None: it was not."""
    escalated_at = models.DateTimeField(null=True)
    chased_at = models.DateTimeField(null=True)
    """When the owner was chased last 督办."""

    exposure = models.BigIntegerField(default=0)
    raised_on = models.DateField()
    """The date of the data that raised it."""
    raised_at = models.DateTimeField()
    staged_at = models.DateTimeField()
    """When its stage began."""
    due_at = models.DateTimeField(null=True)
    """Until when its stage is to be done; empty once it is closed."""
    concluded_at = models.DateTimeField(null=True)
    """When somebody first said what it is."""
    confirmed_at = models.DateTimeField(null=True)
    snoozed_until = models.DateField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["borrower_id", "model", "topic"], condition=OPEN, name="one_open_alert_a_subject_and_topic"
            ),
            models.CheckConstraint(
                condition=Q(borrower_id="") & ~Q(model="") | ~Q(borrower_id="") & Q(model=""),
                name="about_a_borrower_or_a_model",
            ),
            models.CheckConstraint(
                condition=Q(stage=Stage.CLOSED, closed_at__isnull=False) | (~Q(stage=Stage.CLOSED) & OPEN),
                name="closed_is_a_stage",
            ),
            models.CheckConstraint(condition=Q(snoozed_until=None) | ~Q(level="red"), name="red_never_rests"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at", "id"], condition=OPEN, name="open_by_due"),
            models.Index(fields=["rank", "due_at"], condition=OPEN, name="open_by_level"),
            models.Index(fields=["-exposure", "id"], condition=OPEN, name="open_by_exposure"),
            models.Index(fields=["owner", "due_at"], condition=OPEN, name="open_by_owner"),
            models.Index(fields=["org_id", "officer_id"], condition=OPEN, name="open_by_org"),
            models.Index(fields=["rule_id", "-concluded_at"], name="concluded_by_rule"),
            models.Index(
                fields=["raised_on", "org_id", "lead_org_id", "officer_id", "owner", "model"], name="alerts_by_date"
            ),  # with all that a reach asks for, so that weeks are counted in it alone
            models.Index(fields=["confirmed_at"], condition=Q(confirmed_at__isnull=False), name="confirmed_by_time"),
            models.Index(fields=["id"], condition=OPEN, name="open_by_id"),  # what counts walks the rows as they lie
            models.Index(
                fields=["-closed_at"], condition=Q(closed_at__isnull=False), name="closed_by_time"
            ),  # else SQLite looks for what is open there
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What people call it: AL-2026-000123."""
        return f"AL-{self.raised_on.year}-{self.pk:06d}"

    @property
    def subject_id(self) -> str:
        """Whom or what it is about: the number of the borrower, or the version of the model."""
        return self.borrower_id or self.model

    @property
    def open(self) -> bool:
        """Whether it is worked on."""
        return self.closed_at is None

    @property
    def snoozed(self) -> bool:
        """Whether it rests. Whose end has come wakes by the clock; until that ran, it still rests."""
        return self.snoozed_until is not None

    @property
    def ceased(self) -> bool:
        """Whether all its signals ceased, so that lifting it is proposed."""
        return self.open and self.ceased_on is not None

    @staticmethod
    def rank_of(level: str) -> int:
        """The place of a level from the most urgent on."""
        return RANKS[level]


class AlertSignal(models.Model):
    """A signal that an alert stands on: copied from the run, or from what the stream said.

    One that stands again after its alert was lifted is copied to another alert; it stands under one at most.
    """

    alert = models.ForeignKey(Alert, models.PROTECT, related_name="signals")
    signal_id = models.CharField(max_length=24)
    rule_id = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    subject = models.CharField(max_length=8)
    subject_id = models.CharField(max_length=80)
    level = models.CharField(max_length=8, choices=LEVEL_CHOICES)
    opened_on = models.DateField()
    ended_on = models.DateField(null=True)
    """The date on which it ceased."""
    ended_by = models.CharField(max_length=10, blank=True)
    """The transition that ended it: cleared, ended, retired or withdrawn."""
    told_on = models.DateField(null=True)
    """The business date on which the stream changed it, until the night has spoken for that date."""
    currency = models.CharField(max_length=3, blank=True)
    condition = models.TextField(blank=True)
    evidence = models.TextField(blank=True)
    """As in the run's `signals`."""

    class Meta:
        ordering: ClassVar = ["-opened_on", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["signal_id", "alert"], name="a_signal_once_an_alert"),
            models.UniqueConstraint(
                fields=["signal_id"], condition=Q(ended_on=None), name="a_signal_stands_under_one_alert"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["rule_id", "version"], name="signals_by_rule"),
            models.Index(fields=["told_on"], condition=Q(told_on__isnull=False), name="signals_told_by_the_stream"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.subject_id} {self.opened_on}"

    @property
    def by_a_run(self) -> bool:
        """Whether a run has said it, so that the pages of signals know it; else the stream alone has, so far or for ever."""
        return self.told_on is None and not is_watch(self.rule_id)


class Move(models.Model):
    """One act: who, when, from which stage and level to which, with what words. Written once; together they are the timeline."""

    alert = models.ForeignKey(Alert, models.PROTECT, related_name="moves")
    at = models.DateTimeField()
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    """Empty: the run or the clock."""
    act = models.CharField(max_length=14, choices=Act)
    stage_before = models.CharField(max_length=8, choices=Stage, blank=True)
    stage_after = models.CharField(max_length=8, choices=Stage)
    level_before = models.CharField(max_length=8, choices=LEVEL_CHOICES, blank=True)
    level_after = models.CharField(max_length=8, choices=LEVEL_CHOICES)
    note = models.TextField(blank=True)
    detail = models.JSONField(default=dict)
    """What the act needs besides: `conclusion`, `owner`, `owner_before`, `until`, `signal_id`, `rule_id`, `org_id`, `file`, `task`, `mentions`, `bulk`."""

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["act", "-at"], name="moves_by_act")]

    def __str__(self) -> str:
        return f"{self.alert_id} {self.act} {self.stage_before} → {self.stage_after}"

    @classmethod
    def newest(cls) -> int:
        """The number of the newest act; 0 before the first."""
        return int(cls.objects.aggregate(n=models.Max("pk"))["n"] or 0)


class Customer(models.Model):
    """A borrower's own warning level and list, set by people, apart from the alerts. Who is on no list and has no level has no row."""

    borrower_id = models.CharField(max_length=80, primary_key=True)
    level = models.CharField(max_length=8, choices=LEVEL_CHOICES, blank=True)
    listing = models.CharField(max_length=8, choices=Listing, blank=True)
    revision = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.borrower_id} {self.level} {self.listing}"


class CustomerMove(models.Model):
    """A change of a customer's level or list. Written once."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="moves")
    at = models.DateTimeField()
    actor = models.ForeignKey(User, models.PROTECT, related_name="+")
    level_before = models.CharField(max_length=8, choices=LEVEL_CHOICES, blank=True)
    level_after = models.CharField(max_length=8, choices=LEVEL_CHOICES, blank=True)
    listing_before = models.CharField(max_length=8, choices=Listing, blank=True)
    listing_after = models.CharField(max_length=8, choices=Listing, blank=True)
    note = models.TextField()

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.level_before} → {self.level_after}"


class Task(models.Model):
    """Something that the level of an alert asks for. Modules that will do it (limits, grading, reviews) take it over from here."""

    alert = models.ForeignKey(Alert, models.PROTECT, related_name="tasks")
    kind = models.CharField(max_length=20, choices=TaskKind)
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="alert_tasks")
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    dropped = models.BooleanField(default=False)
    note = models.TextField(blank=True)
    """What came of it, or why it was dropped."""

    class Meta:
        ordering: ClassVar = ["due_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["alert", "kind"], condition=Q(ended_at=None), name="one_open_task_a_kind_and_alert"
            )
        ]

    def __str__(self) -> str:
        return f"{self.alert_id} {self.kind}"


def file_path(file: File, _name: str) -> str:
    """Where a file lies below the home's files: by its digest, whatever it was called."""
    return f"alerts/{file.alert_id}/{file.digest}"


class File(models.Model):
    """A file that somebody attached: evidence. Never changed, never taken away."""

    alert = models.ForeignKey(Alert, models.PROTECT, related_name="files")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    """SHA-256 of what it holds."""
    content = models.FileField(upload_to=file_path, max_length=300)
    at = models.DateTimeField()
    actor = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["alert", "digest"], name="a_file_once_an_alert")]

    def __str__(self) -> str:
        return self.name


class Bulk(models.Model):
    """An act on many alerts at once: the ids are frozen when it is asked for, and done when it is confirmed, once."""

    actor = models.ForeignKey(User, models.PROTECT, related_name="+")
    act = models.CharField(max_length=14, choices=Act)
    values = models.JSONField(default=dict)
    """What the act needs: `owner`, `note`, `until`."""
    query = models.TextField(blank=True)
    """The address of the list they were chosen from."""
    ids = models.JSONField()
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    result: models.JSONField[Any, Any] = models.JSONField(default=dict)
    """`done`: how many; `refused`: a list of [id, why]."""

    def __str__(self) -> str:
        return f"{self.act} × {len(self.ids)}"


class Cursor(models.Model):
    """How far the ingester has read: one row."""

    as_of = models.DateField(null=True)
    """The newest date taken in whole, or the one in hand."""
    after = models.CharField(max_length=24, blank=True)
    """The id of the last signal taken in of the date in hand; empty where the date is done."""
    takes_over = models.BooleanField(default=False)
    """Whether of the date in hand all that is open after it is taken in, not only what changed on it: the desk begins with it."""
    told = models.BigIntegerField(default=0)
    """The number of the last that the stream said and that was taken in."""
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.as_of} {self.after}"
