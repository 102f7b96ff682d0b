"""What the codes of letters are called, and the colour in which they are shown."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import pgettext_lazy


class Kind(models.TextChoices):
    """What a letter says; the codes of `policies.letters`."""

    MATURITY = "maturity", pgettext_lazy("kind of a letter", "Maturity notice")
    OVERDUE = "overdue", pgettext_lazy("kind of a letter", "Overdue notice")


class To(models.TextChoices):
    """As whom the addressee is written to."""

    DEBTOR = "debtor", pgettext_lazy("addressee of a letter", "Debtor")
    GUARANTOR = "guarantor", pgettext_lazy("addressee of a letter", "Guarantor")


class State(models.TextChoices):
    """How far a letter is."""

    MADE = "made", pgettext_lazy("state of a letter", "Made")
    SENT = "sent", pgettext_lazy("state of a letter", "On its way")
    SERVED = "served", pgettext_lazy("state of a letter", "Served")
    FAILED = "failed", pgettext_lazy("state of a letter", "Not served")
    WITHDRAWN = "withdrawn", pgettext_lazy("state of a letter", "Withdrawn")


STATE_COLOURS: Final = {
    State.MADE: "",
    State.SENT: "blue",
    State.SERVED: "green",
    State.FAILED: "orange",
    State.WITHDRAWN: "",
}


class Receiver(models.TextChoices):
    """Who took a letter; the codes of `policies.limitation`."""

    DEBTOR = "debtor", pgettext_lazy("who took a letter", "The addressee in person")
    FAMILY = "family", pgettext_lazy("who took a letter", "An adult relative living with them")
    STAFF = "staff", pgettext_lazy("who took a letter", "Who takes in the organisation's mail")
    AUTHORISED = "authorised", pgettext_lazy("who took a letter", "Somebody with power to receive")
    REFUSED = "refused", pgettext_lazy("who took a letter", "Nobody: refused")
    RETURNED = "returned", pgettext_lazy("who took a letter", "Nobody: returned")
    PUBLISHED = "published", pgettext_lazy("who took a letter", "Published")


class Why(models.TextChoices):
    """Why a delivery counts as served, or not; the codes of `collection.serving`."""

    COUNTS = "counts", pgettext_lazy("why a letter is served", "It counts as served")
    NOT_THIS_RECEIVER = (
        "not_this_receiver",
        pgettext_lazy("why a letter is served", "By this means it does not count so"),
    )
    NO_PROOF = "no_proof", pgettext_lazy("why a letter is served", "A paper that proves it is missing")
    NO_AGREED_ADDRESS = (
        "no_agreed_address",
        pgettext_lazy("why a letter is served", "The contract does not name the address as the one to serve at"),
    )


FACT_SERVED: Final = "demand_served"
FACT_WITHDRAWN: Final = "demand_withdrawn"
"""Kinds of the facts that letters become. Withdrawn: the demand of that letter never counted."""
