"""What was done about borrowers and what they promised, counted by hand: late, corrected and reversed words, and silence."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from daihou.book import lake
from daihou.monitoring.collection.family import COLLECTION
from daihou.runs.borrowers import collection

if TYPE_CHECKING:
    from collections.abc import Callable

    from daihou.book.home import Home

END = date(2026, 5, 31)
CONTACTS = """\
subject_id,kind,happened_at,value,known_on
A,phone_conversation,2026-05-02T09:00:00+08:00,"{""party"": ""debtor""}",2026-05-02
A,phone_conversation,2026-05-01T23:59:59+08:00,,2026-05-02
A,phone_no_answer,2026-05-20T09:00:00+08:00,"{""party"":""debtor""}",2026-05-20
A,phone_conversation,2026-05-25T09:00:00+08:00,"{""party"": ""unrelated""}",2026-05-25
A,sms_delivered,2026-05-31T08:00:00+08:00,,2026-06-01
B,email_sent,2026-01-31T08:00:00+08:00,,2026-01-31
"""
PROMISES = """\
subject_id,kind,happened_at,value,known_on
A,made,2026-04-10T09:00:00+08:00,"{""promise"": 1}",2026-04-10
A,kept,2026-04-20T20:00:00+08:00,"{""promise"": 1}",2026-04-20
A,broken,2026-05-21T20:00:00+08:00,"{""promise"": 1}",2026-05-22
A,made,2025-11-30T09:00:00+08:00,"{""promise"": 2}",2025-11-30
A,late,2025-12-20T09:00:00+08:00,"{""promise"": 2}",2025-12-20
A,made,2026-05-01T09:00:00+08:00,"{""promise"": 3}",2026-05-01
A,withdrawn,2026-05-03T09:00:00+08:00,"{""promise"": 3}",2026-05-03
C,broken,2026-05-30T09:00:00+08:00,,2026-05-30
"""
DECISIONS = """\
subject_id,kind,happened_at,value,known_on
A,dispute,2026-05-01T09:00:00+08:00,,2026-05-01
A,dispute_lifted,2026-05-20T09:00:00+08:00,,2026-05-20
A,dispute,2026-05-29T09:00:00+08:00,,2026-06-02
B,hardship,2026-05-01T09:00:00+08:00,,2026-05-01
D,dispute,2026-05-01T09:00:00+08:00,"{""circumstance"": 7, ""loan"": ""L1""}",2026-05-01
D,dispute,2026-05-02T09:00:00+08:00,"{""circumstance"": 8, ""loan"": ""L2""}",2026-05-02
D,dispute_lifted,2026-05-20T09:00:00+08:00,"{""circumstance"": 8, ""loan"": ""L2""}",2026-05-20
D,dispute_lifted,2026-05-25T09:00:00+08:00,"{""circumstance"": 7, ""loan"": ""L1""}",2026-05-25
"""


@pytest.fixture(scope="module")
def home(told_of: Callable[..., Home]) -> Home:
    return told_of(contacts=CONTACTS, promises=PROMISES, decisions=DECISIONS)


def row(home: Home, borrower_id: str, as_of: date = END, known_on: date = END) -> dict[str, Any]:
    found = collection.read(home, lake.versions(home, list(collection.TABLES)))
    assert found is not None
    return next((row for row in found.on(as_of, known_on).to_dicts() if row["borrower_id"] == borrower_id), {})


def test_contacts_of_thirty_days_count_and_only_a_word_with_the_debtor_is_a_conversation(home: Home) -> None:
    assert row(home, "A") == {
        "borrower_id": "A", "contacts_30d": 3, "conversations_30d": 1, "days_since_conversation": 29,
        "promises_6m": 1, "promises_kept_6m": 1, "promises_broken_6m": 1, "days_since_broken_promise": 10,
        "dispute_open": False, "hardship_open": False,
    }  # fmt: skip


def test_what_was_known_later_counts_from_then_on(home: Home) -> None:
    later = row(home, "A", END, date(2026, 6, 2))
    assert (later["contacts_30d"], later["dispute_open"]) == (4, True)


def test_a_promise_kept_and_then_broken_by_a_reversal_is_what_was_said_last_as_known(home: Home) -> None:
    before = row(home, "A", date(2026, 5, 21), date(2026, 5, 21))
    after = row(home, "A", date(2026, 5, 21), date(2026, 5, 22))
    assert (before["promises_kept_6m"], before["promises_broken_6m"]) == (2, 0)
    assert (after["promises_kept_6m"], after["promises_broken_6m"]) == (1, 1)


def test_who_was_only_promised_of_has_no_contacts_and_not_unknown_many(home: Home) -> None:
    told = row(home, "C")
    assert (told["contacts_30d"], told["promises_broken_6m"], told["days_since_conversation"]) == (0, 1, None)


def test_hardship_stands_until_it_is_lifted(home: Home) -> None:
    assert row(home, "B")["hardship_open"] is True
    assert row(home, "B")["contacts_30d"] == 0


def test_of_two_disputes_one_that_is_settled_leaves_the_other(home: Home) -> None:
    assert row(home, "D", date(2026, 5, 24))["dispute_open"] is True
    assert row(home, "D")["dispute_open"] is False


def test_before_anything_was_known_of_anybody_nothing_is_said(home: Home) -> None:
    found = collection.read(home, lake.versions(home, list(collection.TABLES)))
    assert found is not None
    assert not found.begun(date(2025, 11, 29))
    assert found.begun(date(2025, 11, 30))


def test_the_columns_are_those_of_the_family_in_its_units(home: Home) -> None:
    found = collection.read(home, lake.versions(home, list(collection.TABLES)))
    assert found is not None
    named = {measure.name for measure in COLLECTION.measures}
    assert set(found.on(END, END).columns) == {"borrower_id", *named}


def test_where_nothing_was_sent_there_is_no_family(told_of: Callable[..., Home]) -> None:
    empty = told_of(
        loans="loan_id,borrower_id,product,principal,disbursed_on,matures_on\nL,A,car,1,2026-01-01,2027-01-01\n"
    )
    assert collection.read(empty, lake.versions(empty, list(collection.TABLES))) is None
