"""What the codes of reviews are called, and the colour in which they are shown."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import pgettext_lazy

EVENT: Final = "review"
"""What timelines call a finished review."""


class Type(models.TextChoices):
    """What kind of review it is."""

    FIRST = "first", pgettext_lazy("type of a review", "First inspection")
    REGULAR = "regular", pgettext_lazy("type of a review", "Regular inspection")
    SPECIAL = "special", pgettext_lazy("type of a review", "Special inspection")
    FUND_USE = "fund_use", pgettext_lazy("type of a review", "Use of funds")
    BEFORE_MATURITY = "before_maturity", pgettext_lazy("type of a review", "Before maturity")
    REVALUATION = "revaluation", pgettext_lazy("type of a review", "Revaluation of collateral")
    GUARANTOR = "guarantor", pgettext_lazy("type of a review", "Guarantor")
    GROUP = "group", pgettext_lazy("type of a review", "Group")
    YEARLY = "yearly", pgettext_lazy("type of a review", "Yearly review")
    RETURN_VISIT = "return_visit", pgettext_lazy("type of a review", "Return visit")
    STATEMENTS = "statements", pgettext_lazy("type of a review", "Statements")
    INSURANCE = "insurance", pgettext_lazy("type of a review", "Renewed insurance")
    REGISTRATION = "registration", pgettext_lazy("type of a review", "Renewed registration")


class State(models.TextChoices):
    """Where a review is on its way."""

    PLANNED = "planned", pgettext_lazy("state of a review", "Planned")
    BEGUN = "begun", pgettext_lazy("state of a review", "Begun")
    DONE = "done", pgettext_lazy("state of a review", "Done")
    WAIVED = "waived", pgettext_lazy("state of a review", "Waived")
    WITHDRAWN = "withdrawn", pgettext_lazy("state of a review", "Withdrawn")


STATE_COLOURS: Final = {
    State.PLANNED: "blue",
    State.BEGUN: "yellow",
    State.DONE: "green",
    State.WAIVED: "",
    State.WITHDRAWN: "",
}


class Site(models.TextChoices):
    """Where it is done."""

    ON = "on", pgettext_lazy("site of a review", "On site")
    OFF = "off", pgettext_lazy("site of a review", "Off site")


class About(models.TextChoices):
    """Whom a review is about."""

    LOAN = "loan", pgettext_lazy("subject of a review", "Loan")
    BORROWER = "borrower", pgettext_lazy("subject of a review", "Borrower")
    GROUP = "group", pgettext_lazy("subject of a review", "Group")


class Act(models.TextChoices):
    """What was done to a review."""

    REPLAN = "replan", pgettext_lazy("act on a review", "Due date moved")
    WITHDRAW = "withdraw", pgettext_lazy("act on a review", "Withdrawn: the plan asks for it no more")
    REOPEN = "reopen", pgettext_lazy("act on a review", "Planned again")
    BY_HAND = "by_hand", pgettext_lazy("act on a review", "Planned by hand")
    ASSIGN = "assign", pgettext_lazy("act on a review", "Assigned")
    CLAIM = "claim", pgettext_lazy("act on a review", "Claimed")
    POSTPONE = "postpone", pgettext_lazy("act on a review", "Postponed")
    WAIVE = "waive", pgettext_lazy("act on a review", "Waived by a manager")
    ESCALATE = "escalate", pgettext_lazy("act on a review", "Told to the managers: overdue")
    ASK = "ask", pgettext_lazy("act on a review", "Borrower asked for papers")
    BEGIN = "begin", pgettext_lazy("act on a review", "Begun")
    CARRY = "carry", pgettext_lazy("act on a review", "Moved to a newer version of the form")
    ACCOMPANY = "accompany", pgettext_lazy("act on a review", "Second person confirmed")
    ALONE = "alone", pgettext_lazy("act on a review", "Second person fills it in now: somebody else must confirm")
    FINISH = "finish", pgettext_lazy("act on a review", "Finished")


class Way(models.TextChoices):
    """How somebody was asked for papers."""

    SMS = "sms", pgettext_lazy("way of asking", "Text message")
    EMAIL = "email", pgettext_lazy("way of asking", "E-mail")
    PHONE = "phone", pgettext_lazy("way of asking", "Phone")
    IN_PERSON = "in_person", pgettext_lazy("way of asking", "In person")
    LETTER = "letter", pgettext_lazy("way of asking", "Letter")
    APP = "app", pgettext_lazy("way of asking", "Messenger")


class Asked(models.TextChoices):
    """What became of it when somebody was to be asked; how far a message is since, the message says."""

    BY_HAND = "by_hand", pgettext_lazy("state of asking", "Asked")
    POSTED = "posted", pgettext_lazy("state of asking", "Message posted")
    REFUSED = "refused", pgettext_lazy("state of asking", "Refused by the conduct gate")
    NO_POINT = "no_point", pgettext_lazy("state of asking", "No number or address to write to")
    UNFIT = "unfit", pgettext_lazy("state of asking", "Could not be written")


REACHED: Final = (Asked.BY_HAND, Asked.POSTED)
"""When somebody was asked, as far as the desk knows."""
