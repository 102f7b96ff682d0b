"""Reports of inspections, what they said at each hand-over, and what was done to them. Changed by `transitions` alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.db.models import Q

from daihou.desk.people.models import User
from daihou.desk.reports.choices import Act, Language, State
from daihou.desk.reviews.models import Review

if TYPE_CHECKING:
    from daihou.desk.alerts.whose import Whose


def report_path(report: Report, _name: str) -> str:
    """Where an approved report lies below the home's files: by its digest."""
    return f"reports/{report.pk}/{report.pdf_digest}"


class Report(models.Model):
    """The report of a review. `figures` is what the system says, `words` what people say; a Version is both as they stood."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="reports")
    borrower_id = models.CharField(max_length=255, db_index=True)
    org_id = models.CharField(max_length=80, blank=True)
    lead_org_id = models.CharField(max_length=80, blank=True)
    officer_id = models.CharField(max_length=80, blank=True)
    language = models.CharField(max_length=8, choices=Language)

    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    revision = models.PositiveIntegerField(default=1)
    """Grows with every change, so that who changes it shows that they saw the one before."""
    as_of = models.DateField(null=True)
    """The date of the data; empty where no run was written yet."""
    known_on = models.DateField(null=True)
    figures: models.JSONField[Any, Any] = models.JSONField(default=dict)
    """`gathered_at` and `parts`, each with id, source and either what it says or why it says nothing; see `parts`."""
    words: models.JSONField[Any, Any] = models.JSONField(default=dict)
    """Texts by the names of WORDS, and `grade`."""
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="reports")
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    """Who changed the words or took the figures anew last."""
    saved_uid = models.CharField(max_length=36, blank=True)
    """The id that the page gave the last save: where its answer was lost on the way, the page saves on, since nobody else came between."""
    of_done = models.BooleanField(default=False)
    """Whether the review was done when the figures were gathered: else they are not what the review ended with."""
    approved_at = models.DateTimeField(null=True)

    pdf = models.FileField(upload_to=report_path, max_length=300, blank=True)
    """Of an approved one, as it was printed once; sealed."""
    pdf_digest = models.CharField(max_length=64, blank=True)
    """SHA-256 of the PDF."""

    now: Whose | None = None
    """Whose the borrower is now, once that was asked; kept nowhere."""

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["review"], condition=~Q(state=State.APPROVED), name="one_report_at_work_a_review"
            ),
            models.CheckConstraint(
                condition=Q(state=State.APPROVED, approved_at__isnull=False)
                | (~Q(state=State.APPROVED) & Q(approved_at=None)),
                name="approved_is_a_state",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "-id"], name="reports_by_state"),
            models.Index(fields=["org_id", "officer_id"], name="reports_by_org"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What people call it: IR-2026-000123."""
        return f"IR-{self.made_at.year}-{self.pk:06d}"

    @property
    def content(self) -> dict[str, Any]:
        """The whole document as it stands."""
        return {"figures": self.figures, "words": self.words}


class Version(models.Model):
    """A report as it stood when somebody saved it, took figures anew or handed it over. Never changed."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content: models.JSONField[Any, Any] = models.JSONField()
    digest = models.CharField(max_length=64)
    """SHA-256 of the content as canonical JSON."""
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    """Whose words they are; of two who wrote one after the other, each has a version of their own."""

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["report", "number"], name="a_version_once")]

    def __str__(self) -> str:
        return f"{self.report_id} {self.number}"


class ReportMove(models.Model):
    """One act on a report; submitting, checking and approving are the signatures 经办、复核、审批."""

    report = models.ForeignKey(Report, models.PROTECT, related_name="moves")
    at = models.DateTimeField()
    actor = models.ForeignKey(User, models.PROTECT, related_name="+")
    act = models.CharField(max_length=8, choices=Act)
    version = models.PositiveIntegerField()
    """The number of the version that it was done to, or that it made."""
    note = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.report_id} {self.act}"
