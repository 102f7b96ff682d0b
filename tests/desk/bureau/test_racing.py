"""Officers at once, as threads of a process with a database of its own: who comes second is told by what the first left, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from desk.bureau.desks import desk_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCRIPT = """
import datetime as dt, json, threading
from daihou.cli.desk import django_ready
django_ready()
from django.db import connection
from django.utils import timezone
from daihou.desk.asked import Asked
from daihou.desk.audit.models import Entry
from daihou.desk.bureau import asking, authorising
from daihou.desk.bureau.models import Query
from daihou.desk.people.models import Membership, User
from daihou.desk.people.reach import Access

NOW = dt.datetime(2026, 3, 17, 10, tzinfo=dt.timezone(dt.timedelta(hours=8)))
timezone.now = lambda: NOW
users = [User.objects.create(username=f"u{n}", name=f"U{n}") for n in range(8)]
Membership.objects.bulk_create([Membership(user=one, role="manager") for one in users])

def asked(user):
    request = Asked()
    request.user, request.rights = user, Access(user)
    return request

def race(acts):
    # Everybody waits for everybody, then all act at once; what each was told.
    start, told = threading.Barrier(len(acts)), [None] * len(acts)
    def run(place, act):
        try:
            start.wait()
            told[place] = act()
        except Exception as error:
            told[place] = type(error).__name__
        finally:
            connection.close()
    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return sorted(map(str, told))

def ask(borrower, user, key):
    query = asking.ask(asking.Asking(borrower, "pbc", "post_loan_management", key), asked(user), NOW)
    return " ".join([query.outcome, *(one["rule"] for one in query.decision["refusals"])])

def authorise(borrower):
    given = authorising.Given("HT-1", ["post_loan_management"], NOW - dt.timedelta(days=1))
    return authorising.authorise(borrower, given, None, asked(users[0]))

consents = {borrower: authorise(borrower) for borrower in ("P1", "P4", "F1", "P5")}
answers = {"one person": race([lambda one=one: ask("P1", one, f"a{one.pk}") for one in users])}
Query.objects.all().delete()
answers["one key"] = race([lambda: ask("P1", users[0], "b") for _ in range(8)])
answers["queries"] = Query.objects.count()
Query.objects.all().delete()
people = ("P1", "P4", "F1", "P5")
answers["the money of a day"] = race([lambda n=n, who=who: ask(who, users[n], f"c{n}") for n, who in enumerate(people)])
Query.objects.all().delete()
revoked = lambda: authorising.revoke(consents["P4"], "by letter", asked(users[0])) and "revoked"
answers["a withdrawal meanwhile"] = race([revoked, *(lambda n=n: ask("P4", users[n], f"d{n}") for n in range(1, 8))])
answers["then"] = race([lambda: ask("P4", users[0], "e")])
answers["entries"] = Entry.objects.filter(action__in=("bureau.query", "bureau.refuse")).count()
print(json.dumps(answers))
"""


@pytest.fixture(scope="module")
def answers(set_up: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What everybody was told; on PostgreSQL where that is under test. A query costs 800 of 2,000 a day."""
    with desk_of(set_up, tmp_path_factory.mktemp("racing"), "cost = 800") as desk:
        yield json.loads(desk.python(SCRIPT))


def test_of_eight_who_ask_about_one_person_one_may(answers: dict[str, Any]) -> None:
    told = answers["one person"]
    assert told.count("waiting") == 1
    assert all(one.startswith("refused unclear") for one in told if one != "waiting")


def test_the_same_query_asked_for_eight_times_at_once_is_one(answers: dict[str, Any]) -> None:
    assert answers["one key"] == 8 * ["waiting"]
    assert answers["queries"] == 1


def test_the_money_of_a_day_is_spent_once(answers: dict[str, Any]) -> None:
    assert answers["the money of a day"] == 2 * ["refused cost_a_day"] + 2 * ["waiting"]


def test_whoever_asks_after_a_consent_was_withdrawn_is_refused(answers: dict[str, Any]) -> None:
    told = answers["a withdrawal meanwhile"]
    assert told.count("revoked") == 1
    assert told.count("waiting") <= 1
    assert "consent" in answers["then"][0].split()


def test_every_decision_is_logged(answers: dict[str, Any]) -> None:
    assert answers["entries"] == 8 + 1 + 4 + 7 + 1
