"""Reviews and what was done to them. Rows are changed by the functions of this app that say so, never by a view."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar, Final

from django.db import models
from django.db.models import Q

from daihou.desk.alerts.choices import LEVEL_CHOICES
from daihou.desk.people.models import User
from daihou.desk.reviews.choices import About, Act, Asked, Site, State, Type, Way

OPEN: Final = Q(ended_at=None)
"""Still to be done. As one column it lets SQLite use the indexes of open rows."""
BEING: Final = (State.PLANNED, State.BEGUN)
BY_HAND: Final = "by_hand"
"""The plan of what somebody planned by hand."""


class Review(models.Model):
    """One review of a loan, a borrower or a group. Plan, subject and anchor name it: the plan asks for it as often as it likes, it is there once."""

    plan = models.CharField(max_length=40)
    """The code of the line of the plan that wants it, or BY_HAND."""
    about = models.CharField(max_length=8, choices=About)
    subject = models.CharField(max_length=255)
    """The id of the loan, borrower or group that it is about."""
    anchor = models.CharField(max_length=40)
    """What its clock counts from."""
    type = models.CharField(max_length=16, choices=Type)
    site = models.CharField(max_length=3, choices=Site)
    form = models.CharField(max_length=40)
    line = models.PositiveSmallIntegerField(null=True)
    """The line of *every* that says how often; empty for other clocks."""
    why = models.TextField(blank=True)
    """Why somebody planned it by hand."""
    borrower_id = models.CharField(max_length=255, db_index=True)
    """Of a group, its largest."""
    loan_id = models.CharField(max_length=255, blank=True)
    """Empty unless it is about a loan."""

    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    revision = models.PositiveIntegerField(default=1)
    due_on = models.DateField()
    """A work day."""
    not_before = models.DateField(null=True)
    """Made or moved when its day was close or over: so long somebody has to do it, whatever the clock says."""
    postponed = models.BooleanField(default=False)
    """Whether a manager set the due date: the plan moves it no more."""
    planned_on = models.DateField()
    """The date of the data that it was planned by."""
    planned_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    done_on = models.DateField(null=True)
    """The business date on which it was finished or waived; clocks count on from it."""
    escalated_at = models.DateTimeField(null=True)

    org_id = models.CharField(max_length=80, blank=True)
    lead_org_id = models.CharField(max_length=80, blank=True)
    officer_id = models.CharField(max_length=80, blank=True)
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="reviews")
    """Empty: in the queue of its org."""
    level = models.CharField(max_length=8, choices=LEVEL_CHOICES, blank=True)
    """The worst open alert of the borrower when the newest run was followed."""
    exposure = models.BigIntegerField(default=0)
    """Of the borrower, in minor units of the base currency."""

    class Meta:
        ordering: ClassVar = ["due_on", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "subject", "anchor"], name="a_review_once"),
            models.CheckConstraint(
                condition=Q(state__in=BEING, ended_at=None) | (~Q(state__in=BEING) & Q(ended_at__isnull=False)),
                name="ended_is_a_state",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["owner", "due_on"], condition=OPEN, name="reviews_by_owner"),
            models.Index(fields=["org_id", "officer_id"], condition=OPEN, name="reviews_by_org"),
            models.Index(fields=["due_on", "id"], condition=OPEN, name="reviews_by_due"),
            models.Index(fields=["-ended_at", "-id"], condition=Q(ended_at__isnull=False), name="reviews_by_end"),
            models.Index(fields=["subject"], name="reviews_by_subject"),
            models.Index(fields=["loan_id"], condition=~Q(loan_id=""), name="reviews_by_loan"),
            models.Index(
                fields=["about", "subject", "type", "done_on"],
                condition=Q(done_on__isnull=False),
                name="reviews_counted",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What people call it: RV-2026-000123."""
        return f"RV-{self.planned_on.year}-{self.pk:06d}"

    @property
    def open(self) -> bool:
        """Whether it is still to be done."""
        return self.ended_at is None


class ReviewMove(models.Model):
    """One act on a review: who, when, what. That the plan made it stands in the review itself."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="moves")
    at = models.DateTimeField()
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    """Empty: the run or the clock."""
    act = models.CharField(max_length=10, choices=Act)
    note = models.TextField(blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.review_id} {self.act}"


class Cursor(models.Model):
    """How far the keeper is: one row."""

    stamp = models.CharField(max_length=200, blank=True)
    """What the run that was followed last had written."""
    as_of = models.DateField(null=True)
    began_on = models.DateField()
    """The first date that was planned by: what was due before is not asked for in arrears."""
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.as_of}"


class Sheet(models.Model):
    """The form of a review as it is filled in, once a review is begun. It keeps the version of the form that it began with."""

    review = models.OneToOneField(Review, models.PROTECT, related_name="sheet")
    form = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    """Of that version: whoever changes a version in its file is found out."""
    answers: models.JSONField[Any, Any] = models.JSONField(default=dict)
    previous: models.JSONField[Any, Any] = models.JSONField(default=dict)
    """The answers that counted in the last review of the same subject."""
    revision = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    saved_uid = models.CharField(max_length=36, blank=True)
    """The id that the device gave the last save: where its answer was lost on the way, the device saves on, since nobody else came between."""
    clock_off_s = models.IntegerField(null=True)
    """By how many seconds the device's clock was ahead of ours at the last save (below 0: behind); empty where it did not say. Nothing is decided by it."""
    companion = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    """The second person who was there, by their own word."""
    companion_at = models.DateTimeField(null=True)
    result: models.JSONField[Any, Any] = models.JSONField(default=dict)
    """Once it is finished: `ratings`, `findings` as [code, level], `points`, `possible`, `band`."""

    def __str__(self) -> str:
        return f"{self.review_id} {self.form} {self.version}"


def piece_path(piece: Piece, _name: str) -> str:
    """Where a piece lies below the home's files: by its digest, whatever it was called."""
    return f"reviews/{piece.sheet_id}/{piece.digest}"


class Piece(models.Model):
    """A picture, recording or document that proves an answer. Never changed, never taken away."""

    sheet = models.ForeignKey(Sheet, models.PROTECT, related_name="pieces")
    question = models.CharField(max_length=80)
    kind = models.CharField(max_length=8)
    """photo, audio or pdf."""
    shows = models.CharField(max_length=40, blank=True)
    """The code of what is to be seen on it, as whoever took it said."""
    name = models.CharField(max_length=200)
    mime = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    """SHA-256 of what it holds."""
    content = models.FileField(upload_to=piece_path, max_length=300)
    at = models.DateTimeField()
    """When it came in, by our clock."""
    actor = models.ForeignKey(User, models.PROTECT, related_name="+")
    uid = models.CharField(max_length=36, blank=True)
    """The id that the device gave it, so that what is sent twice is kept once; empty where it gave none."""
    taken_at = models.DateTimeField(null=True)
    """When it was taken, by the device's clock."""
    clock_off_s = models.IntegerField(null=True)
    """By how many seconds that clock was ahead of ours when it was sent."""

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sheet", "question", "digest"], name="a_piece_once"),
            models.UniqueConstraint(fields=["sheet", "uid"], condition=~Q(uid=""), name="a_piece_sent_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def taken(self) -> dt.datetime:
        """When it was taken, put right by how far the device's clock was off; where the device did not say, when it came in."""
        if self.taken_at is None:
            return self.at
        return self.taken_at - dt.timedelta(seconds=self.clock_off_s or 0)


class Asking(models.Model):
    """That a borrower was asked for papers, or reminded of them: by a message of the plan, once a step, or by somebody who says so."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="askings")
    step = models.SmallIntegerField(null=True)
    """So many days before the due date, below 0 after it; empty: by hand."""
    way = models.CharField(max_length=10, choices=Way, blank=True)
    """Empty where nothing reaches the borrower."""
    state = models.CharField(max_length=8, choices=Asked)
    at = models.DateTimeField()
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    """Empty: the clock."""
    note = models.TextField(blank=True)
    contact = models.OneToOneField("contacts.Contact", models.PROTECT, null=True, related_name="+")
    rule = models.CharField(max_length=60, blank=True)
    citation = models.CharField(max_length=200, blank=True)
    """Of the conduct gate, where it refused."""

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["review", "step"], condition=Q(step__isnull=False), name="asked_once_a_step"
            )
        ]

    def __str__(self) -> str:
        return f"{self.review_id} {self.way} {self.state}"


class Fact(models.Model):
    """What a finished review says, one row a kind, until it is told to the lake and after."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="facts")
    kind = models.CharField(max_length=80)
    at = models.DateTimeField()
    value: models.JSONField[Any, Any] = models.JSONField(default=dict)
    told_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["id"], condition=Q(told_at=None), name="review_facts_untold")]

    def __str__(self) -> str:
        return f"{self.review_id} {self.kind}"
