"""Every channel on which something is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daihou.desk.contacts.channels.email import Email
from daihou.desk.contacts.channels.sms import Sms

if TYPE_CHECKING:
    from daihou.desk.contacts.channels.interface import Channel

CHANNELS: Final[tuple[Channel, ...]] = (Sms(), Email())


def of(code: str) -> Channel | None:
    """The channel of a code; None where the desk has none, as of letters."""
    return next((one for one in CHANNELS if one.code == code), None)


def ready() -> list[str]:
    """The codes of those that are set up here."""
    return [one.code for one in CHANNELS if one.ready()]
