"""What the codes of cases are called."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import pgettext_lazy

OF_CASES: Final = ("pre_due", "arrears", "call_back", "promise_taken", "plan_agreed", "promise_due", "promise_broken")
"""Messages of `policies.messages` that say what is so of a case, as `message_facts` reads it."""


class Stage(models.TextChoices):
    """Where a case stands on the ladder; the codes of `collection.ladder`."""

    PRE_DUE = "pre_due", pgettext_lazy("stage of a case", "Before due")
    S = "S", pgettext_lazy("stage of a case", "S")
    M1 = "M1", "M1"
    M2 = "M2", "M2"
    M3 = "M3", "M3"
    M4 = "M4", "M4"
    M5 = "M5", "M5"
    M6 = "M6", "M6"
    M7 = "M7+", "M7+"
    WRITTEN_OFF = "written_off", pgettext_lazy("stage of a case", "After write-off")


class Track(models.TextChoices):
    """Who works a case, by decision of people; the stage goes on beside it."""

    HOUSE = "house", pgettext_lazy("track of a case", "In house")
    AGENCY = "agency", pgettext_lazy("track of a case", "Outside agency")
    LITIGATION = "litigation", pgettext_lazy("track of a case", "Litigation")


class Closing(models.TextChoices):
    """Why a case ended."""

    CURED = "cured", pgettext_lazy("end of a case", "Arrears paid")
    SETTLED = "settled", pgettext_lazy("end of a case", "Debt paid")
    TRANSFERRED = "transferred", pgettext_lazy("end of a case", "Claim sold")
    RESTRUCTURED = "restructured", pgettext_lazy("end of a case", "New plan in force")
    REDUCED = "reduced", pgettext_lazy("end of a case", "Nothing claimed any more")


class Act(models.TextChoices):
    """What is done to a case, by people, by the run or by the clock."""

    OPEN = "open", pgettext_lazy("act on a case", "Opened")
    STAGE = "stage", pgettext_lazy("act on a case", "Stage changed")
    MOVE = "move", pgettext_lazy("act on a case", "Moved with its borrower")
    CLOSE = "close", pgettext_lazy("act on a case", "Closed")
    ASSIGN = "assign", pgettext_lazy("act on a case", "Assigned")
    CLAIM = "claim", pgettext_lazy("act on a case", "Claimed")
    TO_AGENCY = "to_agency", pgettext_lazy("act on a case", "Given to an agency")
    FROM_AGENCY = "from_agency", pgettext_lazy("act on a case", "Taken back from the agency")
    TO_LITIGATION = "to_litigation", pgettext_lazy("act on a case", "Handed over for litigation")
    FROM_LITIGATION = "from_litigation", pgettext_lazy("act on a case", "Taken back from litigation")
    CONTACT = "contact", pgettext_lazy("act on a case", "Contacted")
    PROMISE = "promise", pgettext_lazy("act on a case", "Promise taken")
    PROMISE_JUDGED = "promise_judged", pgettext_lazy("act on a case", "Promise judged")
    PROMISE_WITHDRAWN = "withdrawn", pgettext_lazy("act on a case", "Promise withdrawn")
    CALL_BACK = "call_back", pgettext_lazy("act on a case", "Call agreed")
    PAUSE = "pause", pgettext_lazy("act on a case", "Set aside")
    RESUME = "resume", pgettext_lazy("act on a case", "Taken up again")
    HAND_UP = "hand_up", pgettext_lazy("act on a case", "Handed to the manager")
    ARRANGE = "arrange", pgettext_lazy("act on a case", "Arrangement")
    HARDSHIP = "hardship", pgettext_lazy("act on a case", "Hardship assessed")
    COMPLAINT = "complaint", pgettext_lazy("act on a case", "Complaint")
    NOTE = "note", pgettext_lazy("act on a case", "Note")


class Said(models.TextChoices):
    """What the person said, where somebody spoke to them."""

    PROMISE = "promise", pgettext_lazy("what the debtor said", "Promises to pay")
    PAID = "paid", pgettext_lazy("what the debtor said", "Has paid, not booked yet")
    HARDSHIP = "hardship", pgettext_lazy("what the debtor said", "In difficulty")
    DISPUTE = "dispute", pgettext_lazy("what the debtor said", "Disputes it")
    CALL_BACK = "call_back", pgettext_lazy("what the debtor said", "Agreed on a call")
    REFUSES = "refuses", pgettext_lazy("what the debtor said", "Refuses to pay")


class PromiseState(models.TextChoices):
    """What a promise came to; the codes of `collection.promise`."""

    OPEN = "open", pgettext_lazy("state of a promise", "Open")
    KEPT = "kept", pgettext_lazy("state of a promise", "Kept")
    PARTLY = "partly", pgettext_lazy("state of a promise", "Partly kept")
    LATE = "late", pgettext_lazy("state of a promise", "Kept late")
    BROKEN = "broken", pgettext_lazy("state of a promise", "Broken")
    WITHDRAWN = "withdrawn", pgettext_lazy("state of a promise", "Withdrawn")


PROMISE_COLOURS: Final = {
    PromiseState.OPEN: "blue",
    PromiseState.KEPT: "green",
    PromiseState.PARTLY: "yellow",
    PromiseState.LATE: "yellow",
    PromiseState.BROKEN: "red",
    PromiseState.WITHDRAWN: "",
}


class ArrangementKind(models.TextChoices):
    """What is agreed with a debtor beside the contract."""

    INSTALMENTS = "instalments", pgettext_lazy("arrangement", "Arrears in instalments")
    EXTENSION = "extension", pgettext_lazy("arrangement", "Extension")
    WAIVER = "waiver", pgettext_lazy("arrangement", "Waiver")
    SETTLEMENT = "settlement", pgettext_lazy("arrangement", "Settlement")


class ArrangementState(models.TextChoices):
    """How far it is."""

    DRAFT = "draft", pgettext_lazy("state of an arrangement", "Draft")
    SUBMITTED = "submitted", pgettext_lazy("state of an arrangement", "Submitted")
    APPROVED = "approved", pgettext_lazy("state of an arrangement", "Approved")
    RETURNED = "returned", pgettext_lazy("state of an arrangement", "Returned")
    WITHDRAWN = "withdrawn", pgettext_lazy("state of an arrangement", "Given up")
    BROKEN = "broken", pgettext_lazy("state of an arrangement", "Not kept")
    DONE = "done", pgettext_lazy("state of an arrangement", "Done")


class ApprovalAuthority(models.TextChoices):
    """Who may approve an arrangement; the codes of `collection.arrangement`."""

    BRANCH = "branch", pgettext_lazy("authority over an arrangement", "Branch")
    HEAD_OFFICE = "head_office", pgettext_lazy("authority over an arrangement", "Head office")


ARRANGEMENT_COLOURS: Final = {
    ArrangementState.DRAFT: "",
    ArrangementState.SUBMITTED: "blue",
    ArrangementState.APPROVED: "green",
    ArrangementState.RETURNED: "yellow",
    ArrangementState.WITHDRAWN: "",
    ArrangementState.BROKEN: "red",
    ArrangementState.DONE: "green",
}


class Hardships(models.TextChoices):
    """Why a debtor cannot pay."""

    JOB = "job", pgettext_lazy("cause of hardship", "Lost the job")
    INCOME = "income", pgettext_lazy("cause of hardship", "Income has fallen")
    ILLNESS = "illness", pgettext_lazy("cause of hardship", "Illness")
    FAMILY = "family", pgettext_lazy("cause of hardship", "Family")
    DISASTER = "disaster", pgettext_lazy("cause of hardship", "Disaster or accident")
    BUSINESS = "business", pgettext_lazy("cause of hardship", "Business has failed")
    OTHER = "other", pgettext_lazy("cause of hardship", "Other cause")


class ComplaintState(models.TextChoices):
    """How far a complaint is."""

    OPEN = "open", pgettext_lazy("state of a complaint", "Open")
    UPHELD = "upheld", pgettext_lazy("state of a complaint", "Upheld")
    REJECTED = "rejected", pgettext_lazy("state of a complaint", "Not upheld")
