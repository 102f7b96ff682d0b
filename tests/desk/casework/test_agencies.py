"""Agencies: entered, reviewed, let go, by who manages collection of the whole lender."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from daihou.desk.audit.models import Entry
from daihou.desk.casework.models import Agency
from desk.alerts.hands import browser
from desk.casework.made import agency, case, crew
from desk.casework.managing import day, main, page, queries

if TYPE_CHECKING:
    from daihou.desk.people.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> dict[str, User]:
    return crew()


def sent(by: User, address: str = "", **said: Any) -> Any:
    return browser(by).post(f"/collection/agencies/{address}", said)


def test_one_is_entered_once_and_waits_for_its_review(people: dict[str, User]) -> None:
    assert sent(people["zhou"], code="N-1", name="North Recoveries").status_code == 302
    twice = sent(people["zhou"], code="N-1", name="Another")
    assert twice.status_code == 422
    assert "There is an agency of this code already." in twice.content.decode()
    assert "never reviewed" in page(people["zhou"], "agencies/")
    assert Entry.objects.get(action="agency.enter").subject_id == "N-1"


@pytest.mark.parametrize("said", [{"code": "no spaces", "name": "North"}, {"code": "N1", "name": " "}])
def test_a_code_and_a_name_are_needed(people: dict[str, User], said: dict[str, str]) -> None:
    assert sent(people["zhou"], **said).status_code == 422
    assert not Agency.objects.exists()


def test_a_review_is_noted_never_ahead_and_never_back(people: dict[str, User]) -> None:
    one = agency("North", reviewed_on=day(-400))
    assert "overdue since" in page(people["zhou"], "agencies/")
    assert sent(people["zhou"], f"{one.pk}/review/", on=day(1).isoformat()).status_code == 422
    assert sent(people["zhou"], f"{one.pk}/review/", on=day(-500).isoformat()).status_code == 422
    assert sent(people["zhou"], f"{one.pk}/review/", on="").status_code == 422
    assert sent(people["zhou"], f"{one.pk}/review/", on=day(0).isoformat()).status_code == 302
    one.refresh_from_db()
    assert one.reviewed_on == day(0)
    assert Entry.objects.get(action="agency.review").detail == {"before": str(day(-400)), "after": str(day(0))}


def test_one_is_let_go_and_taken_up_again(people: dict[str, User]) -> None:
    one = agency("North")
    sent(people["zhou"], f"{one.pk}/switch/", active="0")
    assert "No longer" in main(page(people["zhou"], "agencies/"))
    sent(people["zhou"], f"{one.pk}/switch/", active="1")
    one.refresh_from_db()
    assert one.active
    assert Entry.objects.filter(action="agency.switch").count() == 2


def test_who_manages_a_branch_reads_and_changes_nothing(people: dict[str, User]) -> None:
    one = agency("North")
    case("A", agency=one)
    case("B", agency=one, closed_on=day(-1), closing="cured")
    said = main(page(people["he"], "agencies/"))
    assert "North" in said
    assert "Works for us 1 " in said
    for address in ("", f"{one.pk}/review/", f"{one.pk}/switch/"):
        assert sent(people["he"], address, code="X", name="Xx", on=day(0).isoformat()).status_code == 403
    assert browser(people["sun"]).get("/collection/agencies/").status_code == 403


def test_queries_do_not_grow(people: dict[str, User]) -> None:
    agency("A")
    few = queries(people["zhou"], "agencies/")
    for number in range(9):
        agency(f"B{number}")
    assert queries(people["zhou"], "agencies/") == few
