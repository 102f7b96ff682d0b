"""The page of messages: what went wrong and what to do, for whose cases one manages, without what was said."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from daihou.desk.contacts.choices import Outcome, State
from daihou.desk.contacts.models import Contact
from daihou.desk.contacts.troubles import Trouble
from daihou.desk.people.roles import Role
from daihou.desk.vault import people as vaulted
from daihou.vault.person import PersonRecord
from desk.alerts.hands import browser
from desk.casework.made import BRANCH, case
from desk.conftest import user

if TYPE_CHECKING:
    from daihou.desk.casework.models import Case
    from daihou.desk.people.models import User

pytestmark = pytest.mark.django_db
PAGE = "/collection/messages/"


@pytest.fixture
def manager() -> User:
    return user("manager", (Role.MANAGER, BRANCH), language="en")


def message(of: Case, state: str = State.GIVEN_UP, trouble: str = Trouble.UNREACHABLE, **more: Any) -> None:
    """A message of a case, as the sender left it."""
    now = timezone.now()
    number = Contact.objects.count() + 1
    stated = {
        "key": f"k{number}", "person_id": of.borrower_id, "debtor_id": of.borrower_id, "case_id": of.pk, "loan_ids": ["L-1"], "channel": "sms",
        "party": "debtor", "purpose": "collect", "asked_at": now, "at": now, "due_at": now, "outcome": Outcome.PENDING, "state": state,
        "trouble": trouble, "template": "arrears", "answer": "connection refused", "tries": 2,
    }  # fmt: skip
    Contact.objects.create(**stated | more)


def shown(who: User, query: str = "") -> str:
    answer = browser(who).get(PAGE + query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_what_is_in_trouble_is_told_with_what_to_do(manager: User) -> None:
    mine = case("C1")
    vaulted.put([("C1", "person", PersonRecord(name="李娜", phones=("13800138000",)), dt.date(2026, 1, 1))])
    message(mine)
    page = shown(manager)
    assert "Notice of arrears" in page
    assert "The server cannot be reached." in page
    assert "Check host, port and firewall" in page
    assert mine.number in page
    assert "李*" in page
    assert "李娜" not in page


def test_states_are_chosen_in_the_address(manager: User) -> None:
    mine = case("C1")
    message(mine)
    message(mine, State.DELIVERED, "")
    assert "Given up" in shown(manager)
    page = shown(manager, "?state=delivered")
    assert page.count("<tr>") == 2
    assert "No message is in this state" in shown(manager, "?state=waiting")
    assert "The server cannot be reached." in shown(manager, "?state=nonsense")


def test_only_messages_of_cases_that_one_manages_are_seen(manager: User) -> None:
    message(case("C1", org_id="elsewhere"))
    assert "No message is in trouble" in shown(manager)
    everything = user("head", (Role.MANAGER, ""), language="en")
    assert "The server cannot be reached." in shown(everything)


def test_who_only_works_cases_does_not_see_the_page() -> None:
    collector = user("sun", (Role.COLLECTOR, BRANCH), language="en")
    assert browser(collector).get(PAGE).status_code == 403


def test_what_is_due_and_not_taken_up_says_that_no_sender_runs(manager: User, settings: Any) -> None:
    settings.MAIL_READY = True
    mine = case("C1")
    late = timezone.now() - dt.timedelta(minutes=6)
    message(mine, State.WAITING, "", channel="email", due_at=timezone.now())
    assert "is it running?" not in shown(manager)
    message(mine, State.WAITING, "", channel="email", due_at=late)
    assert "is it running?" in shown(manager)


def test_what_is_older_than_a_month_is_left_out(manager: User) -> None:
    message(case("C1"), at=timezone.now() - dt.timedelta(days=31))
    assert "No message is in trouble" in shown(manager)


def test_queries_do_not_grow_with_messages(manager: User) -> None:
    mine = case("C1")
    message(mine)
    who = browser(manager)
    who.get(PAGE)
    with CaptureQueriesContext(
        connection,
    ) as few:
        who.get(PAGE)
    for number in range(2, 30):
        message(case(f"C{number}"))
    with CaptureQueriesContext(connection) as many:
        who.get(PAGE)
    assert len(many) == len(few)
