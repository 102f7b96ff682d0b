"""Collectors at once, as threads of a process with a database of its own: who comes second is told by what the first left, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from desk.desks import Desk, own

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPT = """
import datetime as dt, json, threading
from daihou.cli.desk import django_ready
django_ready()
from django.db import connection
from daihou.desk.asked import Asked
from daihou.desk.contacts import circumstances, contacting, points
from daihou.desk.contacts.models import Contact, Held, Refusal
from daihou.desk.people.models import Membership, User
from daihou.desk.people.reach import Access
from daihou.desk.vault import people
from daihou.vault.person import PersonRecord

NOW = dt.datetime(2026, 3, 31, 10, tzinfo=dt.timezone(dt.timedelta(hours=8)))
SHARED = ("13900000001",)
people.put((f"C{n}", "person", PersonRecord("陈", phones=SHARED if n > 1 else ("13900000009",)), dt.date(2026, 1, 1)) for n in range(1, 4))
of = {f"C{n}": points.of(f"C{n}", NOW)[0].point for n in range(1, 4)}
users = [User.objects.create(username=f"u{n}", name=f"U{n}") for n in range(8)]
Membership.objects.bulk_create([Membership(user=one, role="collector") for one in users])

def past(person, outcome, minute):
    Contact.objects.create(key=f"{person} {minute}", person_id=person, debtor_id=person, loan_ids=["L"], channel="phone", party="debtor",
        purpose="collect", asked_at=NOW, at=NOW - dt.timedelta(minutes=minute), outcome=outcome, point=of[person])

def asked(user):
    request = Asked()
    request.user, request.rights = user, Access(user)
    return request

def wanted(person):
    return contacting.Wanted(person, person, ("L",), "phone", "debtor", "collect", of[person])

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

def dial(person, user, key):
    contacting.begin(wanted(person), key, asked(user), NOW)
    return "dialled"

def said(person, user):
    circumstances.enter(circumstances.Entry(person, "do_not_contact", "Said so.", NOW), asked(user), NOW)
    return "entered"

answers = {}
for minute in (1, 2):
    past("C1", "conversation", minute)
answers["two of three"] = race([lambda one=one: dial("C1", one, f"a{one.pk}") for one in users])
for minute in range(1, 6):
    past("C2", "no_answer", minute)
answers["one number of two people"] = race([lambda one=one: dial(("C2", "C3")[one.pk % 2], one, f"b{one.pk}") for one in users])
Contact.objects.all().delete()
answers["one key"] = race([lambda: dial("C1", users[0], "c") for _ in range(8)])
answers["contacts"] = Contact.objects.count()
answers["before"] = Held.objects.get(pk="C3").revision
answers["an opt-out meanwhile"] = race([lambda: said("C3", users[0]), *(lambda one=one: dial("C3", one, f"d{one.pk}") for one in users[1:])])
answers["after"] = Held.objects.get(pk="C3").revision
answers["then"] = race([lambda: dial("C3", users[1], "e")])
answers["refusals"] = Refusal.objects.values("asked").distinct().count()
print(json.dumps(answers))
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What everybody was told; on PostgreSQL where that is under test."""
    with own(tmp_path_factory, tmp_path_factory.mktemp("racing") / "home", Desk) as desk:
        yield json.loads(desk.python(SCRIPT))


def test_of_eight_collectors_one_may_make_the_third_call_of_a_day(answers: dict[str, Any]) -> None:
    assert answers["two of three"] == 7 * ["RefusedError"] + ["dialled"]


def test_of_eight_calls_to_a_number_that_two_people_share_one_is_the_sixth(answers: dict[str, Any]) -> None:
    assert answers["one number of two people"] == 7 * ["RefusedError"] + ["dialled"]


def test_the_same_call_asked_for_eight_times_at_once_is_one_call(answers: dict[str, Any]) -> None:
    assert answers["one key"] == 8 * ["dialled"]
    assert answers["contacts"] == 1


def test_whoever_dials_after_an_opt_out_is_refused(answers: dict[str, Any]) -> None:
    """Of seven who dial while it is entered, the law allows three at most; each waited for the others, and nobody dials later."""
    told = answers["an opt-out meanwhile"]
    assert told.count("entered") == 1
    assert told.count("dialled") <= 3
    assert answers["after"] - answers["before"] == 8
    assert answers["then"] == ["RefusedError"]


def test_every_refusal_is_written(answers: dict[str, Any]) -> None:
    told = [each for one in answers.values() if isinstance(one, list) for each in one]
    assert answers["refusals"] == told.count("RefusedError")
