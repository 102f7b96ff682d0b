"""The only way to contact a person: what is allowed and what is refused, what each leaves behind, and that asking twice is asking once."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction
from django.utils import translation

from daihou.book.home import open_home
from daihou.desk.audit.actions import ACTIONS
from daihou.desk.audit.models import Entry
from daihou.desk.contacts import circumstances, contacting, history, points
from daihou.desk.contacts.choices import Outcome, State
from daihou.desk.contacts.circumstances import Entry as Said
from daihou.desk.contacts.contacting import Permit, RefusedError, StaleError, UnfitError
from daihou.desk.contacts.models import Contact, Held, Refusal
from daihou.desk.people.models import User
from desk.alerts.hands import asked
from desk.casework.made import crew
from desk.contacts.people import at, key, past, person, point, wanted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from daihou.desk.asked import Asked


@pytest.fixture(autouse=True)
def _in_english(db: None) -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def sun() -> Asked:
    """A collector."""
    return asked(crew()["sun"])


def last(action: str) -> Entry:
    return Entry.objects.filter(action=action).latest("pk")


def test_a_call_by_day_is_allowed_and_leaves_a_contact_and_an_entry(sun: Asked) -> None:
    person()
    contact, permit = contacting.begin(wanted(), key(), sun, at(10))
    assert (contact.outcome, contact.state, contact.at, contact.actor) == (
        Outcome.PENDING,
        State.NONE,
        at(10),
        sun.user,
    )
    assert contact.policies.startswith("conduct_cn@2026-01-31 conduct_house@")
    assert permit.contact == contact
    entry = last("contact.allow")
    assert (entry.subject_id, entry.detail["debtor"], entry.detail["point"]) == (
        str(contact.pk),
        "C1",
        contact.point_id,
    )
    assert not Refusal.objects.exists()


def test_at_22_00_it_is_refused_until_08_00_and_the_refusal_stays_written(sun: Asked) -> None:
    person()
    contacting.begin(wanted(), key(), sun, at(21, 59, 59))
    with pytest.raises(RefusedError) as refused:
        contacting.begin(wanted(), key(), sun, at(22, day=30))
    assert refused.value.decision.earliest == at(8)
    assert "22:00" in str(refused.value)
    row = Refusal.objects.get(place=0)
    assert (row.policy, row.rule, row.citation, row.until, row.actor) == (
        "conduct_cn",
        "hours",
        "GB/T 45251-2025",
        at(8),
        sun.user,
    )
    entry = last("contact.refuse")
    assert (entry.subject_id, entry.detail["earliest"]) == ("C1", at(8).astimezone(dt.UTC).isoformat())
    assert entry.detail["rules"][0]["rule"] == "hours"
    assert Contact.objects.count() == 1


def test_the_fourth_effective_call_of_a_day_is_refused_and_a_call_under_way_counts_as_one(sun: Asked) -> None:
    person()
    for hour in (9, 10):
        past(when=at(hour))
    contact, _ = contacting.begin(wanted(), key(), sun, at(11))
    with pytest.raises(RefusedError) as refused:
        contacting.begin(wanted(), key(), sun, at(12))
    assert refused.value.decision.earliest == at(0, day=31) + dt.timedelta(days=1, hours=8)
    contacting.finish(contact, "no_answer", request=sun, at=at(12))
    contacting.begin(wanted(), key(), sun, at(13))


def test_a_number_is_told_to_the_gate_as_one_whoever_of_the_family_has_it(sun: Asked) -> None:
    person("C1", phones=("13900001234",))
    person("C2", phones=("139 0000 1234", "13900005678"))
    assert point("C1").token == point("C2").token
    past("C2", when=at(9), outcome="no_answer", point=point("C2"))
    names = history.names([point("C1")])
    assert names(point("C1").pk) == names(point("C2").pk) != names(point("C2", place=1).pk)
    told = history.of({"C1"}, names, at(0))
    assert [(one.person_id, one.point) for one in told] == [("C2", names(point("C1").pk))]


def test_the_same_key_is_the_same_contact(sun: Asked) -> None:
    person()
    name = key()
    first, _ = contacting.begin(wanted(), name, sun, at(10))
    again, permit = contacting.begin(wanted(), name, sun, at(10, 1))
    assert again == first == permit.contact
    assert Contact.objects.count() == 1
    with pytest.raises(UnfitError, match="another contact"):
        contacting.begin(wanted(channel="visit"), name, sun, at(10, 1))
    with pytest.raises(StaleError):  # a permit does not keep until tonight
        contacting.begin(wanted(), name, sun, at(22, 30))
    contacting.finish(first, "busy", request=sun, at=at(10, 2))
    with pytest.raises(StaleError):
        contacting.begin(wanted(), name, sun, at(10, 3))


def test_a_permit_is_no_ones_to_make_and_no_one_elses_to_use(sun: Asked) -> None:
    person()
    contact, permit = contacting.begin(wanted(), key(), sun, at(10))
    with pytest.raises(TypeError):
        Permit(contact, at(10), sun, object())
    with pytest.raises(StaleError):
        contacting.again(contact, asked(User.objects.get(username="li")), at(10, 1))
    assert contacting.again(contact, sun, at(10, 1)).contact == permit.contact


def test_a_number_is_uncovered_by_its_permit_alone_and_logged_without_being_written(sun: Asked) -> None:
    person("C1", phones=("13900007777", "13900008888"))
    contact, permit = contacting.begin(wanted(), key(), sun, at(10))
    assert contact.point is not None
    assert points.value(permit, contact.point, at(10)) == "13900007777"
    entry = last("contact.uncover")
    assert (entry.actor, entry.subject_id) == ("sun", str(contact.pk))
    assert "7777" not in str(entry.detail)
    with pytest.raises(PermissionError):
        points.value(permit, point("C1", place=1), at(10))
    contacting.finish(contact, "conversation", request=sun, at=at(10, 5))
    with pytest.raises(PermissionError):  # what has ended is over
        points.value(permit, contact.point, at(10, 6))


def test_what_was_dialled_cannot_be_called_not_made(sun: Asked) -> None:
    person()
    contact, permit = contacting.begin(wanted(), key(), sun, at(10))
    assert contact.point is not None
    points.value(permit, contact.point, at(10))
    with pytest.raises(StaleError):  # also where the page does not know it yet
        contacting.finish(contact, "not_made", request=sun, at=at(10, 1))
    contact.refresh_from_db()
    with pytest.raises(UnfitError, match="counts as made"):
        contacting.finish(contact, "not_made", request=sun, at=at(10, 1))
    never, _ = contacting.begin(wanted(), key(), sun, at(11))
    assert contacting.finish(never, "not_made", request=sun, at=at(11, 1)).outcome == "not_made"


def test_what_it_came_to_is_noted_once_and_a_dead_number_is_marked(sun: Asked) -> None:
    person()
    contact, _ = contacting.begin(wanted(), key(), sun, at(10))
    done = contacting.finish(contact, "invalid", request=sun, seconds=3, note=" 空号 ", at=at(10, 1))
    assert (done.outcome, done.note, done.seconds, done.ended_at) == ("invalid", "空号", 3, at(10, 1))
    assert point().invalid_at == at(10, 1)
    assert last("contact.outcome").detail == {"outcome": "invalid", "seconds": 3}
    with pytest.raises(StaleError):
        contacting.finish(contact, "conversation", request=sun, at=at(10, 2))
    with pytest.raises(UnfitError):
        contacting.finish(done, "delivered", request=sun)


def test_a_message_at_night_waits_for_the_morning(sun: Asked) -> None:
    person()
    message = contacting.post(wanted(channel="sms"), key(), "arrears", {"amount": 100}, sun, now=at(23))
    morning = at(8) + dt.timedelta(days=1)
    assert (message.state, message.due_at, message.at, message.number is not None) == (
        State.WAITING,
        morning,
        morning,
        True,
    )
    assert last("contact.allow").detail["due"] == morning.astimezone(dt.UTC).isoformat()
    later = contacting.post(wanted(channel="email"), key(), "arrears", {}, None, at=at(12), now=at(9))
    assert later.due_at == at(12)


def test_a_message_that_would_be_late_is_refused_and_that_outlives_what_its_asker_does(sun: Asked) -> None:
    person()
    with transaction.atomic():
        with pytest.raises(RefusedError):
            contacting.post(wanted(channel="sms"), key(), "arrears", {}, sun, expires_at=at(23, 30), now=at(23))
        assert Refusal.objects.count()
    assert not Contact.objects.exists()


def test_the_sender_is_told_by_what_is_so_when_it_sends(sun: Asked) -> None:
    person()
    message = contacting.post(wanted(channel="sms"), key(), "arrears", {}, sun, now=at(9))
    with transaction.atomic():
        Contact.objects.filter(pk=message.pk).update(state=State.SENDING)
        allowed = contacting.permit_to_send(message, at(9, 1))
    assert isinstance(allowed, Permit)
    assert Contact.objects.get().at == at(9, 1)
    circumstances.enter(Said("C1", "opt_out", "Said so on the phone.", at(9, 2), channel="sms"), sun, at(9, 2))
    with transaction.atomic():
        refused = contacting.permit_to_send(message, at(9, 3))
    assert not isinstance(refused, Permit)
    assert refused.earliest is None
    assert last("contact.refuse").detail["contact"] == message.pk
    Contact.objects.filter(pk=message.pk).update(state=State.SENT, outcome=Outcome.SENT)
    with transaction.atomic(), pytest.raises(StaleError):
        contacting.permit_to_send(message, at(9, 4))


def test_a_message_does_not_stand_in_its_own_way(sun: Asked) -> None:
    person()
    first = contacting.post(wanted(channel="email"), key(), "arrears", {}, sun, now=at(9))
    with pytest.raises(RefusedError):  # one e-mail a day, by the house
        contacting.post(wanted(channel="email"), key(), "arrears", {}, sun, expires_at=at(20), now=at(10))
    with transaction.atomic():
        Contact.objects.filter(pk=first.pk).update(state=State.SENDING)
        assert isinstance(contacting.permit_to_send(first, at(11)), Permit)


def test_a_circumstance_between_the_list_and_the_call_refuses(sun: Asked) -> None:
    person()
    assert contacting.ask([wanted()], at(10))[0].allowed
    circumstances.enter(Said("C1", "do_not_contact", "In writing.", at(10)), sun, at(10))
    with pytest.raises(RefusedError) as refused:
        contacting.begin(wanted(), key(), sun, at(10, 1))
    assert refused.value.decision.earliest is None


def test_what_the_person_began_passes_no_gate_but_is_known(sun: Asked) -> None:
    person()
    name = key()
    made = contacting.inbound(wanted(), name, sun, at=at(23), seconds=60, note="Called us.")
    assert (made.inbound, made.outcome, made.at) == (True, "conversation", at(23))
    assert contacting.inbound(wanted(), name, sun, at=at(23)) == made
    with pytest.raises(UnfitError):
        contacting.finish(made, "busy", request=sun)
    with pytest.raises(UnfitError):
        contacting.inbound(wanted(), key(), sun, outcome="not_made")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"party": "guarantor"}, "do not say"),
        ({"person_id": "C2", "debtor_id": "C1", "point": "C2"}, "do not say"),
        ({"point": "C2"}, "somebody else"),
        ({"channel": "email", "point": "C1"}, "does not reach"),
        ({"point": None}, "which number"),
        ({"loan_ids": ()}, "which loans"),
        ({"channel": "fax", "point": "C1"}, "no such"),
        ({"channel": "sms"}, "posted, not begun"),
    ],
)
def test_what_does_not_fit_is_not_even_asked(sun: Asked, said: dict[str, object], why: str) -> None:
    person("C1")
    person("C2")
    if isinstance(said.get("point"), str):
        said = said | {"point": point(str(said["point"]))}
    with pytest.raises(UnfitError, match=why):
        contacting.begin(wanted(**said), key(), sun, at(10))  # type: ignore[arg-type]
    assert not Entry.objects.filter(action__startswith="contact.").exists()


def test_who_may_not_work_cases_contacts_nobody() -> None:
    person()
    with pytest.raises(UnfitError, match="role"):
        contacting.begin(wanted(), key(), asked(crew()["wu"]), at(10))


def test_asking_writes_nothing_and_takes_as_many_queries_for_many(
    sun: Asked, django_assert_num_queries: object, settings: Any, tmp_path: Path
) -> None:
    settings.HOME = open_home(tmp_path / "home", {})  # of its own: another test's book would be looked into
    person()
    asks = [wanted(channel=channel) for channel in ("phone", "sms", "email", "visit")]
    with django_assert_num_queries(4):  # type: ignore[operator]
        answers = contacting.ask(asks, at(10))
    assert [decision.allowed for decision in answers] == [True, True, True, False]
    with django_assert_num_queries(4):  # type: ignore[operator]
        contacting.ask(asks * 5, at(10))
    assert not Held.objects.exists()
    assert contacting.ask([], at(10)) == []


def test_every_entry_has_a_label() -> None:
    assert {"contact.allow", "contact.refuse", "contact.outcome", "contact.uncover", "contact.point"} <= set(ACTIONS)
