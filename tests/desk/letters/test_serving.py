"""How letters are served: past the gate, proven, recorded once, withdrawn; and what becomes of it in the lake."""

from __future__ import annotations

import datetime as dt
import json
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from daihou.book import lake
from daihou.desk.audit.models import Entry
from daihou.desk.casework.keeper import Keeper
from daihou.desk.contacts import people
from daihou.desk.contacts.models import Circumstance, Contact, Refusal
from daihou.desk.facts import writing
from daihou.desk.letters import place, serving
from daihou.desk.letters.choices import State
from daihou.desk.letters.models import Letter, Proof, Service
from daihou.desk.letters.policy import law
from daihou.desk.refusals import StaleError
from daihou.desk.vault import people as vault
from daihou.desk.vault.erasure import erase
from daihou.vault.person import PersonRecord
from desk.alerts.hands import asked, browser
from desk.letters.home import AS_OF, NOW, TODAY
from desk.letters.test_making import made

if TYPE_CHECKING:
    from django.test import Client

    from daihou.book.home import Home
    from daihou.desk.people.models import User

PAPER = b"%PDF-1.7\n signed by Zhang Xiaoming\n"


def act(client: Client, letter: Letter, name: str, **said: Any) -> int:
    said = {"revision": Letter.objects.get(pk=letter.pk).revision, **said}
    return client.post(reverse(f"letter_{name}", args=[letter.pk]), said).status_code


def attach(client: Client, letter: Letter, content: bytes = PAPER, name: str = "slip.pdf") -> int:
    return client.post(
        reverse("letter_attach", args=[letter.pk]), {"file": SimpleUploadedFile(name, content)}
    ).status_code


def served(client: Client, letter: Letter, receiver: str = "debtor", means: str = "post", **more: Any) -> str:
    """Sent and recorded on the same day; the state it came to."""
    assert act(client, letter, "send", means=means) == 302
    assert act(client, letter, "arrive", arrived_on=TODAY.isoformat(), receiver=receiver, **more) == 302
    return Letter.objects.get(pk=letter.pk).state


def facts(home: Home) -> list[dict[str, Any]]:
    files = lake.files(home, "findings")
    rows = (
        pl.scan_parquet(files).sort("happened_at").with_columns(pl.col("kind").cast(pl.String)).collect()
        if files
        else pl.DataFrame()
    )
    return [{**row, "value": json.loads(row["value"])} for row in rows.to_dicts()]


def test_a_letter_is_sent_past_the_gate_and_served(staff: dict[str, User], home: Home) -> None:
    letter, client = made(staff["wang"], "overdue", "L1").new[0], browser(staff["hu"])
    assert served(client, letter, "family") == State.SERVED
    contact = Contact.objects.get()
    assert (contact.channel, contact.purpose, contact.person_id, contact.outcome) == (
        "letter",
        "notice",
        "C1",
        "delivered",
    )
    service = Service.objects.get()
    assert (service.contact_id, service.served_on, service.why) == (contact.pk, TODAY, "counts")
    assert [e.action for e in Entry.objects.filter(subject_kind="letter").order_by("pk")] == [
        "letter.make",
        "letter.send",
        "letter.arrive",
    ]
    writing.write(NOW)
    (fact,) = [one for one in facts(home) if one["kind"] == "demand_served"]
    assert fact["subject_id"] == "C1"
    assert fact["value"] == {"letter": letter.number, "loan": "L1", "kind": "overdue", "means": "post", "to": "debtor"}
    assert fact["happened_at"].astimezone(home.settings.zone).date() == TODAY
    assert writing.write(NOW) == {}


def test_a_maturity_notice_that_is_served_is_no_demand(staff: dict[str, User], home: Home) -> None:
    assert served(browser(staff["wang"]), made(staff["wang"], "maturity", "L2").new[0]) == State.SERVED
    writing.write(NOW)
    assert facts(home) == []


def test_who_asked_for_contact_to_cease_may_still_be_served_but_the_dead_are_not(staff: dict[str, User]) -> None:
    client = browser(staff["wang"])
    Circumstance.objects.create(
        person_id="C1", kind="do_not_contact", from_at=NOW - dt.timedelta(days=9), ground="said so", entered_at=NOW
    )
    assert act(client, made(staff["wang"], "overdue", "L1").new[0], "send", means="post") == 302
    Circumstance.objects.create(
        person_id="C2", kind="death", from_at=NOW - dt.timedelta(days=9), ground="certificate", entered_at=NOW
    )
    letter = made(staff["wang"], "overdue", "L3").new[0]
    answer = client.post(reverse("letter_send", args=[letter.pk]), {"revision": 1, "means": "post"})
    assert answer.status_code == 422
    assert "The conduct gate refuses" in answer.content.decode()
    assert (Letter.objects.get(pk=letter.pk).state, Refusal.objects.exists()) == (State.MADE, True)


def test_refused_counts_by_post_but_in_person_with_proof_alone(staff: dict[str, User]) -> None:
    client, (first, second) = browser(staff["wang"]), made(staff["wang"], "overdue", "L1", "L3").new
    assert served(client, first, "refused") == State.SERVED
    assert served(client, second, "refused", "in_person") == State.FAILED
    assert Service.objects.get(letter=second).why == "no_proof"
    assert act(client, second, "send", means="notarised") == 422  # the gate: no visit without consent
    assert act(client, second, "send", means="courier") == 302
    assert attach(client, second) == 302
    assert act(client, second, "arrive", arrived_on=TODAY.isoformat(), receiver="refused") == 302
    assert Letter.objects.get(pk=second.pk).state == State.SERVED


def test_returned_counts_where_the_contract_names_the_address(staff: dict[str, User]) -> None:
    client, (first, second) = browser(staff["wang"]), made(staff["wang"], "overdue", "L1", "L3").new
    assert served(client, first, "returned") == State.FAILED
    assert act(client, second, "send", means="post", agreed_address="1") == 302
    assert act(client, second, "arrive", arrived_on=TODAY.isoformat(), receiver="returned") == 302
    assert Letter.objects.get(pk=second.pk).state == State.SERVED


def test_nobody_is_contacted_by_an_announcement(staff: dict[str, User]) -> None:
    client, letter = browser(staff["wang"]), made(staff["wang"], "overdue", "L1").new[0]
    assert act(client, letter, "send", means="announcement") == 302
    assert not Contact.objects.exists()
    assert attach(client, letter) == 302
    assert act(client, letter, "arrive", arrived_on=TODAY.isoformat(), receiver="published") == 302
    assert Letter.objects.get(pk=letter.pk).state == State.SERVED


def test_without_an_address_in_the_vault_nothing_is_posted(staff: dict[str, User]) -> None:
    letter = made(staff["wang"], "overdue", "L1", guarantors=True).new[2]
    assert letter.addressee_id == "G2"
    client = browser(staff["wang"])
    refused = client.post(reverse("letter_send", args=[letter.pk]), {"revision": 1, "means": "post"})
    assert refused.status_code == 422
    assert "no such address" in refused.content.decode()
    assert act(client, letter, "send", means="in_person") == 302


def test_who_is_known_from_the_table_of_guarantees_alone_is_written_to(staff: dict[str, User]) -> None:
    vault.put([("G2", "company", PersonRecord("海港贸易有限公司", address="滨江市码头路 1 号"), AS_OF)])
    letter, client = made(staff["wang"], "overdue", "L1", guarantors=True).new[2], browser(staff["wang"])
    assert served(client, letter, "staff") == State.SERVED
    assert Contact.objects.get().party == "guarantor"


def test_a_guarantor_whose_agreed_period_is_over_is_written_to_if_a_demand_came_within_it(
    staff: dict[str, User],
) -> None:
    vault.put([("G3", "person", PersonRecord("周强", address="滨江市南门街 5 号"), AS_OF)])
    assert people.parties("G3", "C2", ["L4"], TODAY) == {}
    letters = made(staff["wang"], "overdue", "L4", guarantors=True).new
    assert [one.addressee_id for one in letters] == ["C2", "G4"]
    then = dt.date(2022, 10, 8)
    standing = {"addressee_id": "G3", "as_of": then, "state": State.SERVED, "served_on": then}
    Letter.objects.filter(pk=letters[1].pk).update(**standing)
    said = {"sent_on": then, "sent_at": NOW, "sent_by": staff["wang"], "served_on": then, "recorded_at": NOW}
    Service.objects.create(letter=letters[1], means="post", **said)
    letter = next(one for one in made(staff["wang"], "overdue", "L4", guarantors=True).new if one.addressee_id == "G3")
    assert act(browser(staff["wang"]), letter, "send", means="post") == 302


def test_a_relative_takes_it_for_a_person_alone_and_who_takes_in_mail_for_an_organisation(
    staff: dict[str, User],
) -> None:
    client, letters = browser(staff["wang"]), made(staff["wang"], "overdue", "L1", guarantors=True).new
    for letter, wrong, right, why in (
        (letters[0], "staff", "family", "is a natural person"),  # as the vault has it
        (letters[2], "family", "staff", "is an organisation"),  # as the lake has it
    ):
        assert act(client, letter, "send", means="in_person") == 302
        page = client.get(reverse("letter", args=[letter.pk])).context
        assert {wrong, right} & {code for code, _label in page["takers"]} == {right}
        said = {"revision": 2, "arrived_on": TODAY.isoformat(), "receiver": wrong}
        answer = client.post(reverse("letter_arrive", args=[letter.pk]), said)
        assert (answer.status_code, why in answer.content.decode()) == (422, True)
        assert act(client, letter, "arrive", arrived_on=TODAY.isoformat(), receiver=right) == 302


def test_what_was_signed_on_friday_is_entered_on_monday_as_of_friday(
    staff: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    letter = made(staff["wang"], "overdue", "L1").new[0]
    monday = NOW + dt.timedelta(days=4)
    monkeypatch.setattr(timezone, "now", lambda: monday)
    client = browser(staff["wang"])
    for means, day in (
        ("post", "2026-03-06"),
        ("in_person", "2026-03-04"),
        ("in_person", "2026-03-10"),
        ("in_person", "x"),
    ):
        assert act(client, letter, "send", means=means, sent_on=day) == 422
    assert not Contact.objects.exists()
    assert act(client, letter, "send", means="in_person", sent_on="2026-03-06") == 302
    assert act(client, letter, "arrive", arrived_on="2026-03-06", receiver="debtor") == 302
    assert Letter.objects.get(pk=letter.pk).served_on == dt.date(2026, 3, 6)


def test_days_are_those_of_the_calendar_not_of_the_books(
    staff: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    for hour in (1, 23):
        at = dt.datetime(2026, 3, 5, hour, 30, tzinfo=settings.HOME.settings.zone)
        monkeypatch.setattr(timezone, "now", lambda at=at: at)
        assert serving.today() == TODAY


def test_of_two_who_send_at_once_by_different_means_one_is_first_and_one_contact_stands(staff: dict[str, User]) -> None:
    letter, by = made(staff["wang"], "overdue", "L1").new[0], asked(staff["wang"])
    post, carried = law().way("post"), law().way("carried")
    assert post
    assert carried
    serving._past_the_gate(letter, post, by, NOW)
    with pytest.raises(StaleError):
        serving.send(letter, 1, "carried", "", by)
    serving.send(letter, 1, "courier", "", by)  # the same contact, by who was first to write it down
    assert Contact.objects.count() == 1
    with pytest.raises(StaleError):
        serving.send(letter, 1, "post", "", by)  # who had the page open
    assert sorted(Contact.objects.values_list("outcome", flat=True)) == ["failed", "sent"]


def test_the_contact_of_a_letter_that_is_withdrawn_on_its_way_is_closed(staff: dict[str, User]) -> None:
    client, letter = browser(staff["wang"]), made(staff["wang"], "overdue", "L1").new[0]
    assert act(client, letter, "send", means="post") == 302
    assert act(client, letter, "withdraw", note="the wrong loan") == 302
    assert Contact.objects.get().outcome == "failed"


def test_letters_that_are_not_served_follow_their_loan(staff: dict[str, User]) -> None:
    first, second = made(staff["wang"], "overdue", "L1", "L3").new
    served(browser(staff["wang"]), second)
    Letter.objects.update(org_id="X2", officer_id="O9")  # where the loans were before the run
    assert browser(staff["wang"]).get(reverse("letter", args=[first.pk])).status_code == 404
    assert (place.follow(), place.follow()) == (1, 0)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.org_id, first.officer_id, second.org_id) == ("X1", "O1", "X2")
    assert browser(staff["li"]).get(reverse("letter", args=[first.pk])).status_code == 200


def test_the_keeper_of_cases_lets_letters_follow_once_a_run(staff: dict[str, User]) -> None:
    letter = made(staff["wang"], "overdue", "L1").new[0]
    Letter.objects.update(org_id="X2")
    keeper = Keeper(threading.Event(), _followed="a run")
    keeper._place()
    letter.refresh_from_db()
    assert (letter.org_id, keeper._placed) == ("X1", "a run")


def test_a_debt_is_acknowledged_by_the_debtors_signature_under_a_slip_that_is_attached(staff: dict[str, User]) -> None:
    client, letter = browser(staff["wang"]), made(staff["wang"], "overdue", "L1").new[0]
    assert act(client, letter, "send", means="in_person") == 302
    said = {"arrived_on": TODAY.isoformat(), "receiver": "debtor", "acknowledged": "1"}
    assert act(client, letter, "arrive", **said) == 422
    assert attach(client, letter) == 302
    assert act(client, letter, "arrive", **{**said, "receiver": "family"}) == 422
    assert act(client, letter, "arrive", **said) == 302
    assert Service.objects.get().acknowledged


def test_what_is_said_wrongly_is_refused_and_kept(staff: dict[str, User]) -> None:
    client, letter = browser(staff["wang"]), made(staff["wang"], "overdue", "L1").new[0]
    assert act(client, letter, "arrive", arrived_on=TODAY.isoformat(), receiver="debtor") == 422
    assert attach(client, letter) == 422
    assert act(client, letter, "send", means="pigeon") == 422
    assert act(client, letter, "send", means="post") == 302
    for day in ("", "x", "2026-03-04", "2026-03-06"):
        assert act(client, letter, "arrive", arrived_on=day, receiver="debtor") == 422
    answer = client.post(
        reverse("letter_arrive", args=[letter.pk]),
        {"revision": 2, "arrived_on": "2026-03-06", "receiver": "debtor", "note": "Her son"},
    )
    assert "Her son" in answer.content.decode()
    assert act(client, letter, "send", means="post") == 422
    assert act(client, letter, "withdraw", note=" ") == 422


def test_of_two_at_once_one_is_first(staff: dict[str, User]) -> None:
    client, letter = browser(staff["wang"]), made(staff["wang"], "overdue", "L1").new[0]
    assert act(client, letter, "send", means="post") == 302
    said = {"arrived_on": TODAY.isoformat(), "receiver": "debtor", "revision": 2}
    assert act(client, letter, "arrive", **said) == 302
    assert act(browser(staff["hu"]), letter, "arrive", **{**said, "receiver": "returned"}) == 409
    assert act(browser(staff["hu"]), letter, "withdraw", revision=2, note="wrong loan") == 409
    assert Letter.objects.get().state == State.SERVED


def test_a_withdrawn_letter_is_a_fact_taken_back_and_makes_room_for_another(staff: dict[str, User], home: Home) -> None:
    client, letter = browser(staff["wang"]), made(staff["wang"], "overdue", "L1").new[0]
    served(client, letter)
    assert act(client, letter, "withdraw", note="the wrong address") == 302
    writing.write(NOW)
    assert [one["kind"] for one in facts(home)] == ["demand_served", "demand_withdrawn"]
    assert act(client, letter, "send", means="post") == 422
    assert act(client, letter, "withdraw", note="again and again") == 422
    assert len(made(staff["wang"], "overdue", "L1").new) == 1
    page = client.get(reverse("letter", args=[letter.pk])).content.decode()
    assert "the wrong address" in page


def test_a_proof_is_sealed_and_opens_to_who_sees_the_letter(staff: dict[str, User], home: Home) -> None:
    client, letter = browser(staff["wang"]), made(staff["wang"], "overdue", "L1").new[0]
    act(client, letter, "send", means="post")
    assert attach(client, letter) == 302
    assert attach(client, letter) == 302
    assert attach(client, letter, b"MZ\x00 program") == 422
    proof = Proof.objects.get()
    address = reverse("letter_proof", args=[letter.pk, proof.pk])
    assert b"Zhang" not in Path(proof.content.path).read_bytes()
    assert b"".join(client.get(address).streaming_content) == PAPER  # type: ignore[attr-defined]
    assert browser(staff["far"]).get(address).status_code == 404
    assert Entry.objects.filter(action="letter.proof").count() == 1


def test_of_an_erased_person_the_papers_open_to_nobody(staff: dict[str, User], home: Home) -> None:
    client, letter = browser(staff["wang"]), made(staff["wang"], "overdue", "L1").new[0]
    act(client, letter, "send", means="post")
    attach(client, letter)
    erase("C1", "wang", "asked for it")
    assert client.get(reverse("letter_proof", args=[letter.pk, Proof.objects.get().pk])).status_code == 410
    assert "was erased on" in client.get(reverse("letter", args=[letter.pk])).content.decode()


def test_what_is_out_of_reach_is_not_there(staff: dict[str, User]) -> None:
    letter = made(staff["wang"], "overdue", "L1").new[0]
    for name in ("send", "arrive", "withdraw", "attach"):
        assert act(browser(staff["far"]), letter, name) == 404
        assert act(browser(staff["zheng"]), letter, name) == 403
    assert browser(staff["far"]).get(reverse("letter", args=[letter.pk])).status_code == 404
    assert browser(staff["zheng"]).get(reverse("letter", args=[letter.pk])).status_code == 200
