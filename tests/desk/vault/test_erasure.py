"""Erasing a person: nothing opens, nothing is found, and a later file does not bring them back."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from daihou.book.errors import DaihouError
from daihou.desk.audit.models import Entry
from daihou.desk.vault import people
from daihou.desk.vault.erasure import erase, readmit
from daihou.desk.vault.models import Person, Token
from daihou.vault.person import PersonRecord

ON = dt.date(2026, 3, 2)
ZHANG = PersonRecord("张三", "110101199003071234", ("13812341234",))

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _sealed() -> None:
    people.put([("B1", "person", ZHANG, ON), ("B2", "person", ZHANG, ON)])


def test_key_record_and_tokens_go_and_the_row_stays() -> None:
    assert erase("B1", "root", "asked by letter of 1 March")
    gone = Person.objects.get(borrower_id="B1")
    assert (gone.wrapped, gone.sealed, gone.wrapping_key, gone.token_key) == (None, None, None, None)
    assert (gone.erased_by, gone.erased_because) == ("root", "asked by letter of 1 March")
    assert not Token.objects.filter(person=gone).exists()


def test_an_erased_person_is_neither_shown_nor_found() -> None:
    erase("B1", "root", "asked by letter")
    assert people.masked("B1") is None
    assert people.masked_names(["B1", "B2"]) == {"B2": "张*"}
    assert people.find("张三") == people.find("13812341234") == ["B2"]
    assert people.erased_on("B1") is not None
    assert people.erased_on("B2") is None


def test_a_later_delivery_is_refused_until_it_is_allowed() -> None:
    erase("B1", "root", "asked by letter")
    assert people.put([("B1", "person", ZHANG, ON + dt.timedelta(9))]).refused == ["B1"]
    assert people.masked("B1") is None
    readmit("B1", "root", "new loan taken out")
    assert people.put([("B1", "person", ZHANG, ON)]).new == 1
    assert people.masked_names(["B1"]) == {"B1": "张*"}
    assert people.find("张三") == ["B1", "B2"]


def test_each_erasure_is_in_the_audit_log_without_the_name() -> None:
    erase("B1", "root", "asked by letter")
    entry = Entry.objects.get(action="person.erase")
    assert (entry.subject_id, entry.detail) == ("B1", {"by": "root", "reason": "asked by letter"})


def test_erasing_twice_is_told_and_logged_once() -> None:
    assert erase("B1", "root", "asked by letter")
    assert not erase("B1", "root", "asked by letter")
    assert Entry.objects.filter(action="person.erase").count() == 1


@pytest.mark.parametrize("reason", ["", "   ", "asked"[:4]])
def test_nobody_is_erased_without_a_reason(reason: str) -> None:
    with pytest.raises(DaihouError, match="reason"):
        erase("B1", "root", reason)
    assert people.masked("B1") is not None


def test_a_number_that_the_vault_does_not_hold_is_told() -> None:
    with pytest.raises(DaihouError, match="nobody under borrower number B9"):
        erase("B9", "root", "asked by letter")
    with pytest.raises(DaihouError, match="was not erased"):
        readmit("B1", "root", "new loan taken out")


def test_the_database_itself_refuses_an_erased_row_that_holds_something() -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE vault_person SET erased_at = CURRENT_TIMESTAMP WHERE borrower_id = 'B1'")
