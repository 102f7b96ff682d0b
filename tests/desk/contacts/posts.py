"""People who are written to, a mail server and a gateway that are real, and messages that wait: what the tests of sending share."""

from __future__ import annotations

import datetime as dt
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from daihou.desk.contacts import facts, points, posting, receipts, sending
from daihou.desk.contacts.contacting import Wanted
from daihou.desk.contacts.gateway.behaviour import Book, Manner
from daihou.desk.contacts.gateway.server import Server as GatewayServer
from daihou.desk.contacts.models import Contact
from daihou.desk.contacts.server import gateway
from daihou.desk.vault import people as vaulted
from daihou.vault.person import PersonRecord
from desk.notices.conftest import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daihou.desk.contacts.models import Point
    from desk.notices.conftest import Server as MailServer

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
MORNING: Final = dt.datetime(2026, 3, 17, 10, tzinfo=SHANGHAI)
MINUTE: Final = dt.timedelta(minutes=1)
HOUR: Final = dt.timedelta(hours=1)
LI: Final = "C-1"
PHONE: Final = "13800138000"
DIALLED: Final = "+8613800138000"
EMAIL: Final = "li.na@mail.example"
ARREARS: Final = {"currency": "CNY", "amount": 1_844_072, "days": 12, "as_of": "2026-03-16"}


@contextmanager
def gateway_open(manner: Manner | None = None) -> Iterator[tuple[Book, int]]:
    """A gateway at this machine, and its port; its manner may be changed while it runs."""
    book = Book(manner or Manner(receipt_delay=0))
    server = GatewayServer(book)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield book, server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Contacts alone: messages say what was given when they were posted, and nobody knows of cases or plans."""
    monkeypatch.setattr(facts, "_READERS", {})
    monkeypatch.setattr(facts, "_PLANS", {})


@pytest.fixture
def gate(settings: Any) -> Iterator[Book]:
    """What a gateway was given that the desk is set up for."""
    with gateway_open() as (book, port):
        settings.SMS_GATEWAY = gateway({"DAIHOU_SMS_URL": f"http://127.0.0.1:{port}"})
        yield book


@pytest.fixture
def mails(settings: Any) -> Iterator[MailServer]:
    """A mail server that the desk is set up for."""
    with serving() as (made, port):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        settings.DEFAULT_FROM_EMAIL, settings.MAIL_READY = "daihou@bank.example", True
        yield made


@pytest.fixture
def li(db: None) -> dict[str, Point]:
    """Li Na, who owes: her points by channel."""
    return put(LI, PersonRecord(name="李娜", phones=(PHONE,), emails=(EMAIL,), language="en"))


def put(number: str, record: PersonRecord) -> dict[str, Point]:
    """Put somebody into the vault; their points by channel."""
    vaulted.put([(number, "person", record, dt.date(2026, 1, 1))])
    by_kind = {shown.point.kind: shown.point for shown in reversed(points.of(number, MORNING))}
    return {
        channel: by_kind[kind]
        for channel, kind in (("sms", "phone"), ("phone", "phone"), ("email", "email"))
        if kind in by_kind
    }


def wanted(point: Point, channel: str = "sms") -> Wanted:
    """A contact of somebody about their own loan."""
    return Wanted(point.person_id, point.person_id, ("L-1",), channel, "debtor", "collect", point)


def told(
    who: dict[str, Point], key: str = "k1", channel: str = "sms", code: str = "arrears", *, now: dt.datetime = MORNING, language: str = "en",
    values: dict[str, Any] | None = None, **more: Any,
) -> Contact:  # fmt: skip
    """A message to somebody, posted."""
    stated = ARREARS if values is None else values
    return posting.post(wanted(who[channel], channel), key, code, stated, None, now=now, language=language, **more)


def work(at: dt.datetime) -> None:
    """Let a sender do all that is due at a moment."""
    while sending.step(at):
        pass


def hear(at: dt.datetime = MORNING) -> int:
    """Let a sender read receipts."""
    return receipts.poll(at)


def only() -> Contact:
    """The message there is."""
    return Contact.objects.select_related("point").get()
