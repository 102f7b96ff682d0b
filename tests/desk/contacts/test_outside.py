"""Calls that an agency made outside the desk count towards the person's limits as the desk's own do."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from daihou.book.home import open_home
from daihou.book.intake import deliver
from daihou.desk.contacts import contacting, outside
from daihou.desk.contacts.contacting import RefusedError
from desk.alerts.hands import asked
from desk.casework.made import crew
from desk.contacts.people import key, person, wanted

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.book.home import Home


def noon() -> dt.datetime:
    """Today at noon."""
    return timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture
def home(db: None, tmp_path: Path, settings: Any) -> Home:
    """A home of its own."""
    made = open_home(tmp_path / "home", {})
    settings.HOME = made
    return made


def delivered(home: Home, folder: Path, *rows: tuple[str, dt.datetime, str]) -> None:
    """Contacts about C1 from an agency: kind, moment, value."""
    path = folder / f"contacts-{len(list(folder.iterdir()))}.jsonl"
    lines = [
        {"subject_id": "C1", "kind": kind, "happened_at": at.isoformat(), "value": value} for kind, at, value in rows
    ]
    path.write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    assert deliver(home, [path], "contacts", today=timezone.localdate()).exit_code == 0


def test_after_three_conversations_of_an_agency_the_house_may_not_call_on_the_same_day(
    home: Home, tmp_path: Path
) -> None:
    person("C1")
    sun = asked(crew()["sun"])
    of_agency = json.dumps({"agency": "A1", "party": "debtor"})
    calls = [("phone_conversation", noon() - dt.timedelta(hours=hours), of_agency) for hours in (3, 2)]
    delivered(home, tmp_path, *calls)
    assert contacting.ask([wanted("C1")], noon())[0].allowed
    delivered(home, tmp_path, ("phone_conversation", noon() - dt.timedelta(hours=1), of_agency))
    with pytest.raises(RefusedError) as refused:
        contacting.begin(wanted("C1"), key(), sun, noon())
    assert refused.value.decision.refusals[0].rule == "effective_calls"


def test_what_the_desk_wrote_back_itself_and_what_is_no_contact_are_not_counted_again(
    home: Home, tmp_path: Path
) -> None:
    own = json.dumps({"contact": 7, "party": "debtor"})
    delivered(
        home,
        tmp_path,
        ("phone_conversation", noon(), own),
        ("court_letter", noon(), ""),
        ("sms_delivered", noon(), "free text"),
    )
    found = outside.of({"C1"}, noon() - dt.timedelta(days=1))
    assert [(past.channel, past.outcome, past.party) for past in found] == [("sms", "delivered", "debtor")]


def test_a_contact_counts_for_whom_it_was_made_with_and_for_nobody_else(home: Home, tmp_path: Path) -> None:
    delivered(home, tmp_path, ("phone_no_answer", noon(), json.dumps({"party": "guarantor", "person": "G1"})))
    assert [past.person_id for past in outside.of({"G1"}, noon() - dt.timedelta(days=1))] == ["G1"]
    assert outside.of({"C2"}, noon() - dt.timedelta(days=1)) == []
