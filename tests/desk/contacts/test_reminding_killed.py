"""Who plans reminders as the process that it is: killed at every step, and two at once; nobody is reminded twice, and nobody is left out."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

import pytest

from desk.contacts.dues import NEXT, built
from desk.contacts.posts import gateway_open
from desk.contacts.test_sending_killed import Sending
from desk.desks import own

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED: Final = """
import datetime as dt, sys
from daihou.cli.desk import django_ready
django_ready()
from daihou.desk.vault import people
from daihou.vault.person import PersonRecord
for number, loan in enumerate(sys.argv[1:]):
    people.put([(f"C-{loan}", "person", PersonRecord(name=f"N{number}", phones=(f"1380015{number:04}",)), dt.date(2026, 1, 1))])
"""
PLANS: Final = """
import datetime as dt, os, signal, sys
from daihou.cli.desk import django_ready
django_ready()
from daihou.desk.contacts import reminding
from daihou.desk.contacts.models import Reminder

NOW = dt.datetime(2026, 3, 17, 2, tzinfo=dt.UTC)
seen = 0

def dying(whole, at):
    def wrapped(*given, **more):
        global seen
        found = whole(*given, **more)
        seen += 1
        if seen == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return found
    return wrapped

def to_death(step, at):
    match step:
        case "chosen":
            reminding.posting.by_first = dying(reminding.posting.by_first, at)
        case "posted":
            reminding.posting.post = dying(reminding.posting.post, at)
        case "written":
            Reminder.save = dying(Reminder.save, at)
        case "done":
            reminding._post = dying(reminding._post, at)
    reminding.plan(NOW)

for word in sys.argv[1:]:
    child = os.fork()  # a process of its own that need not load everything anew; nothing was asked of the database before
    if not child:
        step, at = word.split(":")
        to_death(step, int(at))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL, word
two = []
for _ in range(2):
    child = os.fork()
    if not child:
        reminding.plan(NOW)
        os._exit(0)
    two.append(child)
assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in two] == [0, 0]
"""
EXPECTED: Final = [
    ("missed", 3, "posted"),
    ("new", 3, "posted"),
    ("opted", 1, "posted"),
    ("steady", 1, "posted"),
    ("unknown", 1, "no_point"),
]


@pytest.fixture
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sending]:
    """The desk of the small book, set up for text messages."""
    folder = tmp_path_factory.mktemp("reminding")
    home = shutil.copytree(built(tmp_path_factory).path, folder / "home")
    with own(tmp_path_factory, home, Sending) as made, gateway_open() as (_, made.port):
        made.python(SEED, *(loan for loan in NEXT if loan != "unknown"))
        yield made


def _standing(desk: Sending) -> list[tuple[str, int, str]]:
    rows = desk.query("SELECT loan_id, step, state FROM contacts_reminder ORDER BY loan_id, step")
    (messages,) = desk.query("SELECT count(*), count(DISTINCT key) FROM contacts_contact")
    posted = [row for row in rows if row[2] == "posted"]
    assert messages == (len(posted), len(posted))
    return [(str(loan), int(step), str(state)) for loan, step, state in rows]


def test_killed_at_every_step_and_run_again_by_two_at_once_each_is_reminded_once(desk: Sending) -> None:
    desk.python(PLANS, "chosen:2", "posted:1", "written:1", "done:1", "posted:2", "done:2")
    assert _standing(desk) == EXPECTED
