"""What the codes of webhooks are called, which kinds of events there are, and what is to be done about each trouble."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Kind(models.TextChoices):
    """What a hook can be told of. The code is what the receiver reads: it is never given another meaning."""

    ALERT_RAISED = "alert.raised", pgettext_lazy("kind of an event", "Alert raised")
    ALERT_LEVEL = "alert.level_changed", pgettext_lazy("kind of an event", "Level of an alert changed")
    ALERT_STAGE = "alert.stage_changed", pgettext_lazy("kind of an event", "Stage of an alert changed")
    ALERT_CEASED = "alert.ceased", pgettext_lazy("kind of an event", "All signals of an alert ceased")
    ALERT_CLOSED = "alert.closed", pgettext_lazy("kind of an event", "Alert closed")
    CASE_OPENED = "case.opened", pgettext_lazy("kind of an event", "Case opened")
    CASE_STAGE = "case.stage_changed", pgettext_lazy("kind of an event", "Stage of a case changed")
    CASE_CLOSED = "case.closed", pgettext_lazy("kind of an event", "Case closed")
    PROMISE_MADE = "promise.made", pgettext_lazy("kind of an event", "Promise made")
    PROMISE_JUDGED = "promise.judged", pgettext_lazy("kind of an event", "Promise judged")
    PROMISE_WITHDRAWN = "promise.withdrawn", pgettext_lazy("kind of an event", "Promise withdrawn")
    RUN_FINISHED = "run.finished", pgettext_lazy("kind of an event", "Run finished")


PING: Final = "ping"
"""The kind of a test: sent at once by a person's word, told to no hook by itself."""
NEEDS: Final = {
    "alert": "alerts.view",
    "case": "collection.view",
    "promise": "collection.view",
    "run": "portfolio.view",
}
"""The permission by which somebody may read what happened to such a thing; the code of a kind begins with the thing."""


class HookState(models.TextChoices):
    """Whether a hook is told."""

    ACTIVE = "active", pgettext_lazy("state of a webhook", "Active")
    PAUSED = "paused", pgettext_lazy("state of a webhook", "Paused")
    OFF = "off", pgettext_lazy("state of a webhook", "Switched off by its receiver")


HOOK_COLOURS: Final = {HookState.ACTIVE: "green", HookState.PAUSED: "yellow", HookState.OFF: "red"}
LISTENING: Final = (HookState.ACTIVE, HookState.PAUSED)
"""Hooks for which events are kept: what happens while one is paused is told once it goes on."""


class State(models.TextChoices):
    """How far an event is on its way to a hook."""

    WAITING = "waiting", pgettext_lazy("state of a delivery", "Waiting")
    SENDING = "sending", pgettext_lazy("state of a delivery", "Being sent")
    SENT = "sent", pgettext_lazy("state of a delivery", "Delivered")
    FAILED = "failed", pgettext_lazy("state of a delivery", "Failed, tried again")
    DEAD = "dead", pgettext_lazy("state of a delivery", "Given up")
    DROPPED = "dropped", pgettext_lazy("state of a delivery", "Dropped")


STATE_COLOURS: Final = {
    State.WAITING: "blue",
    State.SENDING: "blue",
    State.SENT: "green",
    State.FAILED: "orange",
    State.DEAD: "red",
    State.DROPPED: "",
}
PENDING: Final = (State.WAITING, State.FAILED)
"""What the sender still takes up."""
IN_TROUBLE: Final = (State.FAILED, State.DEAD)
"""What a person may send again or drop by their word: the dead letters, and what is still tried."""


class Trouble(models.TextChoices):
    """What went wrong in delivering."""

    UNRESOLVED = "unresolved", _("The host has no address.")
    FORBIDDEN = "forbidden", _("The host's address is inside a private network that is not allowed.")
    INSECURE = "insecure", _("The address is not https, which is not allowed.")
    UNREACHABLE = "unreachable", _("The receiver cannot be reached.")
    CERTIFICATE = "certificate", _("The receiver's certificate does not hold.")
    TIMEOUT = "timeout", _("The receiver did not answer in time.")
    BROKE_OFF = "broke_off", _("The connection broke off before an answer came.")
    REDIRECT = "redirect", _("The receiver points to another address; this is not followed.")
    REFUSED = "refused", _("The receiver refused the request.")
    BUSY = "busy", _("The receiver asks to wait.")
    FAULT = "fault", _("The receiver answered with a fault of its own.")
    GONE = "gone", _("The receiver wants no more events: the webhook is switched off.")
    UNREADABLE = "unreadable", _("The webhook's secret cannot be read: it was sealed under another keyset.")
    NO_RIGHT = "no_right", _("The user for whom the webhook listens may not see this any more.")
    CRASHED = "crashed", _("The sender ended before an answer came.")


REMEDIES: Final = {
    Trouble.UNRESOLVED: _("Check the host in the address, and the name server of this machine."),
    Trouble.FORBIDDEN: _("If the receiver is the house's own, name its host in DAIHOU_HOOK_HOSTS and start the desk again."),
    Trouble.INSECURE: _("Give the receiver a certificate, or set DAIHOU_HOOK_HTTP=1 and start the desk again."),
    Trouble.UNREACHABLE: _("Check host, port and firewall, and that the receiver runs."),
    Trouble.CERTIFICATE: _("Check its name, its end and its issuer. An issuer of the house is named by SSL_CERT_FILE."),
    Trouble.TIMEOUT: _("The receiver should keep the event and answer at once, and work on it afterwards."),
    Trouble.BROKE_OFF: _("Look at the receiver's log."),
    Trouble.REDIRECT: _("Enter the address that it points to, if it is the right one."),
    Trouble.REFUSED: _("Read the answer: the address may be wrong, or the receiver checks with another secret."),
    Trouble.BUSY: _("Nothing is to be done: it waits as long as the receiver asks, and a day at most."),
    Trouble.FAULT: _("Look at the receiver's log."),
    Trouble.GONE: _("Ask who runs the receiver. Switch the webhook on again, then send again what was given up."),
    Trouble.UNREADABLE: _("Give the webhook a new secret, and tell the receiver."),
    Trouble.NO_RIGHT: _("Give the user the role again, or drop it."),
    Trouble.CRASHED: _("Nothing is to be done: it is sent again; its id tells the receiver that it is the same."),
}  # fmt: skip
