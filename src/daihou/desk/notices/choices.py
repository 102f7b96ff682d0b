"""What the codes of notices are called, and what is to be done about each trouble."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Kind(models.TextChoices):
    """What somebody is told."""

    RAISED = "raised", pgettext_lazy("kind of a notice", "New alert")
    RAISED_LEVEL = "raised_level", pgettext_lazy("kind of a notice", "Level risen")
    ASSIGNED = "assigned", pgettext_lazy("kind of a notice", "Assigned to me")
    TO_CONFIRM = "to_confirm", pgettext_lazy("kind of a notice", "To be confirmed")
    TO_LIFT = "to_lift", pgettext_lazy("kind of a notice", "Lifting to be approved")
    SENT_BACK = "sent_back", pgettext_lazy("kind of a notice", "Sent back")
    DECIDED = "decided", pgettext_lazy("kind of a notice", "Decided")
    CHASED = "chased", pgettext_lazy("kind of a notice", "Chased")
    ESCALATED = "escalated", pgettext_lazy("kind of a notice", "Escalated")
    MENTIONED = "mentioned", pgettext_lazy("kind of a notice", "Mentioned")
    TASK = "task", pgettext_lazy("kind of a notice", "Task")
    DUE_TODAY = "due_today", pgettext_lazy("kind of a notice", "Due today")
    WOKEN = "woken", pgettext_lazy("kind of a notice", "Woken")
    RULE_DECAYED = "rule_decayed", pgettext_lazy("kind of a notice", "Rule has decayed")
    CASE_ASSIGNED = "case_assigned", pgettext_lazy("kind of a notice", "Case assigned to me")
    CASE_UP = "case_up", pgettext_lazy("kind of a notice", "Case handed up")
    TO_APPROVE = "to_approve", pgettext_lazy("kind of a notice", "Arrangement to be approved")
    ARRANGED = "arranged", pgettext_lazy("kind of a notice", "Arrangement decided on")
    COMPLAINT = "complaint", pgettext_lazy("kind of a notice", "Complaint to answer")
    REVIEW_ASSIGNED = "review_given", pgettext_lazy("kind of a notice", "Review assigned to me")
    REVIEW_LATE = "review_late", pgettext_lazy("kind of a notice", "Review overdue")
    QUERY_STUCK = "query_stuck", pgettext_lazy("kind of a notice", "Credit queries unclear")
    REPORT_CHECK = "report_check", pgettext_lazy("kind of a notice", "Report to be checked")
    REPORT_APPROVE = "report_approve", pgettext_lazy("kind of a notice", "Report to be approved")
    REPORT_BACK = "report_back", pgettext_lazy("kind of a notice", "Report returned")


FOR_GROUPS: Final = (Kind.RAISED, Kind.RAISED_LEVEL, Kind.ESCALATED)
"""What a channel of the lender is told: what concerns a group, not what one person is to do."""


class Way(models.TextChoices):
    """How somebody wants to be told."""

    AT_ONCE = "at_once", pgettext_lazy("way of a notice", "At once")
    DIGEST = "digest", pgettext_lazy("way of a notice", "In the digest")
    DESK = "desk", pgettext_lazy("way of a notice", "At the desk only")


class State(models.TextChoices):
    """How far a notice is on its way through one channel."""

    WAITING = "waiting", pgettext_lazy("state of a notice", "Waiting")
    SENDING = "sending", pgettext_lazy("state of a notice", "Being sent")
    SENT = "sent", pgettext_lazy("state of a notice", "Sent")
    FAILED = "failed", pgettext_lazy("state of a notice", "Failed, tried again")
    UNCLEAR = "unclear", pgettext_lazy("state of a notice", "Unclear whether it arrived")
    GIVEN_UP = "given_up", pgettext_lazy("state of a notice", "Given up")
    WITHDRAWN = "withdrawn", pgettext_lazy("state of a notice", "Withdrawn")


STATE_COLOURS: Final = {
    State.WAITING: "blue",
    State.SENDING: "blue",
    State.SENT: "green",
    State.FAILED: "orange",
    State.UNCLEAR: "yellow",
    State.GIVEN_UP: "red",
    State.WITHDRAWN: "",
}
PENDING: Final = (State.WAITING, State.FAILED)
"""What the sender still takes up."""
STUCK: Final = (State.UNCLEAR, State.GIVEN_UP)
"""What is sent again by a person's word alone."""


class Kept(models.TextChoices):
    """Why a notice stays at the desk and is sent nowhere."""

    CHOSEN = "chosen", _("You chose to see this at the desk only.")
    NO_CHANNEL = "no_channel", _("Mail is switched off in your settings and you have no other channel.")
    NO_ADDRESS = "no_address", _("You have no mail address. An administrator enters it.")
    NO_SERVER = "no_server", _("No mail server is set up. An administrator of the machine sets DAIHOU_MAIL_URL.")
    LEFT = "left", _("The account is closed.")


class Trouble(models.TextChoices):
    """What went wrong in handing over."""

    NO_SERVER = "no_server", _("No mail server is set up.")
    NO_ADDRESS = "no_address", _("There is no mail address to send to.")
    UNREACHABLE = "unreachable", _("The server cannot be reached.")
    INSECURE = "insecure", _("No secure connection could be made.")
    SIGN_IN = "sign_in", _("The server does not accept the user or the password.")
    SENDER = "sender", _("The server does not accept the sender's address.")
    ADDRESS = "address", _("The server does not accept the recipient's address.")
    REFUSED = "refused", _("The server refused the message.")
    BROKE_OFF = "broke_off", _("The connection broke off while the message was handed over; it may have arrived.")
    UNREADABLE = "unreadable", _("The channel's secret cannot be read: it was sealed under another keyset.")
    GONE = "gone", _("The channel was removed.")
    CRASHED = "crashed", _("The sender ended while it handed the message over; it may have arrived.")


REMEDIES: Final = {
    Trouble.NO_SERVER: _("Set DAIHOU_MAIL_URL where the desk is started, and start it again."),
    Trouble.NO_ADDRESS: _("An administrator enters the mail address on the user's page."),
    Trouble.UNREACHABLE: _("Check host, port and firewall, and that the server runs. It is tried again by itself."),
    Trouble.INSECURE: _("Use smtp+tls:// or smtps:// as the server asks, and check its certificate."),
    Trouble.SIGN_IN: _("Check the user in DAIHOU_MAIL_URL and DAIHOU_MAIL_PASSWORD."),
    Trouble.SENDER: _("Set DAIHOU_MAIL_SENDER to an address for which the server accepts mail."),
    Trouble.ADDRESS: _("Correct the mail address on the user's page."),
    Trouble.REFUSED: _("Read the answer: the address of the channel may be wrong or expired, or a limit reached."),
    Trouble.BROKE_OFF: _("Ask the recipient; send it again only if it did not arrive."),
    Trouble.UNREADABLE: _("Remove the channel and enter it again."),
    Trouble.GONE: _("Nothing is to be done."),
    Trouble.CRASHED: _("Ask the recipient; send it again only if it did not arrive."),
}
