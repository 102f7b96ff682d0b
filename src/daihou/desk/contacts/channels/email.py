"""E-mail, through the mail server of the house: the same that notices go by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.conf import settings

from daihou.desk.contacts.channels.interface import only_for
from daihou.desk.notices import mail

if TYPE_CHECKING:
    from uuid import UUID

    from daihou.desk.contacts.channels.interface import Message
    from daihou.desk.contacts.contacting import Permit


class Email:
    """DAIHOU_MAIL_URL. The number is the mail's Message-ID."""

    code: Final = "email"

    def ready(self) -> bool:
        """Whether there is a mail server."""
        return bool(settings.MAIL_READY)

    def send(self, permit: Permit, to: str, message: Message, number: UUID) -> str:
        """Hand a mail over; FailedError, UnclearError."""
        only_for(permit, self.code)
        return mail.hand_over(message, to, number)
