"""The search box: a number leads to its page, an exact value to a list within reach, and nothing tells who is outside it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from daihou.desk.audit.models import Entry

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.vault.person import PersonRecord
    from desk.vault.conftest import Borrower


def search(browser: Any, text: str) -> HttpResponse:
    response: HttpResponse = browser.get(f"/vault/find/?q={quote(text)}")
    return response


def logged() -> list[Entry]:
    return list(Entry.objects.filter(action="person.search"))


def test_a_loan_number_leads_to_the_loan(sign_in: Any, own: Borrower) -> None:
    assert search(sign_in("officer"), own.loan_id).headers["Location"] == f"/loans/{own.loan_id}/"
    assert search(sign_in("viewer"), f" {own.loan_id} ").headers["Location"] == f"/loans/{own.loan_id}/"


def test_a_borrower_number_leads_to_the_borrower(sign_in: Any, own: Borrower) -> None:
    assert search(sign_in("officer"), own.borrower_id).headers["Location"] == f"/borrowers/{own.borrower_id}/"


def test_numbers_outside_reach_lead_nowhere(sign_in: Any, foreign: Borrower) -> None:
    for number in (foreign.loan_id, foreign.borrower_id):
        response = search(sign_in("officer"), number)
        assert response.status_code == 200
        assert "Nothing found" in response.content.decode()


@pytest.mark.parametrize("field", ["name", "id_no", "phones"])
def test_an_exact_value_finds_the_borrower_with_masked_name_and_loans(sign_in: Any, own: Borrower, field: str) -> None:
    value = getattr(own.record, field)
    value = value if isinstance(value, str) else value[0]
    shown = search(sign_in("officer"), value).content.decode()
    shown = shown.split("<main", 1)[1]  # the box above keeps what was typed
    assert f"/borrowers/{own.borrower_id}/" in shown
    assert own.record.name[0] + "*" in shown
    assert own.record.name not in shown


def test_who_is_outside_reach_is_answered_like_who_does_not_exist(
    sign_in: Any, foreign: Borrower, people: dict[str, PersonRecord]
) -> None:
    browser = sign_in("officer")

    def answered(text: str) -> str:
        return search(browser, text).content.decode().split("<main", 1)[1].split("</main>")[0]

    assert answered(foreign.record.id_no) == answered("33010019900101123X")
    assert "Only exact values are found" in answered(foreign.record.id_no)


def test_a_branch_manager_finds_the_borrowers_of_the_branch_and_a_manager_all(
    sign_in: Any, own: Borrower, foreign: Borrower
) -> None:
    assert "Nothing found" not in search(sign_in("branch_manager"), own.record.id_no).content.decode()
    assert "Nothing found" in search(sign_in("branch_manager"), foreign.record.id_no).content.decode()
    assert "Nothing found" not in search(sign_in("manager"), foreign.record.id_no).content.decode()


@pytest.mark.parametrize("who", ["viewer", "analyst", "auditor"])
def test_roles_that_may_not_search_people_find_none_and_are_told_so(sign_in: Any, own: Borrower, who: str) -> None:
    shown = search(sign_in(who), own.record.id_no).content.decode()
    assert "Your role does not search by name" in shown
    assert own.borrower_id not in shown
    assert not logged()


def test_a_search_is_logged_without_what_was_typed(sign_in: Any, own: Borrower) -> None:
    search(sign_in("officer"), own.record.name)
    search(sign_in("officer"), own.record.name)
    first, second = logged()
    assert (first.detail["kinds"], first.detail["hits"] >= 1) == (["name"], True)
    assert first.detail["token"] == second.detail["token"]
    assert (
        own.record.name
        not in json.dumps([entry.detail for entry in (first, second)], ensure_ascii=False) + first.subject_id
    )


def test_an_empty_search_says_what_can_be_looked_for(sign_in: Any, own: Borrower) -> None:
    assert "whole loan number" in search(sign_in("officer"), "").content.decode()
    assert not logged()


def test_an_administrator_has_no_search(sign_in: Any, own: Borrower) -> None:
    assert search(sign_in("administrator"), own.loan_id).status_code == 403
