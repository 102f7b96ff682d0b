"""The sender as the process that it is: killed at every step, two at once, told to stop; against a gateway that would deliver the same message twice."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, Final

import pytest

from daihou.desk.contacts.gateway.behaviour import Manner
from desk.contacts.posts import gateway_open
from desk.desks import Desk, own

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from daihou.desk.contacts.gateway.behaviour import Book

SEED: Final = """
import datetime as dt, sys
from daihou.cli.desk import django_ready
django_ready()
from django.utils import timezone
from daihou.desk.contacts import points, posting
from daihou.desk.contacts.contacting import Wanted
from daihou.desk.vault import people
from daihou.vault.person import PersonRecord
zone, first, number = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
now = timezone.now()
values = {"currency": "CNY", "amount": 100}
for each in range(first, first + number):
    record = PersonRecord(name=f"N{each}", phones=(f"138001{each:05}",), timezone=zone)
    people.put([(f"C-{each}", "person", record, dt.date(2026, 1, 1))])
    point = points.of(f"C-{each}", now)[0].point
    wanted = Wanted(f"C-{each}", f"C-{each}", ("L-1",), "sms", "debtor", "collect", point)
    posting.post(wanted, f"k{each}", "offer", values, None, language="en", now=now)
"""
DIES: Final = """
import os, signal, sys, threading
from daihou.cli.desk import django_ready
django_ready()
from daihou.desk.contacts import contacting, points, sender, sending
from daihou.desk.contacts.channels.sms import Sms

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def after(whole):
    def wrapped(*given, **more):
        whole(*given, **more)
        die()
    return wrapped

def to_death(step):
    match step:
        case "judged":
            contacting.permit_to_send = after(contacting.permit_to_send)
        case "claimed":
            sending.hand_over = die
        case "uncovered":
            Sms.send = die
        case "handed over":
            sending._settle = die
        case "marked":
            sending._told = after(sending._told)
        case "done":
            sending._settle = after(sending._settle)
    sender.run(threading.Event())

for step in sys.argv[1:]:
    child = os.fork()  # a process of its own that need not load everything anew; nothing was asked of the database before
    if not child:
        to_death(step)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL, step
"""
OWN: Final = """
policy: messages
versions:
  - from: 2026-01-01
    owner: Test
    values:
      lender: {zh-hans: 测试, en: Test}
      phone: ""
      opt_out: {}
      templates:
        - {code: offer, en: Offer, zh: 方案, purpose: collect, stages: [], limited: false, lasts_hours: 4, texts: {sms: {zh-hans: "{amount}", en: "{amount}"}}}
"""
"""A message of the house's own, of which no app knows more than was given."""
LATER: Final = """
from datetime import timedelta
from daihou.cli.desk import django_ready
django_ready()
from django.utils import timezone
from daihou.desk.contacts import receipts, sending
later = timezone.now() + timedelta(minutes=11)
sending.expire(later)
receipts.poll(later)
"""


def noon() -> str:
    """A zone where it is about midday: contacts are allowed there whenever the test runs."""
    ahead = 12 - dt.datetime.now(dt.UTC).hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


class Sending(Desk):
    """A desk without a book, whose text messages go to a gateway of the test."""

    port: int

    @property
    def environment(self) -> dict[str, str]:
        """What its processes are given."""
        return super().environment | {"DAIHOU_SMS_URL": f"http://127.0.0.1:{self.port}"}

    def sender(self) -> subprocess.Popen[bytes]:
        """Start a sender."""
        words = [sys.executable, "-m", "daihou.desk.contacts.sender"]
        self.processes.append(subprocess.Popen(words, env=self.environment))
        return self.processes[-1]

    def post(self, first: int, number: int) -> None:
        """Messages to so many people."""
        self.python(SEED, noon(), str(first), str(number))

    def states(self, first: int = 0, last: int = 99) -> dict[str, str]:
        """Number at the gateway of each message to these people, and its state."""
        people = ", ".join(f"'C-{each}'" for each in range(first, last + 1))
        rows = self.query(f"SELECT number, state FROM contacts_contact WHERE person_id IN ({people}) ORDER BY id")
        return {str(number).replace("-", ""): state for number, state in rows}


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sending, Book]]:
    """The desk and what its gateway was given, as often as it was; on PostgreSQL where that is under test. Each test has people of its own."""
    home = tmp_path_factory.mktemp("sending") / "home"
    manner = Manner(receipt_delay=3600, idempotent=False)
    with own(tmp_path_factory, home, Sending) as made, gateway_open(manner) as (book, made.port):
        (made.home / "policies").mkdir(exist_ok=True)
        (made.home / "policies" / "messages.yaml").write_text(OWN, "utf-8")
        yield made, book


def until(holds: Callable[[], Any], seconds: float = 60) -> None:
    """Wait for something."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


STEPS: Final = {
    "claimed": ("sending", 0),
    "uncovered": ("sending", 0),
    "handed over": ("sending", 1),
    "marked": ("sending", 1),
    "done": ("sent", 1),
    "judged": ("waiting", 0),
}
"""After which step the sender is killed: what the message's state is then, and how often the gateway was given it."""


def test_a_sender_killed_at_any_step_never_sends_twice_and_loses_nothing_that_did_not_leave(
    post: tuple[Sending, Book],
) -> None:
    desk, book = post
    desk.post(0, len(STEPS))
    desk.python(DIES, *STEPS)
    numbers = list(desk.states())
    ids = [one["id"].replace("-", "") for one in book.given]
    assert {
        step: (desk.states()[number], ids.count(number)) for step, number in zip(STEPS, numbers, strict=True)
    } == STEPS
    last = desk.sender()
    until(lambda: desk.states()[numbers[-1]] == "sent")  # what was only judged had not left: it goes out now
    last.terminate()
    assert last.wait(30) == 0
    expected = ["sending", "sending", "sending", "sending", "sent", "sent"]
    assert list(desk.states().values()) == expected
    book.receipts[:] = [(0, *rest) for _, *rest in book.receipts]  # type: ignore[misc]  # the receipts come in
    desk.python(LATER)
    expected = ["unclear", "unclear", "delivered", "delivered", "delivered", "delivered"]
    assert list(desk.states().values()) == expected
    ids = [one["id"] for one in book.given if one["id"].replace("-", "") in desk.states()]
    assert len(ids) == len(set(ids)) == 4


def test_two_senders_at_once_and_a_bad_gateway_and_still_nothing_is_sent_twice(post: tuple[Sending, Book]) -> None:
    desk, book = post
    book.manner = Manner(delay=0.05, fail=0.2, drop_before=0.1, drop_after=0.2, receipt_delay=3600, idempotent=False)
    desk.post(100, 40)
    before = len(book.tries)
    senders = [desk.sender(), desk.sender()]
    until(lambda: len(book.tries) > before + 4)
    senders[0].terminate()  # what it has in hand it hands over to its end
    assert senders[0].wait(30) == 0
    until(lambda: not {"waiting", "sending"} & set(desk.states(100, 139).values()))
    states, given = desk.states(100, 139), [one["id"].replace("-", "") for one in book.given]
    assert len(given) == len(set(given))
    assert {number for number, state in states.items() if state == "sent"} <= set(given)
    assert not {number for number, state in states.items() if state == "failed"} & set(given)
    assert {"sent", "failed", "unclear"} == set(states.values())
