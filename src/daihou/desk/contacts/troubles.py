"""What keeps a message from its reader, and what is to be done about it."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class Trouble(models.TextChoices):
    """What went wrong, or why a message was dropped. Those of the mail server have the codes of `notices.choices.Trouble`."""

    NO_SERVER = "no_server", _("The channel is not set up.")
    NO_ADDRESS = "no_address", _("There is no address or number to send to any more.")
    UNREADABLE = "unreadable", _("The address cannot be read: it was sealed under another keyset.")
    UNREACHABLE = "unreachable", _("The server cannot be reached.")
    INSECURE = "insecure", _("No secure connection could be made.")
    SIGN_IN = "sign_in", _("The server does not accept the user or the password.")
    SENDER = "sender", _("The server does not accept the sender's address.")
    ADDRESS = "address", _("The server does not accept the recipient's address.")
    REFUSED = "refused", _("The server refused the message.")
    BROKE_OFF = "broke_off", _("The connection broke off while the message was handed over; it may have arrived.")
    CRASHED = "crashed", _("The sender ended while it handed the message over; it may have arrived.")
    UNDELIVERED = "undelivered", _("It was taken over and could not be delivered.")
    UNLAWFUL = "unlawful", _("It was not permitted before it expired.")
    EXPIRED = "expired", _("It expired before it could be sent.")
    UNTRUE = "untrue", _("What it says was no longer so.")
    TEMPLATE = "template", _("Its text is gone, or something that it names is not known.")
    CONTENT = "content", _("It speaks of a debt to somebody who may not be told of it.")


DROPPED: Final = (Trouble.UNLAWFUL, Trouble.EXPIRED, Trouble.UNTRUE, Trouble.TEMPLATE, Trouble.CONTENT)
"""Why a message is not sent at all."""
REMEDIES: Final = {
    Trouble.NO_SERVER: _("Set DAIHOU_MAIL_URL or DAIHOU_SMS_URL where the desk is started, and start it again."),
    Trouble.NO_ADDRESS: _("Choose another address or number of the person."),
    Trouble.UNREADABLE: _("Restore the keyset that belongs to this database. It is tried again by itself."),
    Trouble.UNREACHABLE: _("Check host, port and firewall, and that the server runs. It is tried again by itself."),
    Trouble.INSECURE: _("Check that the address says https:// or smtp+tls:// as the server asks, and its certificate."),
    Trouble.SIGN_IN: _("Check the user and the secret in the environment of the desk."),
    Trouble.SENDER: _("Set DAIHOU_MAIL_SENDER to an address for which the server accepts mail."),
    Trouble.ADDRESS: _("Choose another address or number of the person."),
    Trouble.REFUSED: _("Read the answer: a limit may be reached."),
    Trouble.BROKE_OFF: _("Ask the person before you write again: it may have arrived."),
    Trouble.CRASHED: _("Ask the person before you write again: it may have arrived."),
    Trouble.UNDELIVERED: _("Choose another address or number of the person."),
    Trouble.UNLAWFUL: _("See when and how the person may be contacted, and write anew."),
    Trouble.EXPIRED: _("Write anew if it is still to be said."),
    Trouble.UNTRUE: _("Nothing is to be done."),
    Trouble.TEMPLATE: _("Correct policies/messages.yaml, and write anew."),
    Trouble.CONTENT: _("Choose a message that shows nothing of a debt."),
}
