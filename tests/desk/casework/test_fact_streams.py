"""What was done at the desk comes back from the lake as facts and as measures: once, without a word about anybody, also after a kill."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from django.test import override_settings

from daihou.book import business_date, lake
from daihou.book.home import open_home
from daihou.desk.casework.choices import Act, PromiseState
from daihou.desk.casework.models import CaseMove, Promise, PromisePart
from daihou.desk.contacts.models import Circumstance, Contact
from daihou.desk.facts import writing
from daihou.runs.borrowers import collection
from desk.casework.made import case
from desk.conftest import user

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from daihou.book.home import Home

NOW = dt.datetime(2026, 3, 31, 10, tzinfo=dt.UTC)
DAY = dt.date(2026, 3, 31)


@pytest.fixture
def home(db: None, tmp_path: Path) -> Iterator[Home]:
    """An empty home."""
    made = open_home(tmp_path / "home", {})
    with override_settings(HOME=made):
        yield made


def contact(outcome: str = "conversation", **values: Any) -> Contact:
    """A contact with debtor C1, an hour before NOW."""
    at = values.pop("at", NOW - dt.timedelta(hours=1))
    stated = {
        "key": f"key {Contact.objects.count()}", "person_id": "C1", "debtor_id": "C1", "loan_ids": ["C1-L1"], "channel": "phone", "party": "debtor",
        "purpose": "collect", "asked_at": at, "at": at, "outcome": outcome, "note": "张三在开会",
    }  # fmt: skip
    return Contact.objects.create(**(stated | values))


def promise(amount: int = 123_456) -> Promise:
    """A promise of C1, made a day before NOW."""
    made = Promise.objects.create(
        key=f"key {Promise.objects.count()}", case=case(), loan_ids=["C1-L1"], currency="CNY", made_on=DAY, made_at=NOW - dt.timedelta(days=1),
        made_by=user("taker"),
    )  # fmt: skip
    PromisePart.objects.create(promise=made, due_on=DAY, amount=amount)
    return made


def judged(made: Promise, state: str, at: dt.datetime) -> None:
    detail = {"promise": made.pk, "state_before": "open", "state": state, "received": 0, "currency": "CNY"}
    CaseMove.objects.create(case=made.case, at=at, act=Act.PROMISE_JUDGED, stage_after="M1", detail=detail)


def facts(home: Home, table: str) -> list[dict[str, Any]]:
    """The rows of a table in the lake."""
    files = lake.files(home, table)
    rows = pl.scan_parquet(files).sort("happened_at", "kind").collect() if files else pl.DataFrame()
    return rows.with_columns(pl.col("kind").cast(pl.String)).to_dicts() if files else []


def measured(home: Home, day: dt.date = DAY) -> dict[str, Any]:
    found = collection.read(home, lake.versions(home, list(collection.TABLES)))
    assert found is not None
    return found.on(day, day).to_dicts()[0]


def test_a_contact_goes_back_once_its_outcome_is_known_and_without_its_note(home: Home) -> None:
    made = contact("pending")
    assert writing.write(NOW) == {}
    Contact.objects.filter(pk=made.pk).update(outcome="conversation", seconds=40)
    assert writing.write(NOW) == {"contacts": 1}
    (row,) = facts(home, "contacts")
    assert (row["subject_id"], row["kind"], row["known_on"]) == ("C1", "phone_conversation", DAY)
    assert json.loads(row["value"]) == {
        "contact": made.pk, "party": "debtor", "purpose": "collect", "loans": ["C1-L1"], "inbound": False, "seconds": 40,
    }  # fmt: skip
    assert measured(home)["conversations_30d"] == 1
    assert writing.write(NOW) == {}


def test_a_message_waits_for_its_receipt_some_days_and_what_was_never_made_is_no_fact(home: Home) -> None:
    contact("sent", channel="sms", state="sent")
    contact("not_made")
    assert writing.write(NOW) == {}
    assert writing.write(NOW + dt.timedelta(days=4)) == {"contacts": 1}
    assert [row["kind"] for row in facts(home, "contacts")] == ["sms_sent"]


def test_two_contacts_of_one_moment_are_both_told(home: Home) -> None:
    contact("no_answer")
    contact("no_answer")
    assert writing.write(NOW) == {"contacts": 2}
    assert len({row["happened_at"] for row in facts(home, "contacts")}) == 2
    assert measured(home)["contacts_30d"] == 2


def test_a_promise_kept_and_then_broken_is_measured_as_broken(home: Home) -> None:
    made = promise()
    judged(made, PromiseState.KEPT, NOW - dt.timedelta(hours=2))
    writing.write(NOW)
    assert json.loads(facts(home, "promises")[0]["value"])["parts"] == [["2026-03-31", "1234.56"]]
    assert (measured(home)["promises_kept_6m"], measured(home)["promises_broken_6m"]) == (1, 0)
    judged(made, PromiseState.BROKEN, NOW - dt.timedelta(hours=1))
    writing.write(NOW)
    assert (measured(home)["promises_kept_6m"], measured(home)["promises_broken_6m"]) == (0, 1)


def test_what_holds_of_a_person_is_told_and_that_it_ended(home: Home) -> None:
    stated = {
        "person_id": "C1",
        "kind": "dispute",
        "from_at": NOW - dt.timedelta(hours=3),
        "ground": "说没借过",
        "entered_at": NOW,
    }
    made = Circumstance.objects.create(**stated)
    writing.write(NOW)
    assert measured(home)["dispute_open"] is True
    Circumstance.objects.filter(pk=made.pk).update(lifted_at=NOW - dt.timedelta(minutes=1))
    writing.write(NOW)
    assert measured(home)["dispute_open"] is False
    assert "说没借过" not in str(facts(home, "decisions"))


def test_what_was_lifted_before_it_began_never_holds(home: Home) -> None:
    begins = NOW + dt.timedelta(hours=2)
    Circumstance.objects.create(
        person_id="C1",
        kind="dispute",
        from_at=begins,
        ground="说没借过",
        entered_at=NOW,
        lifted_at=NOW - dt.timedelta(minutes=1),
    )
    writing.write(NOW)
    assert measured(home)["dispute_open"] is False


def test_an_arrangement_is_told_when_it_is_approved_and_not_before(home: Home) -> None:
    of = case()
    for minute, state in enumerate((["draft", "submitted"], ["submitted", "approved"])):
        detail = {"arrangement": "AR-1", "kind": "waiver", "state": state}
        at = NOW - dt.timedelta(minutes=9 - minute)
        CaseMove.objects.create(case=of, at=at, act=Act.ARRANGE, stage_after="M1", detail=detail)
    assert writing.write(NOW) == {"decisions": 1}
    assert [row["kind"] for row in facts(home, "decisions")] == ["waiver"]


def test_killed_between_intake_and_mark_the_same_facts_add_nothing(home: Home) -> None:
    made = contact()
    writing.write(NOW)
    Contact.objects.filter(pk=made.pk).update(told_at=None)  # as a kill would leave it
    contact("busy", at=NOW - dt.timedelta(minutes=5))
    writing.write(NOW)
    assert [row["kind"] for row in facts(home, "contacts")] == ["phone_conversation", "phone_busy"]
    assert measured(home)["contacts_30d"] == 2


def test_after_a_day_is_sealed_what_is_told_is_known_on_the_next(home: Home) -> None:
    business_date.seal(home, DAY, 0)
    contact()
    writing.write(NOW)
    assert facts(home, "contacts")[0]["known_on"] == DAY + dt.timedelta(days=1)
