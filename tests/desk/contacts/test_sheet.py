"""The sheet of a debtor: what holds of the people around and how to reach them, entered, lifted and marked by who may, in reach."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from daihou.desk.contacts import circumstances, points
from daihou.desk.contacts.circumstances import Entry as Said
from daihou.desk.contacts.models import Circumstance, Point
from desk.alerts.hands import asked, browser
from desk.casework.made import case, crew
from desk.contacts.people import at, person, point

if TYPE_CHECKING:
    from daihou.desk.people.models import User

GROUND = "Said so on the phone."
SHEET = "/contacts/debtors/C1/circumstances/"


@pytest.fixture
def staff(db: None) -> dict[str, User]:
    """The crew, and a case of debtor C1 in their branch."""
    person("C1", phones=("13900001111", "13900002222"))
    case("C1", owner=None)
    return crew()


def enter(who: User, **said: str) -> Any:
    return browser(who).post(f"{SHEET}enter/", {"person": "C1", "kind": "hardship", "ground": GROUND} | said)


def test_an_empty_sheet_says_so_and_shows_how_to_reach_the_debtor_masked(staff: dict[str, User]) -> None:
    page = browser(staff["sun"]).get(SHEET).content.decode()
    assert "Nothing on record" in page
    assert "139****1111" in page
    assert "13900001111" not in page


def test_what_is_entered_stands_on_the_sheet(staff: dict[str, User]) -> None:
    answer = enter(
        staff["sun"], kind="opt_out", channel="sms", point=str(point().pk), loan="C1-L1", until_at="2099-01-31T18:00"
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, SHEET)
    made = Circumstance.objects.get()
    assert (made.kind, made.channel, made.point, made.loan_id, made.entered_by) == (
        "opt_out",
        "sms",
        point(),
        "C1-L1",
        staff["sun"],
    )
    page = browser(staff["li"]).get(SHEET).content.decode()
    assert "Opted out of a channel or number" in page
    assert "until 2099-01-31 18:00" in page
    assert GROUND in page


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"ground": ""}, "On what ground|on what ground"),
        ({"person": "C9"}, "does not belong to the debtor"),
        ({"point": "999999"}, "does not belong to the debtor"),
        ({"loan": "L9"}, "does not belong to the case"),
        ({"kind": "agreed_hours", "hours_from": "07:00"}, "both hours"),
        ({"until_at": "tomorrow"}, "day and time"),
        ({"until_at": "2001-01-01T10:00"}, "end after"),
        ({"until_at": "9999-12-31T23:59"}, "leave the end empty"),
        ({"from_at": "9999-12-31T23:59"}, "leave the end empty"),
        ({"ground": "x" * 1001}, "longer than 1000"),
    ],
)
def test_what_does_not_fit_is_said_with_what_was_typed(staff: dict[str, User], said: dict[str, str], why: str) -> None:
    answer = enter(staff["sun"], **said)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert any(each in page for each in why.split("|"))
    assert "ground" in said or GROUND in page
    assert not Circumstance.objects.exists()


def test_a_lift_needs_a_reason_and_what_protects_most_a_manager_in_reach(staff: dict[str, User]) -> None:
    sun = asked(staff["sun"])
    dispute = circumstances.enter(Said("C1", "dispute", GROUND, at(9)), sun, at(9))
    where = reverse("circumstance_lift", args=["C1", dispute.pk])
    assert "Only who manages collection" in browser(staff["sun"]).get(SHEET).content.decode()
    assert browser(staff["sun"]).post(where, {"because": "A mistake."}).status_code == 422
    assert browser(staff["he"]).post(where, {"because": ""}).status_code == 422
    assert browser(staff["he"]).post(where, {"because": "A mistake."}).status_code == 302
    page = browser(staff["sun"]).get(SHEET).content.decode()
    assert "What is over" in page
    assert "A mistake." in page
    assert browser(staff["he"]).post(where, {"because": "A mistake."}).status_code == 409


def test_a_number_is_marked_and_one_of_somebody_else_is_not_there(staff: dict[str, User]) -> None:
    person("C2")
    first, second, *_ = (one.point for one in points.of("C1", at(9)))
    sun = browser(staff["sun"])
    assert sun.post(reverse("point_mark", args=["C1", second.pk]), {"mark": "prefer"}).status_code == 302
    assert sun.post(reverse("point_mark", args=["C1", first.pk]), {"mark": "nice"}).status_code == 422
    assert sun.post(reverse("point_mark", args=["C1", point("C2").pk]), {"mark": "prefer"}).status_code == 404
    assert list(Point.objects.filter(preferred=True)) == [second]


@pytest.mark.parametrize(
    ("who", "sees", "enters"),
    [("sun", 200, 302), ("wang", 404, 403), ("wu", 200, 403), ("far", 404, 404), ("zhou", 200, 302)],
)
def test_who_sees_it_and_who_enters(staff: dict[str, User], who: str, sees: int, enters: int) -> None:
    assert browser(staff[who]).get(SHEET).status_code == sees
    assert enter(staff[who]).status_code == enters


def test_who_may_only_look_finds_the_form_closed(staff: dict[str, User]) -> None:
    page = browser(staff["wu"]).get(SHEET).content.decode()
    assert "<fieldset disabled>" in page
    assert "point_mark" not in page
    assert "/mark/" not in page


def test_whose_case_ended_long_ago_has_no_sheet_of_a_debtor_who_is_worked_elsewhere_now(staff: dict[str, User]) -> None:
    person("C3")
    case("C3", owner=staff["li"], closed_on=dt.date(2026, 1, 31))
    where = "/contacts/debtors/C3/circumstances/"
    assert browser(staff["li"]).get(where).status_code == 200
    case("C3", org_id="X2", owner=staff["far"])
    assert browser(staff["far"]).get(where).status_code == 200
    assert browser(staff["li"]).get(where).status_code == 404


def test_a_debtor_without_a_case_has_no_sheet(staff: dict[str, User]) -> None:
    assert browser(staff["zhou"]).get("/contacts/debtors/C7/circumstances/").status_code == 404


def test_htmx_gets_the_part_that_lists_what_stands(staff: dict[str, User]) -> None:
    sun, part = browser(staff["sun"]), {"HX-Request": "true"}
    page = sun.get(SHEET, headers=part).content.decode()
    assert page.strip().startswith('<section class="card" id="standing"')
    answer = sun.post(f"{SHEET}enter/", {"person": "C1", "kind": "opt_out", "ground": GROUND}, headers=part)
    assert (answer.status_code, "which channel" in answer.content.decode()) == (200, True)
    answer = sun.post(f"{SHEET}enter/", {"person": "C1", "kind": "death", "ground": GROUND}, headers=part)
    assert "Dead" in answer.content.decode()


def test_as_many_queries_for_much_as_for_little(staff: dict[str, User]) -> None:
    sun = browser(staff["sun"])
    circumstances.enter(Said("C1", "dispute", GROUND, at(9)), asked(staff["sun"]), at(9))
    sun.get(SHEET)
    with CaptureQueriesContext(connection) as few:
        sun.get(SHEET)
    for day in range(1, 20):
        circumstances.enter(
            Said("C1", "hardship", GROUND, at(9, day=day), loan_id=f"L{day}"), asked(staff["sun"]), at(9)
        )
    with CaptureQueriesContext(connection) as many:
        sun.get(SHEET)
    assert len(many) == len(few)
