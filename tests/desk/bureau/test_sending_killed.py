"""The sender as the process that it is: killed at every step, two at once, told to stop; against a bureau that would charge the same number twice."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from daihou.desk.bureau.trial.behaviour import Book, Manner
from desk.bureau.asks import bureau_open
from desk.bureau.desks import desk_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from daihou.desk.bureau.trial.behaviour import Fate
    from desk.desks import Desk

ASKS: Final = """
import os, sys
from daihou.cli.desk import django_ready
django_ready()

def seed(first, number):
    from daihou.desk.asked import Asked
    from daihou.desk.bureau import asking
    from daihou.desk.people.models import User
    from daihou.desk.people.reach import Access
    request = Asked()
    request.user = User.objects.get(username="wang")
    request.rights = Access(request.user)
    for each in range(first, first + number):
        query = asking.ask(asking.Asking(f"B{each}", "pbc", "post_loan_management", f"k{each}"), request)
        assert query.outcome == "waiting", query.decision

def later():
    # Ask for results until nobody would by itself any more.
    from datetime import timedelta
    from django.utils import timezone
    from daihou.desk.bureau import sending
    for minutes in (2, 5, 12, 30, 100):
        while sending.ask_for_result(timezone.now() + timedelta(minutes=minutes)):
            pass
"""
DIES: Final = (
    ASKS
    + """
import json, signal, threading
from django.utils import timezone
from daihou.desk.bureau import deciding, sender, sending, settling, written_back
from daihou.desk.bureau.connectors.http import Http
from daihou.desk.bureau.models import Query, Result

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
            deciding.decide = after(deciding.decide)
        case "claimed":
            sending.send = die
        case "connecting":
            Http.fetch = die
        case "answered":
            settling.answered = die
        case "kept":
            settling._write = die
        case "written":
            Result.save = after(Result.save)
        case "done":
            settling.answered = after(settling.answered)
    sender.run(threading.Event())

def work():
    while sending.step(timezone.now()):
        pass

def alone(act, *given, ends=0):
    # In a process of its own, that need not load everything anew; nothing was asked of the database before.
    child = os.fork()
    if not child:
        try:
            act(*given)
        except BaseException:
            import traceback
            traceback.print_exc()
            os._exit(1)
        sys.stdout.flush()
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == ends, given

def tell(step):
    print(json.dumps([step, list(Query.objects.order_by("pk").values_list("sent_number", "outcome"))]))

alone(seed, 0, len(sys.argv) - 1)
for step in sys.argv[1:]:
    alone(to_death, step, ends=-signal.SIGKILL)
alone(tell, "died")
alone(work)  # what was only judged had not left: it goes out now
alone(tell, "worked")
alone(later)  # its result is asked for by number; of what never arrived the bureau knows nothing
alone(tell, "later")
"""
)
SENDS: Final = ASKS + "seed(int(sys.argv[1]), int(sys.argv[2]))\nfrom daihou.desk.bureau.sender import main\nmain()\n"


@pytest.fixture
def asking(set_up: Path, tmp_path: Path) -> Iterator[tuple[Desk, Book]]:
    """A desk without a run, whose bureau is a server of the test, and what that was asked, as often as it was; on PostgreSQL where that is under test."""
    with bureau_open(Manner(idempotent=False, date="2025-07-01")) as (book, url):
        bureau = f'url = "{url}"\ncost = 1\nseconds = 2\ntoken_env = "PBC_TOKEN"'
        with desk_of(set_up, tmp_path, bureau) as desk:
            yield desk, book


def states(desk: Desk) -> list[tuple[str, str]]:
    """The number that the bureau knows, and the outcome, of each query in order."""
    return [(number, outcome) for number, outcome in desk.query("SELECT sent_number, outcome FROM bureau_query ORDER BY id")]  # fmt: skip


def until(holds: Callable[[], Any], seconds: float = 60) -> None:
    """Wait for something."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


TOKEN: Final = {"PBC_TOKEN": "one"}
STEPS: Final = {
    "claimed": ("unclear", 0), "connecting": ("unclear", 0), "answered": ("unclear", 1), "kept": ("unclear", 1), "written": ("unclear", 1),
    "done": ("answered", 1), "judged": ("waiting", 0),
}  # fmt: skip
"""After which step the sender is killed: what the query is then, and how often the bureau charged it."""


def test_a_sender_killed_at_any_step_never_has_a_query_charged_twice_and_loses_none(asking: tuple[Desk, Book]) -> None:
    desk, book = asking
    told = dict(map(json.loads, desk.python(DIES, *STEPS, **TOKEN).splitlines()))
    charged, posted = [one["number"] for one in book.asked], book.posts
    found = {step: state for step, (_, state) in zip(STEPS, told["died"], strict=True)}
    assert found == {step: state for step, (state, _) in STEPS.items()}
    assert [state for _, state in told["worked"]] == ["unclear"] * 5 + ["answered"] * 2
    assert [state for _, state in told["later"]] == ["failed"] * 2 + ["answered"] * 5
    times = {step: charged.count(number) for step, (number, _) in zip(STEPS, told["later"], strict=True)}
    assert times == {step: times for step, (_, times) in STEPS.items()} | {"judged": 1}
    assert len(posted) == len(set(posted)) == 5
    assert desk.query("SELECT count(*) FROM bureau_result")[0][0] == 5
    costs = desk.query("SELECT outcome, cost FROM bureau_query ORDER BY id")
    assert {(outcome, float(cost)) for outcome, cost in costs} == {("failed", 0.0), ("answered", 10.0)}


FATES: Final[tuple[Fate, ...]] = ("answer", "busy", "drop_after", "answer", "garbage", "drop_before", "answer")
"""What becomes of the queries, one after the other as they arrive."""


def test_two_senders_at_once_and_a_bad_bureau_and_still_nothing_is_asked_twice(
    asking: tuple[Desk, Book], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, book = asking
    monkeypatch.setattr(Book, "fate", lambda self, number: FATES[self.posts.index(number) % len(FATES)])
    book.manner = replace(book.manner, delay=0.15)
    starts = ([sys.executable, "-c", SENDS, "0", "30"], [sys.executable, "-m", "daihou.desk.bureau.sender"])
    for name, words in zip(("first", "second"), starts, strict=True):
        desk.processes.append(subprocess.Popen(words, env=desk.environment | {"PBC_TOKEN": name}))
    first, second = desk.processes
    until(lambda: book.tokens == {"Bearer first", "Bearer second"})  # both are at it
    book.manner = replace(book.manner, delay=0.0)
    first.terminate()  # the one in hand it settles first
    assert first.wait(30) == 0
    until(lambda: len(states(desk)) == 30 and "waiting" not in {state for _, state in states(desk)})
    second.terminate()
    assert second.wait(30) == 0
    found, posts = dict(states(desk)), list(book.posts)
    assert sorted(posts) == sorted(found)
    assert {"answered", "failed", "unclear"} == set(found.values())
    charged = [one["number"] for one in book.asked]
    assert not {number for number, state in found.items() if state == "failed"} & set(charged)
    assert {number for number, state in found.items() if state == "answered"} <= set(charged)
    desk.python(ASKS + "later()", **TOKEN)
    unread = {number for number in charged if book.fate(number) == "garbage"}
    assert {number for number, state in states(desk) if state == "unclear"} == unread
    assert len(book.posts) == 30
