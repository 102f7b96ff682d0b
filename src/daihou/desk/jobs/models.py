"""A job: one `daihou` command that somebody asked for, how far it is, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from django.db import models
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from daihou.desk.people.models import User
from daihou.runs.stages import STAGES

if TYPE_CHECKING:
    from datetime import timedelta


class Kind(models.TextChoices):
    """Which command it is."""

    RUN = "run", pgettext_lazy("job", "Run")
    HISTORY = "history", pgettext_lazy("job", "History")
    INTAKE = "intake", pgettext_lazy("job", "Intake")
    EXPORT = "export", pgettext_lazy("job", "Export")
    SUGGEST = "rules-suggest", pgettext_lazy("job", "Threshold")
    BACKTEST = "rules-backtest", pgettext_lazy("job", "Backtest")
    TRAIN = "models-train", pgettext_lazy("job", "Training of a model")
    VALIDATE = "models-validate", pgettext_lazy("job", "Validation of a model")


OF_RULES: Final = (Kind.SUGGEST, Kind.BACKTEST)
"""Started from the pages of rules, by who drafts them."""
OF_MODELS: Final = (Kind.TRAIN, Kind.VALIDATE)
"""Started from the pages of models: trained by who writes them, validated by who writes or reviews them."""


class Status(models.TextChoices):
    """Where a job is on its way."""

    QUEUED = "queued", pgettext_lazy("job", "Waiting")
    RUNNING = "running", pgettext_lazy("job", "Running")
    CANCELLING = "cancelling", pgettext_lazy("job", "Being cancelled")
    DONE = "done", pgettext_lazy("job", "Done")
    WARNED = "warned", pgettext_lazy("job", "Done, with remarks")
    FAILED = "failed", pgettext_lazy("job", "Failed")
    CANCELLED = "cancelled", pgettext_lazy("job", "Cancelled")


class Reason(models.TextChoices):
    """Why a job failed, where its own output does not say it."""

    LOST = (
        "lost",
        _("Its worker died three times while it ran. Its last output stands below; the log of the desk may say more."),
    )
    UNSTARTED = "unstarted", _("It could not be started. The log of the desk says why.")


HELD: Final = (Status.RUNNING, Status.CANCELLING)
"""A worker has it."""
ALIVE: Final = (Status.QUEUED, *HELD)
"""It is not at its end."""
COLOURS: Final = {
    Status.QUEUED: "",
    Status.RUNNING: "blue",
    Status.CANCELLING: "orange",
    Status.DONE: "green",
    Status.WARNED: "yellow",
    Status.FAILED: "red",
    Status.CANCELLED: "",
}


class Job(models.Model):
    """One command. Its status is changed by transitions alone."""

    kind = models.CharField(max_length=20, choices=Kind)
    arguments = models.JSONField(default=dict)
    """As the form of its kind cleaned them."""
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    requested_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="jobs")
    requested_at = models.DateTimeField()
    language = models.CharField(max_length=10)
    """In which its output is written: that of who asked."""
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    worker = models.CharField(max_length=120, blank=True)
    """The name of who has it: host, process and start."""
    pid = models.IntegerField(null=True)
    """Of the command."""
    beat_at = models.DateTimeField(null=True)
    """When its worker was last heard of."""
    stage = models.CharField(max_length=20, blank=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    exit_code = models.IntegerField(null=True)
    reason = models.CharField(max_length=10, choices=Reason, blank=True)
    output = models.TextField(blank=True)
    """Its last lines."""
    files = models.JSONField(default=list)
    """Names of what it wrote in its folder."""

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=models.Q(status="queued"), name="jobs_waiting"),
            models.Index(
                fields=["beat_at"], condition=models.Q(status__in=["running", "cancelling"]), name="jobs_held"
            ),
            models.Index(fields=["kind", "status", "-id"], name="jobs_listed"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.kind} {self.status}"

    @property
    def alive(self) -> bool:
        """Whether it is not at its end."""
        return self.status in ALIVE

    @property
    def cancellable(self) -> bool:
        """Whether it can still be cancelled."""
        return self.status in (Status.QUEUED, Status.RUNNING)

    @property
    def colour(self) -> str:
        """Of its status."""
        return COLOURS[Status(self.status)]

    @property
    def stage_text(self) -> str:
        """The stage in the language of the page; its code where it has no name."""
        en, zh = STAGES.get(self.stage, (self.stage, self.stage))
        return zh if (get_language() or "").startswith("zh") else en

    @property
    def took(self) -> timedelta | None:
        """From its start to its end, in whole seconds."""
        if self.started_at is None or self.finished_at is None:
            return None
        return self.finished_at.replace(microsecond=0) - self.started_at.replace(microsecond=0)
