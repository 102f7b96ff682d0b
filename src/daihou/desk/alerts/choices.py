"""What the codes of alerts are called, and the colour in which they are shown."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import pgettext_lazy

from daihou.desk.governance import labels
from daihou.warning.rule import LEVELS, TOPICS

RANKS: Final[dict[str, int]] = {level: rank for rank, level in enumerate(LEVELS)}
"""A level's place from the most urgent on: what lists sort by."""
OTHER: Final = "other"
"""The topic of an alert raised by hand that is none of the rules'."""
TOPIC_CHOICES: Final = [
    *((topic, labels.TOPICS[topic]) for topic in TOPICS),
    (OTHER, pgettext_lazy("topic of an alert", "Other")),
]
BY_HAND: Final = [(topic, label) for topic, label in TOPIC_CHOICES if topic != "model"]
"""What an alert that is raised by hand may be about: those are on borrowers."""
LEVEL_CHOICES: Final = [(level, labels.LEVELS[level]) for level in LEVELS]


class Stage(models.TextChoices):
    """Where an alert is on its way."""

    CHECK = "check", pgettext_lazy("stage of an alert", "Check")
    CONFIRM = "confirm", pgettext_lazy("stage of an alert", "Confirm")
    PLAN = "plan", pgettext_lazy("stage of an alert", "Plan")
    ACT = "act", pgettext_lazy("stage of an alert", "Carry out")
    FOLLOW = "follow", pgettext_lazy("stage of an alert", "Follow up")
    LIFT = "lift", pgettext_lazy("stage of an alert", "Lift")
    CLOSED = "closed", pgettext_lazy("stage of an alert", "Closed")


STAGE_COLOURS: Final = {
    Stage.CHECK: "blue",
    Stage.CONFIRM: "yellow",
    Stage.PLAN: "orange",
    Stage.ACT: "orange",
    Stage.FOLLOW: "green",
    Stage.LIFT: "green",
    Stage.CLOSED: "",
}


class Conclusion(models.TextChoices):
    """What somebody who looked found."""

    CONFIRMED = "confirmed", pgettext_lazy("conclusion on an alert", "Confirmed")
    FALSE_ALARM = "false_alarm", pgettext_lazy("conclusion on an alert", "False alarm")
    DUPLICATE = "duplicate", pgettext_lazy("conclusion on an alert", "Duplicate")
    DATA_ERROR = "data_error", pgettext_lazy("conclusion on an alert", "Data error")


CONCLUSION_COLOURS: Final = {
    Conclusion.CONFIRMED: "red",
    Conclusion.FALSE_ALARM: "",
    Conclusion.DUPLICATE: "",
    Conclusion.DATA_ERROR: "yellow",
}


class Outcome(models.TextChoices):
    """How an alert ended."""

    LIFTED = "lifted", pgettext_lazy("end of an alert", "Lifted")
    FALSE_ALARM = "false_alarm", pgettext_lazy("end of an alert", "False alarm")
    DUPLICATE = "duplicate", pgettext_lazy("end of an alert", "Duplicate")
    DATA_ERROR = "data_error", pgettext_lazy("end of an alert", "Data error")


class Source(models.TextChoices):
    """Who raised it."""

    SIGNAL = "signal", pgettext_lazy("source of an alert", "Signal of a rule")
    HAND = "hand", pgettext_lazy("source of an alert", "Raised by hand")


class Act(models.TextChoices):
    """What is done to an alert, by people, by the run (signals) or by the clock."""

    RAISE = "raise", pgettext_lazy("act on an alert", "Raised")
    MERGE = "merge", pgettext_lazy("act on an alert", "Signal merged")
    CEASE = "cease", pgettext_lazy("act on an alert", "Signal ceased")
    RESUME = "resume", pgettext_lazy("act on an alert", "Signal stands again")
    RULE_WITHDRAWN = "rule_withdrawn", pgettext_lazy("act on an alert", "Rule withdrawn")
    LEVEL = "level", pgettext_lazy("act on an alert", "Level changed")
    MOVE = "move", pgettext_lazy("act on an alert", "Moved with its borrower")
    ASSIGN = "assign", pgettext_lazy("act on an alert", "Assigned")
    CLAIM = "claim", pgettext_lazy("act on an alert", "Claimed")
    CONCLUDE = "conclude", pgettext_lazy("act on an alert", "Checked")
    CONFIRM = "confirm", pgettext_lazy("act on an alert", "Confirmed")
    SEND_BACK = "send_back", pgettext_lazy("act on an alert", "Sent back")
    PLAN = "plan", pgettext_lazy("act on an alert", "Planned")
    CARRY_OUT = "carry_out", pgettext_lazy("act on an alert", "Carried out")
    FOLLOW_UP = "follow_up", pgettext_lazy("act on an alert", "Followed up")
    PROPOSE_LIFT = "propose_lift", pgettext_lazy("act on an alert", "Lifting proposed")
    APPROVE_LIFT = "approve_lift", pgettext_lazy("act on an alert", "Lifting approved")
    SNOOZE = "snooze", pgettext_lazy("act on an alert", "Snoozed")
    WAKE = "wake", pgettext_lazy("act on an alert", "Woken")
    ESCALATE = "escalate", pgettext_lazy("act on an alert", "Escalated")
    CHASE = "chase", pgettext_lazy("act on an alert", "Chased")
    COMMENT = "comment", pgettext_lazy("act on an alert", "Comment")
    ATTACH = "attach", pgettext_lazy("act on an alert", "File attached")
    TASK = "task", pgettext_lazy("act on an alert", "Task begun")
    TASK_DONE = "task_done", pgettext_lazy("act on an alert", "Task done")
    TASK_DROPPED = "task_dropped", pgettext_lazy("act on an alert", "Task dropped")


class TaskKind(models.TextChoices):
    """What a level suggests."""

    FREEZE_LIMIT = "freeze_limit", pgettext_lazy("task of an alert", "Freeze the unused limit")
    REGRADE = "regrade", pgettext_lazy("task of an alert", "Grade again")
    SPECIAL_INSPECTION = "special_inspection", pgettext_lazy("task of an alert", "Special inspection")
    STAGE_REVIEW = "stage_review", pgettext_lazy("task of an alert", "Review the stage")


class Listing(models.TextChoices):
    """A list that a customer is on 名单制."""

    WATCH = "watch", pgettext_lazy("list of customers", "Watch list")
    EXIT = "exit", pgettext_lazy("list of customers", "Exit list")
