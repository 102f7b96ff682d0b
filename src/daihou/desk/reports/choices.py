"""What the codes of reports are called, and the colour in which they are shown."""

from __future__ import annotations

from typing import Any, Final

from django.db import models
from django.utils.translation import pgettext_lazy


class State(models.TextChoices):
    """Where a report is on its way."""

    DRAFT = "draft", pgettext_lazy("state of a report", "Draft")
    SUBMITTED = "submitted", pgettext_lazy("state of a report", "Submitted")
    CHECKED = "checked", pgettext_lazy("state of a report", "Checked")
    APPROVED = "approved", pgettext_lazy("state of a report", "Approved")
    RETURNED = "returned", pgettext_lazy("state of a report", "Returned")


STATE_COLOURS: Final = {
    State.DRAFT: "",
    State.SUBMITTED: "blue",
    State.CHECKED: "yellow",
    State.APPROVED: "green",
    State.RETURNED: "orange",
}
WRITTEN: Final = (State.DRAFT, State.RETURNED)
"""The states in which words may be changed."""


class Act(models.TextChoices):
    """What was done to a report."""

    MAKE = "make", pgettext_lazy("act on a report", "Made")
    SAVE = "save", pgettext_lazy("act on a report", "Words saved")
    FILL = "fill", pgettext_lazy("act on a report", "Figures taken anew")
    SUBMIT = "submit", pgettext_lazy("act on a report", "Submitted")
    CHECK = "check", pgettext_lazy("act on a report", "Checked: approved by the first")
    APPROVE = "approve", pgettext_lazy("act on a report", "Approved by the second")
    SEND_BACK = "return", pgettext_lazy("act on a report", "Returned")


class Language(models.TextChoices):
    """The language that a report is written in."""

    ZH = "zh-hans", "中文"
    EN = "en", "English"


class Grade(models.TextChoices):
    """The five grades 五级分类."""

    PASS = "pass", pgettext_lazy("grade", "Pass")
    SPECIAL_MENTION = "special_mention", pgettext_lazy("grade", "Special mention")
    SUBSTANDARD = "substandard", pgettext_lazy("grade", "Substandard")
    DOUBTFUL = "doubtful", pgettext_lazy("grade", "Doubtful")
    LOSS = "loss", pgettext_lazy("grade", "Loss")


PARTS: Final[dict[str, Any]] = {
    "borrower": pgettext_lazy("part of a report", "Borrower"),
    "loans": pgettext_lazy("part of a report", "Loans"),
    "grades": pgettext_lazy("part of a report", "Grades"),
    "score": pgettext_lazy("part of a report", "Behaviour score"),
    "alerts": pgettext_lazy("part of a report", "Open alerts"),
    "flows": pgettext_lazy("part of a report", "Cash flow"),
    "statements": pgettext_lazy("part of a report", "Financial statements"),
    "bureau": pgettext_lazy("part of a report", "Credit report"),
    "findings": pgettext_lazy("part of a report", "Ratings and findings"),
    "answers": pgettext_lazy("part of a report", "Inspection"),
    "measures": pgettext_lazy("part of a report", "Measures that are suggested"),
    "pictures": pgettext_lazy("part of a report", "Pictures"),
}
"""The parts that the system fills in, in the order of the document."""

WORDS: Final[dict[str, Any]] = {
    "summary": pgettext_lazy("words of a report", "Summary"),
    "sources": pgettext_lazy("words of a report", "Sources of repayment"),
    "risk": pgettext_lazy("words of a report", "Risk analysis"),
    "measures": pgettext_lazy("words of a report", "Measures to be taken"),
    "conclusion": pgettext_lazy("words of a report", "Conclusion"),
    "grade_reason": pgettext_lazy("words of a report", "Reason for the grade"),
}
"""The texts that people write, in the order of the document."""
