"""Whoever writes a promise and its case takes the case first: a collector and the keeper wait for each other, and neither is thrown out. On PostgreSQL and SQLite."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from desk.desks import Desk, own

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPT = """
import datetime as dt, json, threading, time
from daihou.cli.desk import django_ready
django_ready()
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from daihou.collection.promise import judge
from daihou.desk.asked import Asked
from daihou.desk.casework import promises, promising
from daihou.desk.casework.models import Case, CaseLoan, Promise, PromisePart
from daihou.desk.casework.policy import policy
from daihou.desk.people.models import Membership, User
from daihou.desk.people.reach import Access

TODAY, NOW = timezone.localdate(), timezone.now()
who = User.objects.create(username="u", name="U")
Membership.objects.create(user=who, role="collector")
request = Asked()
request.user, request.rights = who, Access(who)

def promise(number):
    days = {"staged_on": TODAY, "opened_on": TODAY, "as_of": TODAY, "opened_at": NOW}
    case = Case.objects.create(borrower_id=f"C{number}", stage="M1", rank=2, currency="CNY", owner=who, **days)
    CaseLoan.objects.create(case=case, loan_id="L1", state="overdue", stage="M1", currency="CNY")
    made = Promise.objects.create(key=f"k{number}", case=case, loan_ids=["L1"], currency="CNY", made_on=TODAY, made_at=NOW, made_by=who)
    PromisePart.objects.create(promise=made, due_on=TODAY, amount=100)
    return made

def judged(made):
    later = TODAY + dt.timedelta(days=30)
    (held,) = [one for one in promises._held(TODAY) if one.pk == made.pk]
    came = judge([part for _, part, _ in held.parts], [], later, held.made_on, policy(TODAY).promises)
    with transaction.atomic():
        promises._written([(held, came)], later, NOW)

def withdrawn(made):
    promising.withdraw(made.case, made, "typed in twice", request)

def meanwhile(made, act):
    # Hold the case while another acts; whether the promise is free then, and what became of the other.
    told = []
    def run():
        try:
            act(made)
            told.append("done")
        except Exception as error:
            told.append(type(error).__name__)
        finally:
            connection.close()
    other = threading.Thread(target=run)
    try:
        with transaction.atomic():
            Case.objects.select_for_update().get(pk=made.case_id)
            other.start()
            time.sleep(1)
            list(Promise.objects.select_for_update(nowait=connection.vendor == "postgresql").filter(pk=made.pk))
            told.append("free")
    except DatabaseError:
        told.append("locked")
    other.join()
    return told

print(json.dumps({"judged": meanwhile(promise(1), judged), "withdrawn": meanwhile(promise(2), withdrawn)}))
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What became of each; on PostgreSQL where that is under test."""
    with own(tmp_path_factory, tmp_path_factory.mktemp("at_once") / "home", Desk) as desk:
        yield json.loads(desk.python(SCRIPT))


@pytest.mark.parametrize("act", ["judged", "withdrawn"])
def test_who_waits_for_a_case_holds_no_promise_of_it(answers: dict[str, Any], act: str) -> None:
    assert answers[act] == ["free", "done"]
