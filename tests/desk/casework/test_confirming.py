"""A promise is confirmed by a message: offered where there is a way, posted once, never in the way of the promise, and dropped with it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from daihou.desk.casework.models import Case, Promise
from daihou.desk.contacts.models import Circumstance, Contact, Refusal
from desk.casework.made import case, crew
from desk.casework.test_workbench import browser, debtor, dial, note, page

if TYPE_CHECKING:
    from django.test import Client

    from daihou.desk.people.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def mailing(settings: Any) -> None:
    """A mail server is set; nothing leaves here, since no sender runs."""
    settings.MAIL_READY = True


@pytest.fixture
def sun() -> User:
    return crew()["sun"]


def promised(client: Client, of: Case, **more: Any) -> str:
    """A call in which 500.00 are promised; what the page says to it."""
    on = timezone.localdate() + dt.timedelta(days=4)
    answer = note(client, of, answer="conversation.promise", on_1=on.isoformat(), amount_1="500.00", **more)
    assert answer.status_code == 200
    return str(answer.content.decode())


def offered(client: Client, of: Case) -> str:
    """By what the page offers to confirm; empty where by nothing."""
    shown = page(client, of)
    return shown.partition('name="confirm" value="')[2].partition('"')[0]


@pytest.mark.usefixtures("mailing")
def test_a_promise_is_confirmed_by_what_the_page_offers(sun: User) -> None:
    debtor()
    of = case("C1", owner=sun)
    client = browser(sun)
    assert offered(client, of) == ""  # nobody spoke yet
    dial(client, of)
    by = offered(client, of)
    assert by.startswith("email-")
    said = promised(client, of, confirm=by)
    message = Contact.objects.get(template="promise_taken")
    assert (message.channel, message.state, message.person_id, message.purpose) == ("email", "waiting", "C1", "collect")
    assert (message.values["amount"], message.key) == (50_000, f"promise-{Promise.objects.get().pk}")
    assert "The confirmation goes out by e-mail." in said
    assert "chen@example.com" not in said


@pytest.mark.usefixtures("mailing")
def test_who_wants_none_gets_none(sun: User) -> None:
    debtor()
    of = case("C1", owner=sun)
    client = browser(sun)
    dial(client, of)
    assert "confirmation" not in promised(client, of)
    assert not Contact.objects.exclude(template="").exists()


def test_without_a_channel_none_is_offered(sun: User) -> None:
    debtor()
    of = case("C1", owner=sun)
    client = browser(sun)
    dial(client, of)
    assert offered(client, of) == ""


@pytest.mark.usefixtures("mailing")
def test_nothing_but_a_promise_is_confirmed(sun: User) -> None:
    debtor()
    of = case("C1", owner=sun)
    client = browser(sun)
    dial(client, of)
    assert note(client, of, answer="conversation.refuses", confirm=offered(client, of)).status_code == 200
    assert not Contact.objects.exclude(template="").exists()


@pytest.mark.usefixtures("mailing")
def test_where_the_gate_refuses_the_promise_stands_and_the_refusal_is_written(sun: User) -> None:
    debtor()
    of = case("C1", owner=sun)
    client = browser(sun)
    dial(client, of)
    by = offered(client, of)
    now = timezone.now()
    Circumstance.objects.create(
        person_id="C1", kind="opt_out", channel="email", from_at=now, entered_at=now, ground="asked by letter"
    )
    said = promised(client, of, confirm=by)
    assert "No confirmation is sent." in said
    assert Promise.objects.get().state == "open"
    assert not Contact.objects.exclude(template="").exists()
    assert Refusal.objects.filter(channel="email", rule="opted_out").exists()


@pytest.mark.usefixtures("mailing")
def test_the_same_answer_sent_twice_is_confirmed_once(sun: User) -> None:
    debtor()
    of = case("C1", owner=sun)
    client = browser(sun)
    dial(client, of)
    by, contact = offered(client, of), Contact.objects.get()
    promised(client, of, confirm=by)
    promised(client, of, confirm=by, contact=contact.pk)
    assert Contact.objects.filter(template="promise_taken").count() == 1
