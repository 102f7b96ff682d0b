"""What the codes of credit reports are called, and the colour in which they are shown."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import pgettext_lazy


class Outcome(models.TextChoices):
    """Where a query is, and what became of it."""

    REFUSED = "refused", pgettext_lazy("outcome of a query", "Refused by the gate")
    CACHED = "cached", pgettext_lazy("outcome of a query", "Answered by a report at hand")
    WAITING = "waiting", pgettext_lazy("outcome of a query", "Allowed, not sent yet")
    UNCLEAR = "unclear", pgettext_lazy("outcome of a query", "Sent, result unclear")
    ANSWERED = "answered", pgettext_lazy("outcome of a query", "Answered")
    DECLINED = "declined", pgettext_lazy("outcome of a query", "Declined by the bureau")
    FAILED = "failed", pgettext_lazy("outcome of a query", "Failed: not taken up")
    WITHDRAWN = "withdrawn", pgettext_lazy("outcome of a query", "Withdrawn before it was sent")


OUTCOME_COLOURS: Final = {
    Outcome.REFUSED: "red", Outcome.CACHED: "green", Outcome.WAITING: "blue", Outcome.UNCLEAR: "yellow", Outcome.ANSWERED: "green",
    Outcome.DECLINED: "orange", Outcome.FAILED: "orange", Outcome.WITHDRAWN: "",
}  # fmt: skip
UNDER_WAY: Final = (Outcome.WAITING, Outcome.UNCLEAR)
"""Of which something is still to become."""


class Reason(models.TextChoices):
    """Why a report is asked for; the codes of `policies.credit_queries`."""

    POST_LOAN_MANAGEMENT = "post_loan_management", pgettext_lazy("reason of a query", "Post-loan management")
    GUARANTOR_REVIEW = "guarantor_review", pgettext_lazy("reason of a query", "Review of a guarantor")
    DISPUTE_CHECK = "dispute_check", pgettext_lazy("reason of a query", "Check of a dispute")
    APPLICATION = "application", pgettext_lazy("reason of a query", "Application for a loan")
    CARD_APPLICATION = "card_application", pgettext_lazy("reason of a query", "Application for a card")
    GUARANTOR_APPLICATION = "guarantor_application", pgettext_lazy("reason of a query", "Offer of a guarantee")
    RELATED_REVIEW = "related_review", pgettext_lazy("reason of a query", "Review of representatives and owners")


class Kind(models.TextChoices):
    """Whom a report is about."""

    PERSON = "person", pgettext_lazy("whom a report is about", "Person")
    COMPANY = "company", pgettext_lazy("whom a report is about", "Company")


class Trouble(models.TextChoices):
    """Why a query was not answered, or not yet."""

    BROKE_OFF = "broke_off", pgettext_lazy("trouble of a query", "The connection broke off, or took too long")
    UNREACHABLE = "unreachable", pgettext_lazy("trouble of a query", "The bureau could not be reached")
    INSECURE = "insecure", pgettext_lazy("trouble of a query", "The certificate of the bureau is not to be trusted")
    SIGN_IN = "sign_in", pgettext_lazy("trouble of a query", "The bureau refused our token")
    REFUSED = "refused", pgettext_lazy("trouble of a query", "The bureau did not take it")
    TAKEN = "taken", pgettext_lazy("trouble of a query", "The bureau took it and has not answered yet")
    UNKNOWN = "unknown", pgettext_lazy("trouble of a query", "The bureau knows no query of this number")
    NOBODY = "nobody", pgettext_lazy("trouble of a query", "The vault holds no name and number of the person")
    NO_BUREAU = "no_bureau", pgettext_lazy("trouble of a query", "The bureau stands no more in the settings")
    UNREADABLE = "unreadable", pgettext_lazy("trouble of a query", "What the bureau sent cannot be read")
    NO_ROLE = "no_role", pgettext_lazy("trouble of a query", "Who asked may not ask about the borrower any more")
    BY_HAND = "by_hand", pgettext_lazy("trouble of a query", "Settled by a person")
