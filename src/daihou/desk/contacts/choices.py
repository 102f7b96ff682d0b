"""What the codes of contacts are called."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import pgettext_lazy


class Channel(models.TextChoices):
    """By what way somebody is contacted; the codes of `collection.conduct`."""

    PHONE = "phone", pgettext_lazy("channel of contact", "Phone")
    VOICE_BOT = "voice_bot", pgettext_lazy("channel of contact", "Voice robot")
    SMS = "sms", pgettext_lazy("channel of contact", "Text message")
    EMAIL = "email", pgettext_lazy("channel of contact", "E-mail")
    LETTER = "letter", pgettext_lazy("channel of contact", "Letter")
    VISIT = "visit", pgettext_lazy("channel of contact", "Visit")
    APP = "app", pgettext_lazy("channel of contact", "Message in an app")


class Purpose(models.TextChoices):
    """What for."""

    COLLECT = "collect", pgettext_lazy("purpose of contact", "Collection")
    REMIND = "remind", pgettext_lazy("purpose of contact", "Reminder before the due date")
    LOCATE = "locate", pgettext_lazy("purpose of contact", "Asking how to reach the debtor")
    REPLY = "reply", pgettext_lazy("purpose of contact", "Answer to the person")
    NOTICE = "notice", pgettext_lazy("purpose of contact", "Notice that law asks for")


class Party(models.TextChoices):
    """How a person stands to the debts."""

    DEBTOR = "debtor", pgettext_lazy("party of a debt", "Debtor")
    CO_BORROWER = "co_borrower", pgettext_lazy("party of a debt", "Co-borrower")
    GUARANTOR = "guarantor", pgettext_lazy("party of a debt", "Guarantor")
    RELATED = "related", pgettext_lazy("party of a debt", "Person bound to the debt")
    UNRELATED = "unrelated", pgettext_lazy("party of a debt", "Contact person")
    EMPLOYER = "employer", pgettext_lazy("party of a debt", "Employer")
    REPRESENTATIVE = "representative", pgettext_lazy("party of a debt", "Representative")


class Outcome(models.TextChoices):
    """What came of it."""

    PENDING = "pending", pgettext_lazy("outcome of contact", "Under way")
    CONVERSATION = "conversation", pgettext_lazy("outcome of contact", "Spoke to the person")
    THIRD_PARTY = "third_party", pgettext_lazy("outcome of contact", "Somebody else answered")
    NO_ANSWER = "no_answer", pgettext_lazy("outcome of contact", "No answer")
    BUSY = "busy", pgettext_lazy("outcome of contact", "Busy")
    INVALID = "invalid", pgettext_lazy("outcome of contact", "Number out of service")
    VOICEMAIL = "voicemail", pgettext_lazy("outcome of contact", "Voicemail")
    REFUSED = "refused", pgettext_lazy("outcome of contact", "Would not speak")
    SENT = "sent", pgettext_lazy("outcome of contact", "Sent")
    DELIVERED = "delivered", pgettext_lazy("outcome of contact", "Delivered")
    FAILED = "failed", pgettext_lazy("outcome of contact", "Failed")
    NOT_MADE = "not_made", pgettext_lazy("outcome of contact", "Not made")


class State(models.TextChoices):
    """How far a message is."""

    NONE = "", pgettext_lazy("state of a message", "Not a message")
    WAITING = "waiting", pgettext_lazy("state of a message", "Waiting")
    SENDING = "sending", pgettext_lazy("state of a message", "Being sent")
    SENT = "sent", pgettext_lazy("state of a message", "Sent")
    DELIVERED = "delivered", pgettext_lazy("state of a message", "Delivered")
    FAILED = "failed", pgettext_lazy("state of a message", "Failed, to be tried again")
    GIVEN_UP = "given_up", pgettext_lazy("state of a message", "Given up")
    UNCLEAR = "unclear", pgettext_lazy("state of a message", "Unclear whether it was sent")
    DROPPED = "dropped", pgettext_lazy("state of a message", "Dropped: no longer lawful, or no longer due")


class PointKind(models.TextChoices):
    """What a point is."""

    PHONE = "phone", pgettext_lazy("point of contact", "Phone number")
    EMAIL = "email", pgettext_lazy("point of contact", "E-mail address")
    ADDRESS = "address", pgettext_lazy("point of contact", "Address")


class Use(models.TextChoices):
    """Whose phone or address it is to the person."""

    OWN = "own", pgettext_lazy("use of a point", "Own")
    HOME = "home", pgettext_lazy("use of a point", "Home")
    WORK = "work", pgettext_lazy("use of a point", "Work")


class Kind(models.TextChoices):
    """A circumstance of a person; the codes of `collection.conduct`."""

    AGREED_HOURS = "agreed_hours", pgettext_lazy("circumstance", "Agreed to other hours")
    AGREED_ATTEMPTS = "agreed_attempts", pgettext_lazy("circumstance", "Agreed to more attempts")
    CALL_CONSENT = "call_consent", pgettext_lazy("circumstance", "Asked to be called")
    VISIT_CONSENT = "visit_consent", pgettext_lazy("circumstance", "Agreed to a visit")
    MESSAGE_CONSENT = "message_consent", pgettext_lazy("circumstance", "Agreed to messages")
    OPT_OUT = "opt_out", pgettext_lazy("circumstance", "Opted out of a channel or number")
    DO_NOT_CONTACT = "do_not_contact", pgettext_lazy("circumstance", "Asked for all contact to cease")
    INCONVENIENT = "inconvenient", pgettext_lazy("circumstance", "Hours that do not suit")
    EMPLOYER_FORBIDS = "employer_forbids", pgettext_lazy("circumstance", "Not at work")
    REFUSES_MESSAGES_FOR_OTHERS = (
        "refuses_messages_for_others",
        pgettext_lazy("circumstance", "Contact person wants no more contact"),
    )
    DISPUTE = "dispute", pgettext_lazy("circumstance", "Disputes the debt")
    HARDSHIP = "hardship", pgettext_lazy("circumstance", "In hardship")
    BANKRUPTCY = "bankruptcy", pgettext_lazy("circumstance", "Bankrupt")
    DEATH = "death", pgettext_lazy("circumstance", "Dead")
    MINOR = "minor", pgettext_lazy("circumstance", "Under age")
    INCAPACITY = "incapacity", pgettext_lazy("circumstance", "Lacks legal capacity")
    REPRESENTED = "represented", pgettext_lazy("circumstance", "Represented by a lawyer or guardian")
    OUT_OF_TOUCH = "out_of_touch", pgettext_lazy("circumstance", "Out of touch")


class Reminded(models.TextChoices):
    """What became of a reminder when it was planned; how far its message is since, the message says."""

    POSTED = "posted", pgettext_lazy("state of a reminder", "Planned")
    REFUSED = "refused", pgettext_lazy("state of a reminder", "Refused by the conduct gate")
    NO_POINT = "no_point", pgettext_lazy("state of a reminder", "No number or address to write to")
    UNFIT = "unfit", pgettext_lazy("state of a reminder", "Could not be written")


MESSAGES: Final = (Channel.SMS, Channel.EMAIL, Channel.LETTER, Channel.APP)
"""Channels by which something is sent; of the others somebody acts at once."""
PENDING: Final = (State.WAITING, State.FAILED)
"""Messages that are yet to be sent."""
