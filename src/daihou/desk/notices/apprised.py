"""Channels by Apprise: WeCom, DingTalk, Feishu, Slack, webhooks, SMS gateways. What an address is, and what the service said."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any, Final

import apprise

from daihou.desk.notices.choices import Trouble
from daihou.desk.notices.handing import FailedError, UnclearError

if TYPE_CHECKING:
    from daihou.desk.notices.message import Message

OWN: Final = frozenset({"wecombot", "dingtalk", "feishu", "lark", "slack"})
"""What a user may enter: services whose host is fixed, so that nobody makes the desk call machines of the house."""
LENDERS: Final = OWN | {
    "json", "jsons", "form", "forms", "xml", "xmls", "workflow", "workflows", "discord", "mmost", "mmosts", "rocket", "rockets", "ntfy", "ntfys",
    "gotify", "gotifys", "tgram", "wxteams", "twilio", "vonage", "sns", "clicksend", "bulksms", "d7sms", "msgbird", "sinch", "plivo",
}  # fmt: skip
"""What an administrator may enter for the lender: also webhooks to any host, and gateways of SMS."""
CERTAIN: Final = (
    "NewConnectionError",
    "ConnectTimeout",
    "NameResolutionError",
    "Connection refused",
    "SSLError",
    "ProxyError",
    "timed out. (connect",
)
"""How a connection that was never made is told of: then nothing arrived."""
SECONDS: Final = 10.0
"""How long a service may take to take a connection up, and to answer."""
LOGGER: Final = logging.getLogger("apprise")


class AddressError(ValueError):
    """No address that can be used, for the reason of its code: `unknown`, `foreign` or `many`."""


def opened(address: str, allowed: frozenset[str]) -> Any:
    """The service of an address, also of a webhook's own https address; AddressError where it is none, not allowed, or goes to several."""
    service: Any = apprise.Apprise.instantiate(address.strip(), suppress_exceptions=True)
    if service is None:
        raise AddressError("unknown")
    if service.url().split("://")[0] not in allowed:
        raise AddressError("foreign")
    service.retry = 0  # what is tried again is ours to say: never twice
    # An address may ask for hours, and all others would wait.
    service.socket_connect_timeout = service.socket_read_timeout = SECONDS
    if len(service) != 1:
        raise AddressError("many")
    return service


def hand_over(message: Message, address: str) -> str:
    """Give a message to a service; what it said. FailedError where it did not take it, UnclearError where nobody knows."""
    try:
        service = opened(address, LENDERS)
    except AddressError as error:
        raise FailedError(Trouble.REFUSED, str(error)) from error
    heard = _Heard()
    LOGGER.addHandler(heard)
    try:
        taken = service.notify(body=message.chat, title=message.subject, body_format=apprise.NotifyFormat.TEXT)
    except TypeError as error:  # how it says that there is nothing to send
        raise FailedError(Trouble.REFUSED, str(error)) from error
    finally:
        LOGGER.removeHandler(heard)
    if taken:
        return str(service.service_name)
    if heard.broke_off:
        unreached = any(word in heard.whole for word in CERTAIN)
        raise (
            FailedError(Trouble.UNREACHABLE, heard.answer)
            if unreached
            else UnclearError(Trouble.BROKE_OFF, heard.answer)
        )
    raise FailedError(Trouble.REFUSED, heard.answer)


class _Heard(logging.Handler):
    """What Apprise says in this thread. Its warnings hold no secret and are the answer; the rest is only looked through."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.thread = threading.get_ident()
        self.warnings: list[str] = []
        self.whole = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        if record.thread == self.thread:
            said = record.getMessage()
            self.whole += said + "\n"
            if record.levelno >= logging.WARNING:
                self.warnings.append(said)

    @property
    def answer(self) -> str:
        """The warnings."""
        return " ".join(self.warnings)

    @property
    def broke_off(self) -> bool:
        """Whether there was no answer at all."""
        return "Socket Exception" in self.whole or "Connection error" in self.whole
