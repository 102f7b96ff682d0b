"""Authorisations, queries and results. Rows are changed by the functions of this app that say so, never by a view."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.db import models
from django.db.models import Q

from daihou.desk.bureau.choices import UNDER_WAY, Kind, Outcome, Reason, Trouble
from daihou.desk.people.models import User

if TYPE_CHECKING:
    from decimal import Decimal

KEY_MOST: Final = 64
"""Signs of the key of a query."""
DIGITS: Final = 12
"""Of an amount, two of them decimals."""


def new_number() -> str:
    """A number that no other home, and no copy of this one, ever gave."""
    return uuid.uuid4().hex


class Held(models.Model):
    """What is decided about, locked while somebody decides: two who ask at once are told one after the other. One row, since limits of cost are the house's."""

    name = models.CharField(max_length=40, primary_key=True)
    revision = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class Whose(models.Model):
    """Whose a borrower was when the row was written: who sees it."""

    borrower_id = models.CharField(max_length=255, db_index=True)
    org_id = models.CharField(max_length=80, blank=True)
    lead_org_id = models.CharField(max_length=80, blank=True)
    officer_id = models.CharField(max_length=80, blank=True)

    class Meta:
        abstract = True


class Authorisation(Whose):
    """A written consent 授权书: for which purposes, to which bureaus, from when until when. Withdrawn for the future, never deleted, never changed."""

    document = models.CharField(max_length=120)
    """Where it is written: the number of the contract or letter."""
    purposes: models.JSONField[Any, Any] = models.JSONField(default=list)
    bureaus: models.JSONField[Any, Any] = models.JSONField(null=True)
    """Codes; empty (null): all."""
    given_at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    """Not included; empty: until it is withdrawn."""
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    withdrawn_because = models.TextField(blank=True)
    recorded_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200, blank=True)
    mime = models.CharField(max_length=100, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    scan = models.FileField(max_length=300, blank=True)
    """Sealed with the key of the borrower's files; empty where none was attached."""

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What people call it, and what a query that stands on it names."""
        return f"AU-{self.recorded_on.year}-{self.pk:06d}"


class Query(Whose):
    """That somebody wanted a report of a borrower: decided by the gate, written before anything is sent, sent once at most."""

    key = models.CharField(max_length=KEY_MOST, unique=True)
    """Given by who asks, so that asked twice it is one."""
    sent_number = models.CharField(max_length=32, unique=True, default=new_number)
    """By which the bureau knows it and charges it once: drawn, since a home that was restored from a backup counts on from an older number."""
    kind = models.CharField(max_length=8, choices=Kind)
    bureau = models.CharField(max_length=40)
    reason = models.CharField(max_length=30, choices=Reason)
    role = models.CharField(max_length=40)
    """In which of their roles they asked."""
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_on = models.DateField()
    asked_at = models.DateTimeField()
    note = models.TextField(blank=True)
    decision: models.JSONField[Any, Any] = models.JSONField(default=dict)
    """What the gate said last: `refusals`, `earliest`, `basis`, `policies`, `at`."""
    outcome = models.CharField(max_length=10, choices=Outcome)
    cost_expected = models.DecimalField(max_digits=DIGITS, decimal_places=2)
    cost = models.DecimalField(max_digits=DIGITS, decimal_places=2, null=True)
    """What it cost; empty until that is known."""
    report_id = models.CharField(max_length=40, blank=True)
    """The report that answers it: its own, or the one at hand."""
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    """Written before it leaves: from here on it may have been charged."""
    ended_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    """When its result is asked for by its number; empty: nobody asks by itself any more."""
    acknowledged = models.BooleanField(default=False)
    """Whether the bureau ever said that it took it up: should it know nothing of it later, that is no proof that it cost nothing."""
    tries_of_result = models.PositiveIntegerField(default=0)
    trouble = models.CharField(max_length=12, choices=Trouble, blank=True)
    answer = models.CharField(max_length=300, blank=True)
    """What the bureau said of it beside a report, without what names a person."""
    because = models.TextField(blank=True)
    """Who said what became of it, and when, in the words of who settled it."""
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(outcome=Outcome.UNCLEAR) | Q(sent_at__isnull=False), name="unclear_was_sent"
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=UNDER_WAY, ended_at=None) | (~Q(outcome__in=UNDER_WAY) & Q(ended_at__isnull=False)),
                name="ended_is_an_outcome",
            ),
        ]  # fmt: skip
        indexes: ClassVar = [
            models.Index(fields=["borrower_id", "bureau", "-id"], name="queries_by_person"),
            models.Index(fields=["asked_at"], name="queries_by_time"),
            models.Index(fields=["id"], condition=Q(outcome=Outcome.WAITING), name="queries_waiting"),
            models.Index(fields=["due_at"], condition=Q(outcome=Outcome.UNCLEAR), name="queries_unclear"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What people call it."""
        return f"CQ-{self.asked_on.year}-{self.pk:06d}"

    @property
    def under_way(self) -> bool:
        """Whether something is still to become of it."""
        return self.outcome in UNDER_WAY

    @property
    def counted_cost(self) -> Decimal:
        """What it counts for towards limits of cost: what it cost, else what it may have."""
        return self.cost_expected if self.cost is None else self.cost


class Result(Whose):
    """A report as it came: the raw file, sealed, and the rows that a mapping made of it. Without a query it was brought in by hand, and is marked so.

    A query has one at most that could be read; what came before and could not be is kept beside it.
    """

    query = models.ForeignKey(Query, models.PROTECT, null=True, related_name="results")
    bureau = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    mime = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    """SHA-256 of what it holds."""
    content = models.FileField(max_length=300)
    mapping = models.CharField(max_length=40)
    mapping_digest = models.CharField(max_length=64, blank=True)
    received_on = models.DateField()
    received_at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    """Who brought it in as a file; empty: the connection, or the command line."""
    of_bureau = models.CharField(max_length=200, blank=True)
    """The bureau's own number of the report."""
    rows: models.JSONField[Any, Any] = models.JSONField(null=True)
    """`report` and `lines`, as they go to the lake; empty where it could not be read."""
    trouble: models.JSONField[Any, Any] = models.JSONField(null=True)
    """Why it could not be read: `en` and `zh`, each what and what to do, and `place`."""
    queried_on = models.DateField(null=True)
    told_at = models.DateTimeField(null=True)
    """When its rows went to the lake."""
    tell_after = models.DateTimeField(null=True)
    """Where they could not go: not before then it is tried again."""

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["borrower_id", "bureau", "digest"], condition=Q(query=None), name="a_report_brought_in_once"
            ),
            models.UniqueConstraint(fields=["query", "digest"], name="an_answer_kept_once"),
            models.UniqueConstraint(fields=["query"], condition=Q(rows__isnull=False), name="a_query_has_one_report"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=Q(told_at=None, rows__isnull=False), name="results_untold"),
            models.Index(fields=["borrower_id", "-queried_on"], name="results_by_person"),
        ]

    def __str__(self) -> str:
        return self.report_id

    @property
    def report_id(self) -> str:
        """Its number in the lake: that of its query, of one without a query its own."""
        return self.query.number if self.query else f"IM-{self.received_on.year}-{self.pk:06d}"
