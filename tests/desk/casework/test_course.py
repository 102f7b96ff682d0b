"""What happened around a case: acts, contacts, promises, and the facts of its loans, newest first."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from daihou.desk.casework import course, transitions
from daihou.desk.casework.choices import Act
from daihou.desk.casework.models import Case, CaseMove, Promise
from daihou.desk.contacts.models import Contact
from desk.alerts.hands import asked
from desk.casework.made import case, crew

if TYPE_CHECKING:
    from daihou.desk.people.models import User

NOW = dt.datetime(2026, 4, 1, 2, tzinfo=dt.UTC)


@pytest.fixture
def staff(db: None) -> dict[str, User]:
    return crew()


def titles(entries: list[course.Entry]) -> list[str]:
    return [entry.title for entry in entries]


def contact(one: Case, number: int, **values: Any) -> Contact:
    stated = {
        "key": f"k{number}", "person_id": one.borrower_id, "debtor_id": one.borrower_id, "case_id": one.pk, "channel": "phone", "party": "debtor",
        "purpose": "collect", "asked_at": NOW, "at": NOW + dt.timedelta(minutes=number), "outcome": "conversation",
    }  # fmt: skip
    return Contact.objects.create(**(stated | values))


def test_acts_are_told_in_words_with_who_did_them_newest_first(staff: dict[str, User]) -> None:
    one = case()
    he, sun = asked(staff["he"]), asked(staff["sun"])
    one = transitions.assign(one, one.revision, staff["sun"], "yours", he)
    one = transitions.pause(one, one.revision, timezone.localdate() + dt.timedelta(days=2), "at sea", sun)
    CaseMove.objects.create(case=one, at=timezone.now(), act=Act.STAGE, stage_before="M1", stage_after="M2")
    found = course.of(one, ("case",))
    day = timezone.localdate() + dt.timedelta(days=2)
    assert titles(found) == ["Stage M1 → M2", f"Set aside until {day}", "Assigned to Sun", "Opened at M1"]
    assert [(entry.who, entry.note) for entry in found] == [("", ""), ("Sun", "at sea"), ("He", "yours"), ("", "")]


def test_a_contact_is_told_once_with_its_way_its_party_and_what_came_of_it(staff: dict[str, User]) -> None:
    one = case()
    contact(one, 1, actor=staff["sun"], said="refuses", seconds=95, note="calls back himself")
    contact(one, 2, party="guarantor", outcome="no_answer")
    contact(one, 3, channel="sms", outcome="pending", state="waiting")
    transitions.move(one, Act.CONTACT, at=NOW)
    found = course.of(one)
    assert [entry.title for entry in found if entry.kind == "contact"] == [
        "Text message · Debtor · Waiting",
        "Phone · Guarantor · No answer",
        "Phone · Debtor · Spoke to the person",
    ]
    spoken = next(entry for entry in found if entry.who)
    assert (spoken.who, spoken.note, spoken.detail) == ("Sun", "calls back himself", "Refuses to pay · 95 s")
    assert [entry.kind for entry in found].count("case") == 1, "the act that noted it is not told beside it"


def test_a_promise_is_told_with_its_parts_and_where_it_stands_now(staff: dict[str, User]) -> None:
    one = case()
    promise = Promise.objects.create(
        key="p", case=one, loan_ids=["C1-L1"], currency="CNY", made_on=NOW.date(), made_at=NOW, made_by=staff["sun"], state="kept"
    )  # fmt: skip
    detail = {"promise": promise.pk, "currency": "CNY", "parts": [["2026-04-03", 50_000]]}
    one = transitions.move(one, Act.PROMISE, at=NOW, detail=detail)
    judged = {"promise": promise.pk, "state": "kept", "received": 50_000, "currency": "CNY"}
    one = transitions.move(one, Act.PROMISE_JUDGED, at=NOW + dt.timedelta(days=3), detail=judged)
    found = course.of(one, ("promise",))
    assert titles(found) == ["Promise judged: Kept", "Promised: 500.00 · 2026-04-03"]
    assert [entry.detail for entry in found] == ["received 500.00", "now: Kept"]
    assert [entry.colour for entry in found] == ["green", "blue"]


def test_the_queries_do_not_grow_with_what_happened(staff: dict[str, User]) -> None:
    one = case()

    def queries(count: int) -> int:
        for number in range(count):
            contact(one, count * 100 + number, actor=staff["sun"])
            CaseMove.objects.create(
                case=one, at=NOW, act=Act.ASSIGN, actor=staff["he"], stage_after="M1", detail={"owner": staff["sun"].pk}
            )
        with CaptureQueriesContext(connection) as told:
            course.of(one, ("case", "contact", "promise"))
        return len(told)

    assert queries(1) == queries(7)


def test_the_facts_of_its_loans_stand_among_the_acts(
    db: None, book: list[tuple[dt.date, dt.date]], loans: pl.DataFrame
) -> None:
    late = loans.filter((pl.col("state") == "overdue") & (pl.col("paid_amount") > 0)).sort("loan_id").row(0, named=True)
    one = case(late["borrower_id"], loans=(late["loan_id"],), as_of=book[-1][0])
    found = course.of(one)
    assert {"case", "pay", "loan"} <= {entry.kind for entry in found}
    assert [entry.order for entry in found] == sorted((entry.order for entry in found), reverse=True)
    paid = [entry for entry in course.of(one, ("pay",)) if entry.colour == "green"]
    assert paid
    assert all(late["loan_id"] in entry.detail for entry in paid)
    assert max(entry.on for entry in paid) == late["last_paid_on"]
