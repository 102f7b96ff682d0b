"""The policy of reminders: what ships reads, and what makes no sense is refused."""

from __future__ import annotations

import datetime as dt
from importlib import resources
from typing import Any, Final

import pytest
import yaml

from daihou.book.errors import DaihouError
from daihou.policies.messages import messages
from daihou.policies.reminders import Reminders, reminders

COMMON: Final = resources.files("daihou").joinpath("policies/common")


def values() -> dict[str, Any]:
    """What ships, to be changed."""
    text = COMMON.joinpath("reminders.yaml").read_text("utf-8")
    found: dict[str, Any] = yaml.safe_load(text)["versions"][0]["values"]
    return found


def read(stated: dict[str, Any]) -> Reminders:
    """The policy of a file with these values."""
    day = dt.date(2026, 1, 1)
    text = yaml.safe_dump({"policy": "reminders", "versions": [{"from": day, "owner": "Test", "values": stated}]})
    return reminders(text, "own").on(day).values


def test_what_ships_names_messages_that_ship_for_each_channel() -> None:
    held = read(values())
    assert held.days == (3, 1)
    texts = messages(COMMON.joinpath("messages.yaml").read_text("utf-8"), "x").on(dt.date(2026, 1, 1)).values
    for group in held.groups:
        for step in group.steps:
            template = texts.template(step.template)
            assert template is not None
            assert set(step.channels) <= set(template.texts)
            assert template.purpose == "remind"


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("at", "10 am", "time of day"),
        ("most_per_due", 0, "most_per_due"),
        ("oldest_data_days", 1.5, "oldest_data_days"),
        ("early_share", 1.1, "early_share"),
        ("groups", "all", "groups must be a list"),
        ("groups", [{}], "code is missing|code, en"),
        ("never", 1, "never"),
    ],
)
def test_what_makes_no_sense_is_refused(key: str, value: Any, told: str) -> None:
    with pytest.raises(DaihouError, match=told):
        read(values() | {key: value})


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ([{"days_before": 40, "channels": ["sms"], "template": "pre_due"}], "days_before"),
        ([{"days_before": 1, "channels": ["pigeon"], "template": "pre_due"}], "not pigeon"),
        ([{"days_before": 1, "channels": [], "template": "pre_due"}], "channels must name"),
        ([{"days_before": 1, "channels": ["sms"], "template": "Pre due"}], "template"),
        (
            [
                {"days_before": 1, "channels": ["sms"], "template": "a"},
                {"days_before": 1, "channels": ["email"], "template": "a"},
            ],
            "on one day",
        ),
    ],
)
def test_steps_that_make_no_sense_are_refused(steps: list[dict[str, Any]], told: str) -> None:
    stated = values()
    stated["groups"][-1]["steps"] = steps
    with pytest.raises(DaihouError, match=told):
        read(stated)
