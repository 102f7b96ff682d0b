"""Who may do what with a case, and what they are told where they may not."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from daihou.desk.casework import guards
from daihou.desk.casework.choices import Track
from daihou.desk.people.models import Absence
from daihou.desk.people.reach import Access
from desk.casework.made import agency, case, crew

if TYPE_CHECKING:
    from daihou.desk.casework.models import Case
    from daihou.desk.people.models import User

NOW = dt.datetime(2026, 4, 1, 2, tzinfo=dt.UTC)
TODAY = dt.date(2026, 4, 1)


@pytest.fixture
def staff(db: None) -> dict[str, User]:
    return crew()


def working(one: Case, who: User) -> str:
    return guards.against_working(one, who, Access(who))


def test_who_works_cases_of_the_branch_may_work_one_and_nobody_else(staff: dict[str, User]) -> None:
    one = case()
    may = {name for name, who in staff.items() if not working(one, who)}
    assert may == {"sun", "li", "he", "zhou"}
    assert working(one, staff["wang"]) == "This is for who works cases."
    assert working(one, staff["far"]) == "Your role does not reach this case for that."


def test_a_case_in_a_collectors_hands_is_worked_by_them_or_who_stands_in(staff: dict[str, User]) -> None:
    one = case(owner=staff["sun"])
    assert not working(one, staff["sun"])
    assert working(one, staff["li"]) == "Sun works on it. Claim it, or have it assigned to you."
    assert "Claim it" in working(one, staff["he"])
    today = timezone.localdate()
    Absence.objects.create(user=staff["sun"], stand_in=staff["li"], from_on=today, to_on=today, entered_by=staff["he"])
    assert not working(one, staff["li"])


def test_what_is_given_to_somebody_elsewhere_is_theirs_to_work(staff: dict[str, User]) -> None:
    assert not working(case(owner=staff["far"]), staff["far"])


def test_nothing_is_done_to_a_closed_case(staff: dict[str, User]) -> None:
    one = case(closed_on=TODAY, closing="cured")
    assert working(one, staff["sun"]) == "The case is closed."
    assert guards.against_claiming(one, staff["he"], Access(staff["he"])) == "The case is closed."


def test_what_an_agency_has_is_not_worked_in_house(staff: dict[str, User]) -> None:
    one = case(agency=agency("Hengtong"), owner=staff["sun"])
    assert working(one, staff["sun"]) == "It is with Hengtong. Take it back first."


def test_a_manager_takes_what_is_anybodys_and_a_collector_what_is_nobodys(staff: dict[str, User]) -> None:
    one = case(owner=staff["sun"])
    assert guards.against_claiming(one, staff["sun"], Access(staff["sun"])) == "It is yours already."
    assert "Sun works on it" in guards.against_claiming(one, staff["li"], Access(staff["li"]))
    assert not guards.against_claiming(one, staff["he"], Access(staff["he"]))
    staff["sun"].is_active = False
    staff["sun"].save()
    left = case("C2", owner=staff["sun"])
    assert not guards.against_claiming(left, staff["li"], Access(staff["li"]))


def test_a_case_is_given_by_its_collector_or_the_manager_to_somebody_who_may_work_it(staff: dict[str, User]) -> None:
    one = case(owner=staff["sun"])

    def giving(by: str, to: str) -> str:
        return guards.against_assigning(one, staff[by], Access(staff[by]), staff[to])

    assert not giving("sun", "li")
    assert not giving("he", "li")
    assert giving("li", "li") == "This is for who manages collection."
    assert giving("he", "sun") == "It is theirs already."
    assert giving("he", "far") == "Far does not work cases of this part of the lender."
    assert giving("he", "wang") == "Wang does not work cases of this part of the lender."
    staff["li"].is_active = False
    assert giving("he", "li") == "Li no longer works at the desk."


@pytest.mark.parametrize(
    ("reviewed", "active", "refused"),
    [
        (TODAY, True, ""),
        (TODAY - dt.timedelta(days=365), True, ""),
        (TODAY - dt.timedelta(days=366), True, "Hengtong was not reviewed within 365 days. Review it first."),
        (TODAY + dt.timedelta(days=1), True, "Hengtong was not reviewed within 365 days. Review it first."),
        (None, True, "Hengtong was not reviewed within 365 days. Review it first."),
        (TODAY, False, "Hengtong does not work for the lender any more."),
    ],
)
def test_an_agency_gets_a_case_only_while_it_works_for_the_lender_and_was_reviewed_lately(
    staff: dict[str, User], reviewed: dt.date | None, active: bool, refused: str
) -> None:
    outside = agency("Hengtong", reviewed_on=reviewed, active=active)
    he = staff["he"]
    assert guards.against_to_agency(case(), he, Access(he), outside, "contract 17", TODAY) == refused


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        ({"stage": "pre_due"}, "Nothing is overdue yet."),
        ({"track": Track.LITIGATION}, "It is in litigation. Take it back first."),
    ],
)
def test_only_what_is_overdue_and_in_house_goes_outside(
    staff: dict[str, User], values: dict[str, Any], refused: str
) -> None:
    one, he = case(**values), staff["he"]
    assert guards.against_to_agency(one, he, Access(he), agency(reviewed_on=TODAY), "contract 17", TODAY) == refused
    assert guards.against_to_litigation(one, he, Access(he), "no answer") == refused


def test_going_outside_needs_the_manager_and_a_reason(staff: dict[str, User]) -> None:
    one, sun, he = case(), staff["sun"], staff["he"]
    assert guards.against_to_agency(one, sun, Access(sun), None, None) == "This is for who manages collection."
    assert guards.against_to_litigation(one, he, Access(he), "x") == "Say why, in a few words."
    assert "another track" in guards.against_from_agency(one, he, Access(he), "ended")
    assert "another track" in guards.against_from_litigation(one, he, Access(he), "ended")


@pytest.mark.parametrize(
    ("days", "refused"),
    [(0, "Choose a day to come."), (1, ""), (30, ""), (31, "At most 30 days ahead.")],
)
def test_a_case_is_set_aside_to_a_day_that_policy_allows(staff: dict[str, User], days: int, refused: str) -> None:
    one, sun = case(), staff["sun"]
    until = TODAY + dt.timedelta(days=days)
    assert guards.against_pausing(one, sun, Access(sun), until, "waits for insurance", TODAY) == refused


def test_what_rests_is_not_set_aside_twice_and_what_does_not_is_not_taken_up(staff: dict[str, User]) -> None:
    rests, sun, he = case(paused_until=TODAY, owner=staff["sun"]), staff["sun"], staff["he"]
    assert "already" in guards.against_pausing(rests, sun, Access(sun), None, None)
    assert not guards.against_resuming(rests, he, Access(he)), "who manages may, whoever's it is"
    assert guards.against_resuming(case("C2"), sun, Access(sun)) == "It is not set aside."


def test_a_call_is_agreed_for_a_time_to_come(staff: dict[str, User]) -> None:
    one, sun = case(), staff["sun"]

    def calling(at: dt.datetime) -> str:
        return guards.against_calling_back(one, sun, Access(sun), at, NOW)

    assert calling(NOW) == "Agree on a time to come."
    assert not calling(NOW + dt.timedelta(hours=1))
    assert not calling(NOW + dt.timedelta(days=30))
    assert calling(NOW + dt.timedelta(days=31)) == "At most 30 days ahead."


def test_a_case_is_handed_up_once_and_then_worked_by_the_manager_alone(staff: dict[str, User]) -> None:
    up = case(handed_up_at=NOW)
    assert working(up, staff["sun"]) == "It is with the manager."
    assert not working(up, staff["he"])
    he = staff["he"]
    assert guards.against_handing_up(up, he, Access(he), "again") == "It is with the manager already."


def test_who_works_manages_or_decides_may_leave_a_note_also_on_a_closed_case(staff: dict[str, User]) -> None:
    one = case(closed_on=TODAY)
    may = {name for name, who in staff.items() if not guards.against_noting(one, who, Access(who), "Heard of it.")}
    assert may == {"sun", "li", "he", "zhou", "qian"}
