"""A mail server of its own, people who are told of things, and a clock that tests turn."""

from __future__ import annotations

import asyncio
import datetime as dt
import email
import email.policy
import socket
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller
from django.test import Client
from django.utils import translation

from daihou.desk.notices import dispatch, outbox
from daihou.desk.notices.choices import Kind
from daihou.desk.people.roles import Role
from desk.conftest import user

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator
    from email.message import EmailMessage

    from daihou.desk.people.models import User

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
MORNING: Final = dt.datetime(2026, 3, 17, 10, tzinfo=SHANGHAI)
"""A Tuesday that is worked, outside of quiet hours and after the digest."""


@dataclass
class Server:
    """An SMTP server in a thread. It keeps the mails it took, and says what it is told to say."""

    mails: list[EmailMessage] = field(default_factory=list)
    says: str = "250 taken"
    says_to_recipient: str = "250 ok"
    seen: list[str] = field(default_factory=list)
    hold: threading.Event | None = None
    """Until it is set, a mail that was received is not answered."""
    holding: bool = False

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        if self.says_to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.says_to_recipient

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.says.startswith("250"):
            self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
            self.seen += envelope.rcpt_tos
        while self.hold is not None and not self.hold.is_set():
            self.holding = True
            await asyncio.sleep(0.05)
        if self.says == "hang up":
            server.transport.abort()
        return self.says


@contextmanager
def serving() -> Iterator[tuple[Server, int]]:
    """A mail server, and the port that it listens on."""
    made = Server()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(made, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield made, port
    finally:
        controller.stop()


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    """A mail server that the desk is set up for."""
    with serving() as (made, port):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        settings.DEFAULT_FROM_EMAIL, settings.MAIL_READY = "daihou@bank.example", True
        settings.DESK_URL = "https://desk.bank.example"
        yield made


@pytest.fixture
def down(settings: Any) -> None:
    """A mail server that the desk is set up for and that does not run."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.MAIL_READY = "127.0.0.1", 9, True


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def chen(db: None) -> User:
    """A credit officer with a mail address, told in English."""
    return user("chen", (Role.OFFICER, "B01"), officer_id="E1", language="en", email="chen@bank.example")


@pytest.fixture
def administrator(db: None) -> User:
    """Who runs the system."""
    return user("root", (Role.ADMINISTRATOR, ""), language="en", email="root@bank.example")


@pytest.fixture
def browser() -> Callable[[User], Client]:
    """A function that gives somebody's browser."""

    def signed_in(who: User) -> Client:
        client = Client()
        client.force_login(who)
        return client

    return signed_in


def told(who: User, about: str = "move:1", level: str = "orange", kind: str = Kind.RAISED, **more: Any) -> outbox.Told:
    """Something to tell somebody of alert 123."""
    due = dt.datetime(2026, 3, 18, 18, tzinfo=SHANGHAI)
    params = {"number": f"AL-2026-{about.split(':')[1]:>06}", "stage": "check", "due": due.isoformat()}
    return outbox.Told(who.pk, kind, about, "/alerts/123/", level, **{"subject": "alert:123", "params": params, **more})


def post(*given: outbox.Told, at: dt.datetime = MORNING) -> None:
    """Put them into the outbox."""
    outbox.post(given, at)


def work(at: dt.datetime) -> None:
    """Let a sender do all that is due at a moment."""
    while dispatch.step(at):
        pass
