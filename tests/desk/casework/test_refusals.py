"""Refusals of the gate, counted: the first of each decision alone, within reach, by rule, channel, collector and hour."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from daihou.desk.casework import refusing
from daihou.desk.people.reach import Access
from desk.casework.made import case, crew
from desk.casework.managing import day, main, moment, page, queries, refusal

if TYPE_CHECKING:
    from daihou.desk.people.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> dict[str, User]:
    return crew()


def told(by: User, rule: str = "") -> refusing.Told:
    return refusing.told(by, Access(by), day(-9), day(0), rule)


def test_of_a_decision_the_first_refusal_counts(people: dict[str, User]) -> None:
    held, asked = case("A"), uuid4()
    refusal(held, people["sun"], "hours", asked=asked)
    refusal(held, people["sun"], "attempts", place=1, asked=asked)
    refusal(held, people["li"], "hours", channel="sms")
    found = told(people["zhou"])
    assert [(one.rule, one.citation, one.count, one.people) for one in found.rules] == [
        ("hours", "Art. of hours", 2, 1)
    ]
    assert sorted((one.label, one.count) for one in found.channels) == [("Phone", 1), ("Text message", 1)]
    assert sorted((one.label, one.count) for one in found.collectors) == [("Li", 1), ("Sun", 1)]


def test_hours_are_local_and_days_have_both_ends(people: dict[str, User]) -> None:
    held = case("A")
    refusal(held, people["sun"], at=moment(-9, 0))
    refusal(held, people["sun"], at=moment(0, 0, 30))
    refusal(held, people["sun"], at=moment(-10, 23, 59))
    found = told(people["zhou"])
    assert found.count == 2
    assert [(one.label, one.count) for one in found.hours if one.count] == [("00", 2)]


def test_within_reach_alone_and_collectors_only_for_who_manages_them(people: dict[str, User]) -> None:
    refusal(case("A"), people["sun"], "hours")
    refusal(case("B", org_id="X2"), people["far"], "visits")
    assert {one.rule for one in told(people["zhou"]).rules} == {"hours", "visits"}
    assert {one.rule for one in told(people["he"]).rules} == {"hours"}
    assert "By collector" in page(people["he"], "refusals/")
    assert "By collector" not in page(people["li"], "refusals/")


def test_a_rule_is_looked_at_alone_and_an_auditor_is_led_to_the_entries(people: dict[str, User]) -> None:
    held = case("A")
    refusal(held, people["sun"], "hours")
    refusal(held, people["sun"], "attempts")
    said = main(page(people["wu"], "refusals/?rule=attempts"))
    assert "1 contact" in said
    assert f"action=contact.refuse&amp;subject=A&amp;first={day(0)}" in page(people["wu"], "refusals/")
    assert "contact.refuse" not in page(people["he"], "refusals/")


def test_nothing_refused_and_days_that_are_none_are_told(people: dict[str, User]) -> None:
    assert "The gate refused nothing" in page(people["he"], "refusals/")
    assert "These are no days that can be shown." in page(people["he"], "refusals/?from=2026-13-01", 400)
    assert "These are no days that can be shown." in page(people["he"], "refusals/?from=2020-01-01&to=2026-01-01", 400)


def test_queries_do_not_grow(people: dict[str, User]) -> None:
    refusal(case("A"), people["sun"])
    few = queries(people["zhou"], "refusals/")
    for number in range(12):
        refusal(case(f"B{number}"), people["li"], f"rule {number}")
    assert queries(people["zhou"], "refusals/") == few
