"""The timeline of an alert: every act in words, newest first; and around it the whole customer."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from django.utils import timezone, translation

from daihou.desk.alerts import timeline
from daihou.desk.alerts.choices import Act
from daihou.desk.alerts.models import Alert, Customer, CustomerMove, Move
from daihou.desk.alerts.page import newest
from desk.alerts.hands import BRANCH, asked, hands
from desk.alerts.made import alert as made

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daihou.desk.people.models import User

NOW = dt.datetime(2026, 11, 23, 1, 0, tzinfo=dt.UTC)


@pytest.fixture
def staff(db: None) -> Iterator[dict[str, User]]:
    with translation.override("en"):
        yield hands()


def alert(**values: Any) -> Alert:
    return made("C1", "orange", org_id=BRANCH, officer_id="W01", now=NOW, **values)


def move(one: Alert, act: Act, actor: User | None = None, minutes: int = 1, **more: Any) -> Move:
    stated = {"stage_before": one.stage, "stage_after": one.stage, "level_before": one.level, "level_after": one.level}
    return Move.objects.create(
        alert=one, at=NOW + dt.timedelta(minutes=minutes), act=act, actor=actor, **(stated | more)
    )


def test_every_act_is_told_in_words_with_names_and_notes(staff: dict[str, User]) -> None:
    one = alert()
    signal = one.signals.get()
    wang, he = staff["wang"], staff["he"]
    move(one, Act.MERGE, minutes=1, detail={"signal_id": signal.signal_id, "rule_id": signal.rule_id})
    move(one, Act.LEVEL, minutes=2, level_before="orange", level_after="red")
    move(one, Act.ASSIGN, he, 3, detail={"owner": wang.pk, "owner_before": None}, note="Yours, please.")
    move(one, Act.CONCLUDE, wang, 4, detail={"conclusion": "confirmed", "level": "red"}, note="Called; pays on Friday.")
    move(one, Act.CONFIRM, he, 5, detail={"conclusion": "false_alarm", "level": "red"})
    move(one, Act.SNOOZE, wang, 6, detail={"until": "2026-12-01"})
    move(one, Act.ESCALATE, wang, 7, detail={"org_id": ""})
    move(one, Act.APPROVE_LIFT, he, 8, detail={"people": 1, "needed": 2})
    move(one, Act.TASK, wang, 9, detail={"task": 1, "kind": "regrade"})
    move(one, Act.CHASE, None, 10)
    told = [(entry.who, entry.title) for entry in timeline.of_alert(one)]
    assert told == [
        ("", "Chased"), ("Wang", "Task begun: Grade again"), ("He", "Lifting approved, 1 of 2"), ("Wang", "Escalated to head office"),
        ("Wang", "Snoozed until 2026-12-01"), ("He", "Decided: False alarm, Red"), ("Wang", "Checked: Confirmed"), ("He", "Assigned to Wang"),
        ("", "Level Orange → Red"), ("", "Signal merged"), ("", "Raised Orange"),
    ]  # fmt: skip
    entries = timeline.of_alert(one)
    assert entries[6].note == "Called; pays on Friday."
    assert entries[8].colour == "red"
    assert entries[9].url == f"/signals/{signal.signal_id}/"
    assert "R-001" in entries[9].detail


def test_an_owner_who_is_gone_is_told_as_nobody(staff: dict[str, User]) -> None:
    one = alert()
    move(one, Act.ASSIGN, None, detail={"owner": None, "owner_before": staff["li"].pk})
    assert timeline.of_alert(one)[0].title == "Left without an owner"


def test_the_whole_customer_has_its_other_alerts_and_its_own_level(staff: dict[str, User]) -> None:
    one = alert()
    other = made("C1", "blue", topic="terms", org_id=BRANCH, officer_id="W01", raised_on=dt.date(2026, 10, 2))
    made("C1", "red", topic="events", org_id="X2", officer_id="F01")
    made("C2", "red", org_id=BRANCH, officer_id="W01")
    customer = Customer.objects.create(
        borrower_id="C1", level="orange", listing="watch", changed_at=NOW, changed_by=staff["he"]
    )
    CustomerMove.objects.create(
        customer=customer,
        at=NOW + dt.timedelta(minutes=5),
        actor=staff["he"],
        level_after="orange",
        listing_after="watch",
        note="Two suppliers sued.",
    )
    found = timeline.of_customer(one, asked(staff["wang"]), None)
    told = [(entry.kind, entry.title) for entry in found]
    assert told == [
        ("customer", "Customer's own level none → Orange · Customer's list none → Watch list"),
        ("alert", "Raised Orange"),
        ("other", f"{other.number} raised, Terms"),
    ]
    assert found[0].note == "Two suppliers sued."


def test_payments_of_loans_in_reach_are_told_with_the_customer(cast: dict[str, User], loans: Any) -> None:

    paid = loans.filter(pl.col("org_id") == "B01", pl.col("paid_amount") > 0).sort("loan_id").row(0, named=True)
    one = made(paid["borrower_id"], org_id="B01", officer_id=paid["officer_id"])
    found = timeline.of_customer(one, asked(cast["branch_manager"]), newest())
    payments = [entry for entry in found if entry.kind == "pay"]
    assert payments
    assert {entry.url for entry in payments} >= {f"/loans/{paid['loan_id']}/"}
    assert [entry.order for entry in found] == sorted((entry.order for entry in found), reverse=True)
    assert timezone.localtime(found[0].at).date() == found[0].on
    elsewhere = timeline.of_customer(one, asked(cast["administrator"]), newest())
    assert not [entry for entry in elsewhere if entry.kind == "pay"]
