"""Uncovering: for a purpose, within reach, so many an hour, and always in the log without what was seen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from daihou.desk.audit.models import Entry
from daihou.desk.vault import people as vault
from daihou.desk.vault.erasure import erase
from daihou.desk.vault.models import Person
from daihou.desk.vault.uncovering import MOST_AN_HOUR

if TYPE_CHECKING:
    from django.http import HttpResponse

    from desk.vault.conftest import Borrower

HTMX = {"HX-Request": "true"}
GIVEN = {"purpose": "collection", "note": "second unpaid instalment"}


def place(borrower: Borrower) -> str:
    return f"/vault/{borrower.borrower_id}/reveal/"


def text(response: HttpResponse) -> str:
    return response.content.decode()


def logged() -> list[Entry]:
    return list(Entry.objects.filter(action="person.reveal"))


def values(borrower: Borrower) -> list[str]:
    record = borrower.record
    return [record.name, record.id_no, *record.phones, *record.emails, record.address]


def test_the_form_shows_nothing_but_the_masked_name(sign_in: Any, own: Borrower) -> None:
    response = sign_in("officer").get(place(own))
    assert response.status_code == 200
    assert not any(value in text(response) for value in values(own))
    assert own.record.name[0] + "*" in text(response)
    assert not logged()


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_with_a_purpose_everything_is_shown_once_and_logged(
    sign_in: Any, own: Borrower, headers: dict[str, str]
) -> None:
    response = sign_in("officer").post(place(own), GIVEN, headers=headers)
    (entry,) = logged()
    assert all(value in text(response) for value in values(own))
    assert f"logged as #{entry.pk}" in text(response)
    assert "no-store" in response.headers["Cache-Control"]
    assert ("<html" in text(response)) is not bool(headers)
    assert (entry.actor, entry.subject_kind, entry.subject_id) == ("officer", "borrower", own.borrower_id)
    assert entry.detail == {"fields": ["name", "id_no", "phones", "emails", "address"], **GIVEN}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"purpose": "collection"},
        {"purpose": "collection", "note": "due "},
        {"purpose": "curiosity", "note": "just looking"},
        {"note": "second unpaid"},
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_without_a_purpose_nothing_is_shown(
    sign_in: Any, own: Borrower, given: dict[str, str], headers: dict[str, str]
) -> None:
    response = sign_in("officer").post(place(own), given, headers=headers)
    assert response.status_code == (200 if headers else 422)  # htmx puts nothing but a 200 in place
    assert not any(value in text(response) for value in values(own))
    assert 'class="errors"' in text(response)
    assert not logged()


def test_what_the_note_says_of_the_person_does_not_reach_the_log(sign_in: Any, own: Borrower) -> None:
    note = f"call {own.record.name} on {own.record.phones[0]}"
    sign_in("officer").post(place(own), {"purpose": "collection", "note": note})
    (entry,) = logged()
    assert entry.detail["note"] == "call ••• on •••"
    assert not any(value in json.dumps(entry.detail, ensure_ascii=False) for value in values(own))


def test_whom_the_user_does_not_reach_does_not_exist(sign_in: Any, foreign: Borrower) -> None:
    browser = sign_in("officer")
    for response in (
        browser.get(place(foreign)),
        browser.post(place(foreign), GIVEN),
        browser.get("/vault/B99999999/reveal/"),
    ):
        assert response.status_code == 404
        assert foreign.record.name not in text(response)
    assert not logged()
    assert Entry.objects.filter(action="access.refused", subject_id=foreign.borrower_id).count() == 2


@pytest.mark.parametrize("who", ["viewer", "analyst", "auditor", "administrator"])
def test_other_roles_uncover_nobody(sign_in: Any, own: Borrower, who: str) -> None:
    response = sign_in(who).post(place(own), GIVEN)
    assert response.status_code == 403
    assert not logged()


def test_beyond_so_many_an_hour_it_is_refused(sign_in: Any, own: Borrower) -> None:
    browser = sign_in("officer")
    for _ in range(MOST_AN_HOUR):
        assert browser.post(place(own), GIVEN).status_code == 200
    response = browser.post(place(own), GIVEN)
    assert response.status_code == 429
    assert not any(value in text(response) for value in values(own))
    assert len(logged()) == MOST_AN_HOUR
    assert sign_in("branch_manager").post(place(own), GIVEN).status_code == 200  # the limit is each one's own
    assert "within an hour" in text(browser.post(place(own), GIVEN, headers=HTMX))


def test_an_erased_person_cannot_be_uncovered(sign_in: Any, own: Borrower) -> None:
    erase(own.borrower_id, "root", "asked by letter")
    response = sign_in("officer").post(place(own), GIVEN)
    assert "were erased on" in text(response)
    assert not logged()


def test_of_whom_nothing_was_delivered_the_page_says_so(sign_in: Any, own: Borrower) -> None:
    Person.objects.filter(borrower_id=own.borrower_id).delete()
    assert "No name delivered" in text(sign_in("officer").get(place(own)))


def test_the_panel_shows_the_person_masked_to_all_who_see_the_loan(
    sign_in: Any, own: Borrower, foreign: Borrower
) -> None:
    shown = text(sign_in("viewer").get(f"/vault/{own.borrower_id}/person/"))
    masked = vault.masked(own.borrower_id)
    assert masked is not None
    assert masked.name in shown
    assert masked.phones[0] in shown
    assert not any(value in shown for value in values(own))
    assert "/reveal/" not in shown  # a viewer has nothing to press
    assert "/reveal/" in text(sign_in("officer").get(f"/vault/{own.borrower_id}/person/"))
    assert sign_in("officer").get(f"/vault/{foreign.borrower_id}/person/").status_code == 404


def test_the_pages_hold_to_the_content_security_policy(sign_in: Any, own: Borrower) -> None:
    browser = sign_in("officer")
    for response in (browser.get(place(own)), browser.post(place(own), GIVEN), browser.get("/vault/find/?q=x")):
        assert " style=" not in text(response)
        assert " onclick=" not in text(response)
