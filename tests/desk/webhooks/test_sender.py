"""The sender as the process that it is: killed at every step, two at once, told to stop, and beside a receiver that misbehaves. Nothing is lost."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import pytest

from desk.desks import Desk, own
from desk.webhooks.receiving import receiving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from desk.webhooks.receiving import Receiver

HOOK: Final = """
import sys
from daihou.cli.desk import django_ready
django_ready()
from django.utils import timezone
from daihou.desk.people.models import Membership, User
from daihou.desk.webhooks import signing
from daihou.desk.webhooks.models import Hook
who = User.objects.create(username="program", name="Program")
Membership.objects.create(user=who, role="analyst", org_id="")
secret = signing.fresh()
Hook.objects.create(name="h", url=sys.argv[1], user=who, kinds=["alert.raised"], secret=signing.seal(secret), made_at=timezone.now(), made_by=who)
print(secret)
"""
POST: Final = """
import sys
from daihou.cli.desk import django_ready
django_ready()
from django.utils import timezone
from daihou.desk.webhooks.outbox import Happened, post
for number in range(int(sys.argv[2])):
    subject = f"{sys.argv[1]}{number}"
    post([Happened("alert.raised", f"alert:{subject}", "/alerts/1/", timezone.now(), {"id": subject}, key=subject)])
"""
DIES: Final = """
import os, signal, sys, threading
from daihou.cli.desk import django_ready
django_ready()
from django.utils import timezone
from daihou.desk.webhooks import dispatch, outbox, posting, routing, sender
from daihou.desk.webhooks.outbox import Happened

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def after(whole):
    def wrapped(*given, **more):
        whole(*given, **more)
        die()
    return wrapped

def to_death(step):
    match step:
        case "routed":
            routing.route = after(routing.route)
        case "claimed":
            dispatch.claim = after(dispatch.claim)
        case "about to send":
            posting.post = die
        case "handed over":
            dispatch.settle = die
        case "marked":
            dispatch._note = die
        case "done":
            dispatch.settle = after(dispatch.settle)
    sender.run(threading.Event())

for step in sys.argv[1:]:
    child = os.fork()  # a process of its own that need not load everything anew; nothing was asked of the database before
    if not child:
        outbox.post([Happened("alert.raised", f"alert:{step}", "/alerts/1/", timezone.now(), {}, key=step)])
        to_death(step)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL, step
"""
LATER: Final = """
from datetime import timedelta
from daihou.cli.desk import django_ready
django_ready()
from django.utils import timezone
from daihou.desk.webhooks import dispatch
from daihou.desk.webhooks.models import Delivery
print(dispatch.expire(timezone.now() + timedelta(minutes=3)))
Delivery.objects.filter(state="failed").update(due_at=timezone.now())
"""


class Sending(Desk):
    """A desk without a book, whose hook tells a receiver of the test."""

    @property
    def environment(self) -> dict[str, str]:
        """What its processes are given."""
        return super().environment | {"DAIHOU_HOOK_HOSTS": "127.0.0.1"}

    def sender(self) -> subprocess.Popen[bytes]:
        """Start a sender."""
        words = [sys.executable, "-m", "daihou.desk.webhooks.sender"]
        self.processes.append(subprocess.Popen(words, env=self.environment))
        return self.processes[-1]

    def states(self, subjects: str = "alert:%") -> list[tuple[str, str]]:
        """Subject and state of what is on its way, in order."""
        asked = (
            "SELECT e.subject, d.state FROM webhooks_delivery d JOIN webhooks_hookevent e ON e.id = d.event_id "
            "WHERE e.subject LIKE ? ORDER BY d.id"
        )
        return [(subject, state) for subject, state in self.query(asked, subjects)]

    def hurry(self) -> None:
        """Let the pauses of what failed pass."""
        self.query("UPDATE webhooks_delivery SET due_at = first_due_at WHERE state = 'failed'")
        self.query("UPDATE webhooks_hook SET rests_until = NULL")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sending, Receiver]]:
    """The desk and its receiver; on PostgreSQL where that is under test. Each test has events of its own."""
    with own(tmp_path_factory, tmp_path_factory.mktemp("hooks") / "home", Sending) as made, receiving() as receiver:
        made.python(HOOK, receiver.url)
        yield made, receiver


@pytest.fixture(autouse=True)
def _over(desk: tuple[Sending, Receiver]) -> Iterator[None]:
    """A receiver that behaves, and no sender of the test before."""
    made, receiver = desk
    receiver.first, receiver.manner, receiver.delay, receiver.status, receiver.hold = [], "", 0.0, 204, None
    yield
    for process in made.processes:
        process.kill()
        process.wait()


def until(holds: Callable[[], Any], seconds: float = 60) -> None:
    """Wait for something."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


STEPS: Final = {
    "claimed": ("sending", 0, 1),
    "about to send": ("sending", 0, 1),
    "handed over": ("sending", 1, 2),
    "done": ("sent", 1, 1),
    "routed": ("waiting", 0, 1),
}
"""After which step the sender is killed: what the delivery's state is then, how often the receiver was told, and how often in the end."""


def told(receiver: Receiver) -> Counter[str]:
    """How often each id came."""
    return Counter(receiver.ids)


def test_a_sender_killed_at_any_step_loses_nothing_and_repeats_under_the_same_id(
    desk: tuple[Sending, Receiver],
) -> None:
    made, receiver = desk
    before = len(receiver.got)
    made.python(DIES, *STEPS)
    assert dict(made.states()) == {f"alert:{step}": state for step, (state, _, _) in STEPS.items()}
    ids = dict(made.query("SELECT subject, uid FROM webhooks_hookevent"))
    count = Counter(receiver.ids[before:])
    assert {step: count[ids[f"alert:{step}"]] for step in STEPS} == {step: came for step, (_, came, _) in STEPS.items()}
    last = made.sender()
    until(lambda: dict(made.states())["alert:routed"] == "sent")
    assert made.python(LATER).strip() == "3"
    until(lambda: {state for _, state in made.states()} == {"sent"})
    last.terminate()
    assert last.wait(30) == 0
    count = Counter(receiver.ids[before:])
    assert {step: count[ids[f"alert:{step}"]] for step in STEPS} == {step: came for step, (_, _, came) in STEPS.items()}


def test_a_sender_killed_while_it_marks_an_answer_sends_it_again(desk: tuple[Sending, Receiver]) -> None:
    made, receiver = desk
    before = len(receiver.got)
    made.python(DIES, "marked")
    assert dict(made.states("alert:marked")) == {"alert:marked": "sending"}
    made.python(LATER)
    made.sender()
    until(lambda: dict(made.states("alert:marked")) == {"alert:marked": "sent"})
    (first, second) = receiver.got[before:]
    assert first.id == second.id
    assert first.body == second.body


def test_two_senders_and_a_bad_receiver_and_everything_arrives(desk: tuple[Sending, Receiver]) -> None:
    made, receiver = desk
    before, receiver.first, receiver.delay = len(receiver.got), [500, 204, 302, 429, 204, 503, 404], 0.02
    made.python(POST, "two", "40")
    made.sender()
    made.sender()

    def all_sent() -> bool:
        made.hurry()
        return [state for _, state in made.states("alert:two%")] == ["sent"] * 40

    until(all_sent)
    count = Counter(receiver.ids[before:])
    assert len(count) == 40
    assert sum(count.values()) == 45  # each of the five that failed came once more, nothing else did
    assert receiver.most_at_once <= 8


def test_a_sender_told_to_stop_finishes_what_it_has_in_hand(desk: tuple[Sending, Receiver]) -> None:
    made, receiver = desk
    before, receiver.hold = len(receiver.got), threading.Event()
    made.python(POST, "stop", "12")
    process = made.sender()
    until(lambda: len(receiver.got) - before == 4)
    process.terminate()
    time.sleep(0.5)
    receiver.hold.set()
    assert process.wait(30) == 0
    states = Counter(state for _, state in made.states("alert:stop%"))
    assert states == {"sent": 4, "waiting": 8}
    made.sender()
    until(lambda: {state for _, state in made.states("alert:stop%")} == {"sent"})


def test_what_is_posted_while_a_sender_runs_arrives_within_a_second(desk: tuple[Sending, Receiver]) -> None:
    made, receiver = desk
    made.sender()
    made.python(POST, "warm", "1")
    until(lambda: {state for _, state in made.states("alert:warm%")} == {"sent"})
    before = len(receiver.got)
    made.python(POST, "soon", "1")
    until(lambda: len(receiver.got) > before, 1)
