"""What comes of a contact, noted: on the contact, the case and the list, with what follows; once, and all of it or nothing."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from daihou.desk.casework import outcomes, ways
from daihou.desk.casework.choices import Act
from daihou.desk.casework.models import Case, CaseMove, Promise, Row
from daihou.desk.casework.outcomes import Noted
from daihou.desk.contacts import contacting, people
from daihou.desk.contacts.models import Circumstance, Contact, Point
from daihou.desk.refusals import RefusedError, StaleError
from desk.alerts.hands import asked
from desk.casework.made import case, crew
from desk.contacts.people import at, key, past, person, point, wanted

if TYPE_CHECKING:
    from daihou.desk.people.models import User

pytestmark = pytest.mark.django_db
NOW = at(10, 5)


@pytest.fixture
def sun() -> User:
    return crew()["sun"]


@pytest.fixture
def held(sun: User) -> Case:
    """A case of Sun's, on today's list, whose debtor is in the vault."""
    person("C1")
    made = case("C1", owner=sun)
    Row.objects.create(day=dt.date(2026, 3, 31), owner=sun, case=made, place=1, reason="expected_recovery", values={})
    return made


def call(of: Case, by: User, minute: int = 0) -> Contact:
    """A call that was begun at ten, or so many minutes after."""
    return contacting.begin(wanted(of.borrower_id, case_id=of.pk), key(), asked(by), at(10, minute))[0]


def noted(of: Case, contact: Contact, by: User, outcome: str, said: str = "", **more: Any) -> outcomes.Result:
    return outcomes.note(of, contact, Noted(outcome, said, **more), asked(by), NOW)


def test_nobody_answered_is_noted_on_the_contact_the_case_and_the_list(held: Case, sun: User) -> None:
    result = noted(held, call(held, sun), sun, "no_answer", note="rang out")
    assert (result.contact.outcome, result.contact.note, result.contact.seconds) == ("no_answer", "rang out", None)
    assert (result.case.contacted_at, result.case.spoke_at) == (NOW, None)
    row = Row.objects.get()
    assert (row.done_at, row.result) == (NOW, "no_answer")
    move = CaseMove.objects.get(act=Act.CONTACT)
    assert (move.actor, move.note, move.detail["outcome"], move.detail["contact"]) == (
        sun,
        "rang out",
        "no_answer",
        result.contact.pk,
    )


def test_a_conversation_is_timed_and_ends_the_call_that_was_agreed(held: Case, sun: User) -> None:
    Case.objects.update(call_at=at(9))
    result = noted(held, call(held, sun), sun, "conversation", "refuses")
    assert (result.case.spoke_at, result.case.call_at, result.contact.seconds) == (NOW, None, 300)
    assert Row.objects.get().result == "refuses"


def test_a_promise_is_taken_with_the_contact_in_which_it_was_made(held: Case, sun: User) -> None:
    parts = [(timezone.localdate(NOW) + dt.timedelta(days=3), 50_000)]
    result = noted(held, call(held, sun), sun, "conversation", "promise", parts=parts)
    promise = Promise.objects.get()
    assert (result.promise, promise.contact_id, promise.amount) == (promise, result.contact.pk, 50_000)
    assert result.case.revision == held.revision + 2


def test_a_promise_that_may_not_be_taken_leaves_the_call_under_way(held: Case, sun: User) -> None:
    contact = call(held, sun)
    parts = [(timezone.localdate(NOW) + dt.timedelta(days=3), 90_000_000)]
    with pytest.raises(RefusedError, match=r"only CNY 1,050\.00 will be owed"):
        noted(held, contact, sun, "conversation", "promise", parts=parts)
    contact.refresh_from_db()
    assert contact.outcome == "pending"
    assert not CaseMove.objects.filter(act=Act.CONTACT).exists()
    assert Row.objects.get().done_at is None


def test_the_same_again_changes_nothing_and_something_else_is_too_late(held: Case, sun: User) -> None:
    contact = call(held, sun)
    parts = [(timezone.localdate(NOW) + dt.timedelta(days=3), 50_000)]
    first = noted(held, contact, sun, "conversation", "promise", parts=parts)
    again = noted(held, contact, sun, "conversation", "promise", parts=parts)
    assert (again.contact, again.promise) == (first.contact, first.promise)
    assert CaseMove.objects.filter(act=Act.CONTACT).count() == 1
    with pytest.raises(StaleError):
        noted(held, contact, sun, "busy")


def test_an_agreed_call_stands_on_the_case_with_a_move_of_its_own(held: Case, sun: User) -> None:
    result = noted(held, call(held, sun), sun, "conversation", "call_back", call_at=at(16))
    assert result.case.call_at == at(16)
    assert CaseMove.objects.get(act=Act.CALL_BACK).detail["contact"] == result.contact.pk


@pytest.mark.parametrize("call_at", [None, at(9)])
def test_a_call_back_needs_a_moment_to_come(held: Case, sun: User, call_at: dt.datetime | None) -> None:
    with pytest.raises(RefusedError, match="still to come"):
        noted(held, call(held, sun), sun, "conversation", "call_back", call_at=call_at)


@pytest.mark.parametrize(
    ("stop", "kind", "channel", "whole"),
    [("number", "opt_out", "", False), ("calls", "opt_out", "phone", True), ("all", "do_not_contact", "", True)],
)
def test_who_asks_for_calls_to_stop_is_called_no_more(
    held: Case, sun: User, stop: str, kind: str, channel: str, whole: bool
) -> None:
    contact = call(held, sun)
    noted(held, contact, sun, "conversation", stop=stop)
    found = Circumstance.objects.get()
    assert (found.person_id, found.kind, found.channel, found.point_id is None) == ("C1", kind, channel, whole)
    assert str(contact.pk) in found.ground
    with pytest.raises(contacting.RefusedError):
        call(held, sun, minute=10)


@pytest.mark.parametrize(("said", "kind", "loan"), [("hardship", "hardship", ""), ("dispute", "dispute", "C1-L1")])
def test_what_was_said_of_the_debt_holds_of_the_person(held: Case, sun: User, said: str, kind: str, loan: str) -> None:
    noted(held, call(held, sun), sun, "conversation", said, note="lost the job")
    found = Circumstance.objects.get()
    assert (found.kind, found.loan_id) == (kind, loan)
    assert "lost the job" in found.ground


def test_a_number_out_of_service_is_marked_so(held: Case, sun: User) -> None:
    noted(held, call(held, sun), sun, "invalid")
    assert Point.objects.get(kind="phone").invalid_at == NOW


def test_what_was_not_made_leaves_the_list_as_it_is(held: Case, sun: User) -> None:
    result = noted(held, call(held, sun), sun, "not_made")
    assert result.case.contacted_at is None
    assert Row.objects.get().done_at is None


@pytest.mark.parametrize(
    ("outcome", "more", "why"),
    [
        ("busy", {"said": "promise"}, "spoke to them"),
        ("busy", {"stop": "all"}, "has answered"),
        ("sent", {}, "cannot have come to that"),
        ("nonsense", {}, "no such outcome"),
    ],
)
def test_what_does_not_fit_together_is_refused(
    held: Case, sun: User, outcome: str, more: dict[str, str], why: str
) -> None:
    with pytest.raises((RefusedError, contacting.UnfitError), match=why):
        noted(held, call(held, sun), sun, outcome, **more)


def test_a_contact_of_another_case_is_refused(held: Case, sun: User) -> None:
    person("C2")
    other = case("C2", owner=sun)
    with pytest.raises(RefusedError, match="not of this case"):
        noted(other, call(held, sun), sun, "busy")


def test_of_who_does_not_owe_only_the_wish_for_peace_is_noted(held: Case, sun: User) -> None:
    friend = past("F1", when=at(10), outcome="pending", debtor_id="C1", party="unrelated", case_id=held.pk, actor=sun)
    with pytest.raises(RefusedError, match="does not owe"):
        noted(held, friend, sun, "conversation", "promise")
    noted(held, friend, sun, "third_party", stop="all")
    found = Circumstance.objects.get()
    assert (found.person_id, found.kind) == ("F1", "refuses_messages_for_others")
    assert Case.objects.get().spoke_at is None


def test_another_hand_on_the_case_meanwhile_does_not_lose_the_outcome(held: Case, sun: User) -> None:
    contact = call(held, sun)
    Case.objects.update(revision=held.revision + 7)  # the run, or a manager
    assert noted(held, contact, sun, "busy").case.revision == held.revision + 8


def test_a_call_under_way_is_seen_by_colleagues_and_an_old_one_is_not(held: Case, sun: User) -> None:
    contact = call(held, sun)
    assert ways.pending("C1", at(10, 30)) == [contact]
    assert ways.pending("C1", at(13)) == []
    assert point("C1").pk == contact.point_id
    assert people.parties("C1", "C1", ["C1-L1"], NOW.date()) == {"debtor": ("C1-L1",)}
