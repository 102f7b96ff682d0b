"""What a channel is to the sender: something that takes a permit, an address and a message, and says what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from uuid import UUID

    from daihou.desk.contacts.contacting import Permit


@dataclass(frozen=True, slots=True)
class Message:
    """What is handed over, in the words in which it is read; a text message has no subject."""

    subject: str
    text: str
    html: str = ""
    """Nothing: people in collection get plain text, which every reader shows and no filter mistrusts."""


def only_for(permit: Permit, code: str) -> None:
    """PermissionError where a permit is for another channel."""
    if permit.contact.channel != code:
        raise PermissionError(f"a permit for {permit.contact.channel} is none for {code}")


class Channel(Protocol):
    """A way on which something is sent."""

    @property
    def code(self) -> str:
        """A code of `collection.conduct.contact.Channel`."""

    def ready(self) -> bool:
        """Whether it is set up here."""

    def send(self, permit: Permit, to: str, message: Message, number: UUID) -> str:
        """Hand a message over; the answer, which may speak of the address.

        `number` is the same at every try, so that a server that heard it before may know it again. FailedError: it certainly was not taken.
        UnclearError: it may have been.
        """
