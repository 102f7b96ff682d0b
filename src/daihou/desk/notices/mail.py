"""Mail: handing a message to the SMTP server, and what its answer means. Notices go by it, and messages to people in collection."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from daihou.desk.notices.choices import Trouble
from daihou.desk.notices.handing import FailedError, UnclearError

if TYPE_CHECKING:
    from uuid import UUID

NO_SUCH_ADDRESS: Final = frozenset({550, 551, 553})
"""What a server answers where there is no such mailbox (RFC 5321, 4.2.3)."""
FOR_OTHER_REASONS: Final = "5.7."
"""How its text begins where it knows the mailbox and forbids the mail (RFC 3463)."""


class Written(Protocol):
    """What can be mailed; with `html` empty it is plain text."""

    @property
    def subject(self) -> str:
        """One line."""

    @property
    def text(self) -> str:
        """The body."""

    @property
    def html(self) -> str:
        """The same as HTML."""


def hand_over(message: Written, address: str, parcel: UUID) -> str:
    """Give a message to the server; its answer. FailedError where it did not take it, UnclearError where nobody knows."""
    if not settings.MAIL_READY:
        raise FailedError(Trouble.NO_SERVER)
    if not address:
        raise FailedError(Trouble.NO_ADDRESS)
    connection = _opened()
    try:
        connection.send_messages([_mail(message, address, parcel)])
    except smtplib.SMTPSenderRefused as error:
        raise FailedError(Trouble.SENDER, _said(error)) from error
    except smtplib.SMTPRecipientsRefused as error:
        said = "; ".join(f"{code} {_text(text)}" for code, text in error.recipients.values())
        raise FailedError(Trouble.ADDRESS, said, lasting=_unknown(error)) from error
    except smtplib.SMTPResponseException as error:
        raise FailedError(Trouble.REFUSED, _said(error)) from error
    except (smtplib.SMTPException, OSError) as error:
        raise UnclearError(Trouble.BROKE_OFF, str(error)) from error
    finally:
        _close(connection)
    return f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT} → {address}"


def _opened() -> Any:
    """A connection that is open and signed in; whatever goes wrong until then, nothing was sent."""
    connection = get_connection()
    try:
        connection.open()
    except (smtplib.SMTPException, OSError) as error:
        _close(connection)  # it may be open already, and only not signed in
        if isinstance(error, smtplib.SMTPAuthenticationError):
            raise FailedError(Trouble.SIGN_IN, _said(error)) from error
        insecure = isinstance(error, ssl.SSLError | smtplib.SMTPNotSupportedError)
        raise FailedError(Trouble.INSECURE if insecure else Trouble.UNREACHABLE, str(error)) from error
    return connection


def _close(connection: Any) -> None:
    with suppress(smtplib.SMTPException, OSError):
        connection.close()


def _mail(message: Written, address: str, parcel: UUID) -> EmailMultiAlternatives:
    """The mail; its Message-ID is the parcel's, so that one sent again is known by its reader's program."""
    host = urlsplit(settings.DESK_URL).hostname or "daihou"
    headers = {
        "Message-ID": f"<{parcel}@{host}>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    mail = EmailMultiAlternatives(message.subject, message.text, None, [address], headers=headers)
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    return mail


def _unknown(error: smtplib.SMTPRecipientsRefused) -> bool:
    """Whether the server says that there is no such mailbox, rather than that it is full, busy or forbidden."""
    return all(
        code in NO_SUCH_ADDRESS and not _text(text).lstrip().startswith(FOR_OTHER_REASONS)
        for code, text in error.recipients.values()
    )


def _said(error: smtplib.SMTPResponseException) -> str:
    return f"{error.smtp_code} {_text(error.smtp_error)}"


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
