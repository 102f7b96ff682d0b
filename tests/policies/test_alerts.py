"""The policy of alerts: what ships holds together, and what is wrong in a lender's own is named."""

from __future__ import annotations

import datetime as dt
from importlib import resources

import pytest

from daihou.book.errors import DaihouError
from daihou.policies.alerts import LEVELS, STAGES, alerts

TEXT = resources.files("daihou").joinpath("policies/common", "alerts.yaml").read_text("utf-8")


def test_what_ships_says_how_long_each_stage_has_and_a_redder_level_never_longer() -> None:
    house = alerts(TEXT, "alerts.yaml").on(dt.date(2026, 11, 28)).values
    for stage in STAGES:
        days = [house.stage_work_days[stage][level] for level in LEVELS]
        assert days == sorted(days), stage
    assert house.confirmed_by["red"] == "head_office"
    assert all(people >= 2 for people in house.lift_people.values())
    assert "red" not in house.snooze_most_days


@pytest.mark.parametrize(
    ("was", "wrong", "said"),
    [
        ("due_hour: 18", "due_hour: 24", "due_hour"),
        (
            "check: {red: 1, orange: 2, yellow: 3, blue: 5}",
            "check: {red: 1, orange: 2, yellow: 3}",
            "stage_work_days, check",
        ),
        ("plan: {red: 2", "plan: {red: 0", "stage_work_days, plan"),
        ("lift: {red: 2", "hoist: {red: 2", "stage_work_days"),
        ("blue: anyone", "blue: nobody", "confirmed_by"),
        ("lift_people: {red: 2", "lift_people: {red: 1", "lift_people"),
        ("snooze_most_days: {orange: 10", "snooze_most_days: {red: 1, orange: 10", "snooze_most_days"),
        ("orange: [special_inspection]", "orange: [dance]", "suggests"),
        ("most_open_each: 60", "most_open_each: some", "most_open_each"),
        ("confidence: 0.95", "confidence: 95", "confidence"),
        ("aftermath_dpd: 90", "", "Missing key: aftermath_dpd"),
        ("due_hour: 18", "due_hour: 18\n      colour: mauve", "Unknown key: colour"),
    ],
)
def test_what_is_wrong_is_named_with_the_file_and_the_version(was: str, wrong: str, said: str) -> None:
    assert was in TEXT
    with pytest.raises(DaihouError, match=said) as caught:
        alerts(TEXT.replace(was, wrong), "home/policies/alerts.yaml")
    assert caught.value.place == "home/policies/alerts.yaml, version 1"
