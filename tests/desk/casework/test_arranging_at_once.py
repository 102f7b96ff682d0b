"""Approvers at once, as threads of a process with a database of its own: of what excludes each other one stands, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from desk.casework.owing import built
from desk.desks import Desk, own

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPT = """
import datetime as dt, json, threading
from daihou.cli.desk import django_ready
django_ready()
from django.db import connection
from django.utils import timezone
from daihou.collection.arrangement import Part, Terms
from daihou.desk.asked import Asked
from daihou.desk.casework import arrangements, arranging
from daihou.desk.casework.models import Arrangement, Case, CaseLoan, CaseMove, Promise
from daihou.desk.casework.terms import Stated
from daihou.desk.people.models import Membership, User
from daihou.desk.people.reach import Access

TODAY = arrangements.today()
users = [User.objects.create(username=f"u{n}", name=f"U{n}") for n in range(7)]
Membership.objects.bulk_create([Membership(user=one, role="manager") for one in users])
maker = users.pop()

def asked(user):
    request = Asked()
    request.user, request.rights = user, Access(user)
    return request

def case():
    days = {"staged_on": TODAY, "opened_on": TODAY, "as_of": TODAY, "opened_at": timezone.now()}
    made = Case.objects.create(borrower_id=f"C{Case.objects.count()}", stage="M1", rank=2, currency="CNY", **days)
    CaseLoan.objects.create(case=made, loan_id="L1", state="overdue", stage="M1", currency="CNY")
    return made

def submitted(of):
    terms = Terms("instalments", (Part(TODAY + dt.timedelta(days=20), 225_000),))
    made = arranging.draft(of, Stated("instalments", ("L1",), terms, "Lost her job.", ("G1", "G2")), "CNY", asked(maker))
    return arranging.submit(made, made.revision, "", asked(maker), TODAY)

def race(ones):
    start, told = threading.Barrier(len(users)), [None] * len(users)
    def run(place, user):
        one = Arrangement.objects.select_related("case").get(pk=ones[place % len(ones)].pk)
        try:
            start.wait()
            arranging.approve(one, one.revision, "", asked(user), TODAY)
            told[place] = "approved"
        except Exception as error:
            told[place] = type(error).__name__
        finally:
            connection.close()
    threads = [threading.Thread(target=run, args=each) for each in enumerate(users)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return sorted(told)

answers = {"one": race([submitted(case())]), "promises of one": Promise.objects.count()}
of = case()
answers["two of a loan"] = race([submitted(of), submitted(of)])
answers["in force"] = Arrangement.objects.filter(case=of, state="approved").count()
answers["moves"] = CaseMove.objects.filter(case=of, act="arrange").count()
answers["revision"] = Case.objects.get(pk=of.pk).revision
print(json.dumps(answers))
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What everybody was told; on PostgreSQL where that is under test."""
    home = shutil.copytree(built(tmp_path_factory).path, tmp_path_factory.mktemp("at_once") / "home")
    with own(tmp_path_factory, home, Desk) as desk:
        yield json.loads(desk.python(SCRIPT))


def test_of_six_who_approve_one_the_first_does(answers: dict[str, Any]) -> None:
    assert answers["one"].count("approved") == 1
    assert set(answers["one"]) <= {"approved", "StaleError", "RefusedError"}
    assert answers["promises of one"] == 1


def test_of_two_for_the_same_loan_one_comes_into_force(answers: dict[str, Any]) -> None:
    assert answers["two of a loan"].count("approved") == 1
    assert set(answers["two of a loan"]) <= {"approved", "StaleError", "RefusedError"}
    assert answers["in force"] == 1


def test_every_act_that_was_done_and_no_other_left_its_move(answers: dict[str, Any]) -> None:
    assert answers["moves"] == 5  # two drafts, two submissions, one approval
    assert answers["revision"] == 1 + answers["moves"]
