"""What happens between asking and acting: the gate decides on what is so when it decides, not on the moment at which somebody began to ask."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import translation

from daihou.desk.contacts import circumstances, contacting, elapsing, facts, sending
from daihou.desk.contacts.choices import State
from daihou.desk.contacts.circumstances import Entry as Said
from daihou.desk.contacts.contacting import RefusedError
from daihou.desk.contacts.models import Contact, Refusal
from desk.alerts.hands import asked
from desk.casework.made import crew
from desk.contacts import posts
from desk.contacts.people import at, key, person, wanted
from desk.contacts.posts import LI, MORNING, only, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daihou.desk.asked import Asked
    from daihou.desk.contacts.gateway.behaviour import Book
    from daihou.desk.contacts.models import Point

_alone, gate, li = posts._alone, posts.gate, posts.li
EVENING = MORNING.replace(hour=21, minute=59)
GROUND = "Said so on the phone."
SECOND = dt.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _in_english(db: None) -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def sun() -> Asked:
    """A collector."""
    return asked(crew()["sun"])


def test_a_wish_that_was_entered_a_second_after_somebody_began_to_dial_is_heeded(sun: Asked) -> None:
    person()
    circumstances.enter(Said("C1", "do_not_contact", GROUND, at(10, 0, 1)), sun, at(10, 0, 1))
    with pytest.raises(RefusedError) as refused:
        contacting.begin(wanted(), key(), sun, at(10))
    assert [one.rule for one in refused.value.decision.refusals] == ["ceased"]


def test_what_is_to_hold_from_tomorrow_on_forbids_nothing_today(sun: Asked) -> None:
    person()
    circumstances.enter(Said("C1", "do_not_contact", GROUND, at(0) + dt.timedelta(days=1)), sun, at(9))
    contacting.begin(wanted(), key(), sun, at(10))


def test_a_consent_that_was_taken_back_a_second_after_somebody_began_to_dial_opens_nothing(sun: Asked) -> None:
    person()
    given = Said("C1", "agreed_hours", GROUND, at(9), hours=(dt.time(22), dt.time(23)))
    agreed = circumstances.enter(given, sun, at(9))
    contacting.begin(wanted(), key(), sun, at(22, 10))
    circumstances.lift(agreed, "Thought better of it.", sun, at(22, 30, 1))
    with pytest.raises(RefusedError):
        contacting.begin(wanted(), key(), sun, at(22, 30))


def test_an_opt_out_that_comes_while_a_message_is_being_written_is_heeded(li: dict[str, Point], gate: Book) -> None:
    def slow(_contact: Contact, now: dt.datetime) -> dict[str, Any]:
        circumstances.enter(Said(LI, "opt_out", GROUND, now + SECOND, channel="sms"), None, now + SECOND)
        return {}

    facts.register("arrears", slow)
    told(li)
    sending.step(MORNING)
    assert only().state == State.DROPPED
    assert not gate.given


def test_a_message_that_takes_until_22_00_to_be_written_is_not_sent_any_more(
    li: dict[str, Point], gate: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elapsing, "SLACK", 0.0)  # else the test would take as long

    def slow(_contact: Contact, _now: dt.datetime) -> dict[str, Any]:
        time.sleep(1.2)
        return {}

    facts.register("arrears", slow)
    told(li, now=EVENING)
    sending.step(EVENING.replace(second=59))
    assert only().state == State.WAITING
    assert not gate.given


def test_a_call_that_is_asked_for_once_more_after_22_00_is_refused(sun: Asked) -> None:
    person()
    name = key()
    contact, _ = contacting.begin(wanted(), name, sun, at(21, 58))
    with pytest.raises(RefusedError):
        contacting.begin(wanted(), name, sun, at(22, 1))
    assert Refusal.objects.get().rule == "hours"
    contacting.finish(contact, "no_answer", request=sun, at=at(22, 2))


def test_a_call_that_is_asked_for_once_more_does_not_count_against_itself(sun: Asked) -> None:
    person()
    for minute in (1, 2):
        contacting.finish(contacting.begin(wanted(), key(), sun, at(9, minute))[0], "conversation", request=sun)
    name = key()
    first, _ = contacting.begin(wanted(), name, sun, at(10))
    assert contacting.begin(wanted(), name, sun, at(10, 5))[0] == first
    circumstances.enter(Said("C1", "opt_out", GROUND, at(10, 6), channel="phone"), sun, at(10, 6))
    with pytest.raises(RefusedError):
        contacting.begin(wanted(), name, sun, at(10, 7))
