"""A version of a rule on its way into force, who did what to it, and the evidence for it. What is in force stands in the lake's register."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

from daihou.desk.governance import content
from daihou.desk.people.models import User

if TYPE_CHECKING:
    from collections.abc import Sequence


class State(models.TextChoices):
    """Where a draft is on its way."""

    DRAFTING = "drafting", pgettext_lazy("draft of a rule", "Being drafted")
    SUBMITTED = "submitted", pgettext_lazy("draft of a rule", "Waits for review")
    RETURNED = "returned", pgettext_lazy("draft of a rule", "Returned")
    APPROVED = "approved", pgettext_lazy("draft of a rule", "Approved")
    PUBLISHED = "published", pgettext_lazy("draft of a rule", "Published")
    WITHDRAWN = "withdrawn", pgettext_lazy("draft of a rule", "Withdrawn")


OPEN: Final = (State.DRAFTING, State.SUBMITTED, State.RETURNED, State.APPROVED)
"""It is not at its end. A rule has one such draft at most."""
WRITABLE: Final = (State.DRAFTING, State.RETURNED)
COLOURS: Final = {
    State.DRAFTING: "blue",
    State.SUBMITTED: "orange",
    State.RETURNED: "yellow",
    State.APPROVED: "green",
    State.PUBLISHED: "green",
    State.WITHDRAWN: "",
}


class Draft(models.Model):
    """A version of a rule that is not published yet, or how one came to be. Its state is changed by transitions alone."""

    rule_id = models.CharField(max_length=40, db_index=True)
    number = models.PositiveIntegerField()
    """Of the version that it becomes."""
    based_on = models.PositiveIntegerField(null=True)
    """The number of the newest version when it was begun or last written; empty for a new rule."""
    text = models.TextField()
    """The rule with this one version, as YAML. While it is being written it may say what no rule may say."""
    state = models.CharField(max_length=10, choices=State, default=State.DRAFTING)
    revision = models.PositiveIntegerField(default=1)
    """Grows with every change, so that who changes it shows that they saw the one before."""
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    submitted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    without_backtest = models.TextField(blank=True)
    """Why it was submitted without a backtest; empty where it has one."""
    created = models.DateTimeField()
    changed = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["rule_id"], condition=Q(state__in=[str(state) for state in OPEN]), name="one_open_draft_a_rule"
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None)
                | (~Q(approved_by=F("author")) & Q(submitted_by__isnull=False) & ~Q(approved_by=F("submitted_by"))),
                name="maker_is_not_checker",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} v{self.number} {self.state}"

    @property
    def open(self) -> bool:
        """Whether it is not at its end."""
        return self.state in OPEN

    @property
    def writable(self) -> bool:
        """Whether its text may be changed."""
        return self.state in WRITABLE

    @property
    def colour(self) -> str:
        """Of its state."""
        return COLOURS[State(self.state)]

    @property
    def values(self) -> dict[str, Any]:
        """Its text as values of a form."""
        return content.values_of(self.text)

    @property
    def judged(self) -> str:
        """The digest of what decides whether it fires: evidence holds for this and no other."""
        return content.judged(self.text)

    @property
    def retires(self) -> bool:
        """Whether it ends the rule."""
        return bool(self.values["retired"])

    def makers(self) -> set[int]:
        """The keys of all who wrote or submitted it: none of them may review it."""
        wrote = self.steps.filter(action__in=MAKING).values_list("actor_id", flat=True)
        return {self.author_id, *([self.submitted_by_id] if self.submitted_by_id else []), *wrote}

    def evidence(self, kind: str) -> Attachment | None:
        """The newest evidence of a kind for the draft as it now reads; None where there is none, or it is for an older text."""
        return self.attachments.filter(kind=kind, judged=self.judged).first()

    def outdated(self, kind: str) -> Attachment | None:
        """The newest evidence of a kind where it is for an older text alone."""
        return None if self.evidence(kind) else self.attachments.filter(kind=kind).first()


class Act(models.TextChoices):
    """What is done to a draft."""

    BEGIN = "begin", pgettext_lazy("step of a draft", "Begun")
    WRITE = "write", pgettext_lazy("step of a draft", "Written")
    TRY = "try", pgettext_lazy("step of a draft", "Tried on today's book")
    ATTACH = "attach", pgettext_lazy("step of a draft", "Evidence attached")
    SUBMIT = "submit", pgettext_lazy("step of a draft", "Submitted for review")
    RETURN = "return", pgettext_lazy("step of a draft", "Returned")
    APPROVE = "approve", pgettext_lazy("step of a draft", "Approved")
    PUBLISH = "publish", pgettext_lazy("step of a draft", "Published")
    WITHDRAW = "withdraw", pgettext_lazy("step of a draft", "Withdrawn")


MAKING: Final[Sequence[str]] = (Act.BEGIN, Act.WRITE, Act.SUBMIT)


class Step(models.Model):
    """One act: who, when, from which state to which, with what words. Written once."""

    draft = models.ForeignKey(Draft, models.PROTECT, related_name="steps")
    at = models.DateTimeField()
    actor = models.ForeignKey(User, models.PROTECT, related_name="+")
    action = models.CharField(max_length=10, choices=Act)
    before = models.CharField(max_length=10, choices=State, blank=True)
    """Empty where the draft begins."""
    after = models.CharField(max_length=10, choices=State)
    note = models.TextField(blank=True)
    text_digest = models.CharField(max_length=64)
    """SHA-256 of the text as it then read."""

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.draft_id} {self.action} {self.before} → {self.after}"


class Attachment(models.Model):
    """Evidence for a draft: a try, a backtest, a search for a threshold. It holds for the text it was made with."""

    class Kind(models.TextChoices):
        """What it is."""

        TRIAL = "trial", pgettext_lazy("evidence for a rule", "Try on today's book")
        BACKTEST = "backtest", pgettext_lazy("evidence for a rule", "Backtest")
        SUGGEST = "suggest", pgettext_lazy("evidence for a rule", "Threshold from default history")

    draft = models.ForeignKey(Draft, models.PROTECT, related_name="attachments")
    kind = models.CharField(max_length=10, choices=Kind)
    result = models.JSONField()
    at = models.DateTimeField()
    actor = models.ForeignKey(User, models.PROTECT, related_name="+")
    judged = models.CharField(max_length=64)
    """`content.judged` of the text it was made with."""

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["draft", "kind", "-id"], name="evidence_of_draft")]

    def __str__(self) -> str:
        return f"{self.draft_id} {self.kind} {self.at:%Y-%m-%d %H:%M}"
