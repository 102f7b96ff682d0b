"""What goes wrong in handing over, and what is done about it: nothing is sent twice, nothing that certainly did not leave is lost."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest

from daihou.desk.contacts import receipts, sending
from daihou.desk.contacts.channels import sms
from daihou.desk.contacts.channels.sms import Receipt
from daihou.desk.contacts.choices import Outcome, State
from daihou.desk.contacts.gateway.behaviour import Manner
from daihou.desk.contacts.models import Contact, Point, Receipts
from daihou.desk.contacts.server import gateway
from daihou.desk.contacts.troubles import Trouble
from desk.contacts import posts
from desk.contacts.posts import DIALLED, EMAIL, HOUR, MINUTE, MORNING, hear, only, told, work

if TYPE_CHECKING:
    from daihou.desk.contacts.gateway.behaviour import Book
    from desk.notices.conftest import Server as MailServer

_english, _alone, gate, mails, li = posts._english, posts._alone, posts.gate, posts.mails, posts.li


def standing() -> tuple[str, str, str]:
    """State, trouble and outcome of the message there is."""
    contact = only()
    return contact.state, contact.trouble, contact.outcome


def test_a_gateway_that_says_no_is_asked_again_with_the_same_number(li: dict[str, Point], gate: Book) -> None:
    gate.manner = Manner(fail=1)
    told(li)
    work(MORNING)
    assert standing() == (State.FAILED, Trouble.REFUSED, Outcome.PENDING)
    assert only().answer == "503 busy"
    assert (only().due_at, only().at) == (MORNING + MINUTE, MORNING + MINUTE)
    gate.manner = Manner()
    work(MORNING + MINUTE)
    assert [given["id"] for given in gate.given] == [str(only().number)]
    assert list(gate.tries.values()) == [2]
    assert standing() == (State.SENT, "", Outcome.SENT)


def test_a_gateway_that_is_down_loses_nothing_until_the_message_expires(li: dict[str, Point], settings: Any) -> None:
    settings.SMS_GATEWAY = gateway({"DAIHOU_SMS_URL": "http://127.0.0.1:9"})
    told(li, expires_at=MORNING + 6 * HOUR)
    at, waits = MORNING, []
    while only().state in (State.WAITING, State.FAILED):
        work(at)
        due = only().due_at
        assert due is not None
        waits.append(due - at)
        at = max(due, at)
    assert standing() == (State.GIVEN_UP, Trouble.UNREACHABLE, Outcome.NOT_MADE)
    assert [wait / MINUTE for wait in waits[:-1]] == [1, 5, 15, 60, 180]
    assert "refused" in only().answer.lower()


def test_a_connection_that_ends_before_anything_was_taken_is_unclear_all_the_same(
    li: dict[str, Point], gate: Book
) -> None:
    gate.manner = Manner(drop_before=1)
    told(li)
    work(MORNING)
    assert standing() == (State.UNCLEAR, Trouble.BROKE_OFF, Outcome.PENDING)
    gate.manner = Manner()
    work(MORNING + HOUR)
    assert not gate.given


def test_what_was_taken_without_an_answer_is_settled_by_its_receipt_and_never_sent_again(
    li: dict[str, Point], gate: Book
) -> None:
    gate.manner = Manner(drop_after=1, receipt_delay=0, idempotent=False)
    told(li)
    work(MORNING)
    assert standing() == (State.UNCLEAR, Trouble.BROKE_OFF, Outcome.PENDING)
    work(MORNING + HOUR)
    assert hear() == 1
    assert standing() == (State.DELIVERED, "", Outcome.DELIVERED)
    assert len(gate.given) == 1


def test_a_gateway_that_never_answers_leaves_it_unclear(li: dict[str, Point], settings: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(sms, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.SMS_GATEWAY = gateway({"DAIHOU_SMS_URL": f"http://127.0.0.1:{silent.getsockname()[1]}"})
        told(li)
        work(MORNING)
    assert standing() == (State.UNCLEAR, Trouble.BROKE_OFF, Outcome.PENDING)


def test_a_slow_gateway_is_waited_for(li: dict[str, Point], gate: Book) -> None:
    gate.manner = Manner(delay=0.4)
    told(li)
    work(MORNING)
    assert standing() == (State.SENT, "", Outcome.SENT)


def test_an_error_of_which_nobody_knows_what_it_left_behind_is_unclear(li: dict[str, Point], settings: Any) -> None:
    with answering(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n") as port:
        settings.SMS_GATEWAY = gateway({"DAIHOU_SMS_URL": f"http://127.0.0.1:{port}"})
        told(li)
        work(MORNING)
    assert standing() == (State.UNCLEAR, Trouble.BROKE_OFF, Outcome.PENDING)


def test_a_wrong_secret_is_told_as_such(li: dict[str, Point], settings: Any) -> None:
    with answering(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n") as port:
        settings.SMS_GATEWAY = gateway({"DAIHOU_SMS_URL": f"http://127.0.0.1:{port}"})
        told(li)
        work(MORNING)
    assert standing() == (State.FAILED, Trouble.SIGN_IN, Outcome.PENDING)


def test_a_number_that_the_gateway_knows_not_is_marked_and_given_up(li: dict[str, Point], gate: Book) -> None:
    gate.manner = Manner(wrong=frozenset({DIALLED}))
    told(li)
    work(MORNING)
    assert standing() == (State.GIVEN_UP, Trouble.ADDRESS, Outcome.FAILED)
    assert Point.objects.get(pk=li["sms"].pk).invalid_at == MORNING
    assert Point.objects.get(pk=li["email"].pk).invalid_at is None


def test_a_receipt_of_what_could_not_be_delivered_says_so_and_nothing_is_sent_again(
    li: dict[str, Point], gate: Book
) -> None:
    gate.manner = Manner(undelivered=1, receipt_delay=0)
    told(li)
    work(MORNING)
    assert hear() == 1
    assert standing() == (State.GIVEN_UP, Trouble.UNDELIVERED, Outcome.FAILED)
    assert only().answer == "unreachable"
    assert Point.objects.get(pk=li["sms"].pk).invalid_at is None
    work(MORNING + 24 * HOUR)
    assert len(gate.given) == 1


def test_what_a_receipt_repeats_of_the_number_is_left_out(li: dict[str, Point], gate: Book) -> None:
    told(li)
    work(MORNING)
    receipts.note([Receipt(str(only().number), "failed", "no route to +8613800138000")], MORNING)
    assert only().answer == "no route to …"


def test_receipts_are_read_once_from_where_one_left_off(li: dict[str, Point], gate: Book) -> None:
    gate.manner = Manner(receipt_delay=0)
    told(li)
    work(MORNING)
    assert (hear(), hear()) == (1, 0)
    assert Receipts.objects.get().after == "1"
    told(li, "k2", now=MORNING + HOUR)
    work(MORNING + HOUR)
    assert hear(MORNING + 2 * HOUR) == 1
    assert set(Contact.objects.values_list("state", flat=True)) == {State.DELIVERED}
    assert Contact.objects.order_by("pk").last().delivered_at == MORNING + 2 * HOUR  # type: ignore[union-attr]


def test_receipts_heard_again_after_a_crash_change_nothing(li: dict[str, Point], gate: Book) -> None:
    gate.manner = Manner(receipt_delay=0)
    told(li)
    work(MORNING)
    hear()
    Receipts.objects.all().delete()
    assert hear(MORNING + HOUR) == 1
    assert only().delivered_at == MORNING


def test_receipts_of_others_and_of_nobody_say_nothing(li: dict[str, Point], gate: Book) -> None:
    gate.manner = Manner(receipt_delay=0)
    gate.take("not-a-number", DIALLED, "of somebody else")
    gate.take("00000000-0000-0000-0000-000000000000", DIALLED, "of somebody else")
    told(li)
    work(MORNING)
    assert hear() == 3
    assert only().state == State.DELIVERED


def test_a_gateway_that_says_no_and_took_it_is_stopped_by_its_receipt(li: dict[str, Point], gate: Book) -> None:
    gate.manner = Manner(fail=1, receipt_delay=0)
    told(li)
    work(MORNING)
    assert only().state == State.FAILED
    gate.manner = Manner(receipt_delay=0, idempotent=False)
    gate.take(str(only().number), DIALLED, "took it after all")
    hear()
    work(MORNING + HOUR)
    assert standing() == (State.DELIVERED, "", Outcome.DELIVERED)
    assert len(gate.given) == 1


def test_receipts_that_cannot_be_read_stop_nobody_from_sending(li: dict[str, Point], settings: Any) -> None:
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]") as port:
        settings.SMS_GATEWAY = gateway({"DAIHOU_SMS_URL": f"http://127.0.0.1:{port}"})
        assert hear() == 0
    assert hear() == 0


@pytest.mark.parametrize(
    ("said", "state", "outcome", "marked"),
    [
        ("550 5.1.1 no such user", State.GIVEN_UP, Outcome.FAILED, True),
        ("550 5.7.1 looks like spam", State.FAILED, Outcome.PENDING, False),
        ("552 mailbox full", State.FAILED, Outcome.PENDING, False),
        ("451 come back later", State.FAILED, Outcome.PENDING, False),
    ],
)
def test_an_address_that_the_mail_server_knows_not_is_marked_and_no_other(
    li: dict[str, Point], mails: MailServer, said: str, state: str, outcome: str, marked: bool
) -> None:
    mails.says_to_recipient = said
    told(li, channel="email")
    work(MORNING)
    assert standing() == (state, Trouble.ADDRESS, outcome)
    assert (Point.objects.get(pk=li["email"].pk).invalid_at is not None) is marked
    assert Point.objects.get(pk=li["sms"].pk).invalid_at is None


def test_a_mail_server_that_breaks_off_in_the_midst_leaves_it_unclear(li: dict[str, Point], mails: MailServer) -> None:
    mails.says = "hang up"
    told(li, channel="email")
    work(MORNING)
    assert standing() == (State.UNCLEAR, Trouble.BROKE_OFF, Outcome.PENDING)
    mails.says = "250 taken"
    work(MORNING + HOUR)
    assert not mails.seen


def test_what_servers_repeat_of_an_address_is_left_out() -> None:
    said = sending.harmless(f"550 <{EMAIL}>: unknown; call +86 138 0013 8000 or 13800138000, id 12345")
    assert said == "550 <…>: unknown; call … or …, id 12345"


def test_where_the_gateway_is_stands_in_the_environment() -> None:
    stated = gateway({"DAIHOU_SMS_URL": "https://gateway.example.com/v1/", "DAIHOU_SMS_TOKEN": "secret"})
    assert (stated.host, stated.port, stated.path, stated.tls, stated.token) == (
        "gateway.example.com",
        443,
        "/v1",
        True,
        "secret",
    )
    assert "secret" not in repr(stated)
    assert not gateway({}).host


class answering:  # noqa: N801 - reads as what it does
    """A server that says the same to everybody; its port."""

    def __init__(self, said: bytes) -> None:
        self.said = said

    def __enter__(self) -> int:
        self.listening = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()
        return int(self.listening.getsockname()[1])

    def __exit__(self, *_: object) -> None:
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                heard = b""
                while b"\r\n\r\n" not in heard:
                    heard += connection.recv(65536)
                connection.sendall(self.said)
