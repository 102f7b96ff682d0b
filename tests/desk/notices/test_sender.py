"""The sender as the process that it is: killed in the midst, told to stop, and two of them at once."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from desk.desks import Desk, own
from desk.notices.conftest import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from desk.notices.conftest import Server

SEED = """
import datetime as dt, sys
from daihou.cli.desk import django_ready
django_ready()
from django.utils import timezone
from daihou.desk.notices.models import Preference
from daihou.desk.notices.outbox import Told, post
from daihou.desk.people.models import User
for number in range(int(sys.argv[1])):
    made = User.objects.create(username=f"u{number}", name=f"U{number}", email=f"u{number}@bank.example", language="en")
    Preference.objects.create(user=made, levels={"red": "at_once"}, digest_at=dt.time(9))
    params = {"number": "AL-2026-000001", "stage": "check"}
    post([Told(made.pk, "raised", "move:1", "/alerts/1/", "red", "alert:1", params)], timezone.now())
"""


class Sending(Desk):
    """A desk without a book, whose notices go to a mail server of the test."""

    port: int

    def sender(self) -> subprocess.Popen[bytes]:
        """Start a sender."""
        environment = self.environment | {"DAIHOU_MAIL_URL": f"smtp://127.0.0.1:{self.port}"}
        words = [sys.executable, "-m", "daihou.desk.notices.sender"]
        self.processes.append(subprocess.Popen(words, env=environment))
        return self.processes[-1]

    def states(self) -> dict[str, int]:
        """How many deliveries are in which state."""
        return dict(self.query("SELECT state, count(*) FROM notices_delivery GROUP BY state"))


@pytest.fixture
def post(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sending, Server]]:
    """The desk and its mail server; on PostgreSQL where that is under test."""
    with own(tmp_path_factory, tmp_path / "home", Sending) as made, serving() as (server, made.port):
        yield made, server


def until(holds: Callable[[], Any], seconds: float = 90) -> None:
    """Wait for something."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_sender_killed_in_the_midst_leaves_nothing_to_be_sent_twice(post: tuple[Sending, Server]) -> None:
    desk, server = post
    server.hold = threading.Event()
    desk.python(SEED, "1")
    first = desk.sender()
    until(lambda: server.holding)
    first.kill()
    first.wait()
    assert desk.states() == {"sending": 1}
    server.hold.set()
    second = desk.sender()
    time.sleep(3)
    assert second.poll() is None
    assert desk.states() == {"sending": 1}
    assert len(server.mails) == 1


def test_two_senders_at_once_send_each_notice_once_and_finish_what_they_have_in_hand(
    post: tuple[Sending, Server],
) -> None:
    desk, server = post
    server.hold = threading.Event()
    desk.python(SEED, "40")
    senders = [desk.sender(), desk.sender()]
    until(lambda: len(server.mails) == 2)
    senders[0].terminate()
    server.hold.set()
    assert senders[0].wait(30) == 0
    until(lambda: desk.states() == {"sent": 40})
    assert sorted(server.seen) == sorted(f"u{number}@bank.example" for number in range(40))
