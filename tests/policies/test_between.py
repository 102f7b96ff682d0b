"""The policy of watches within a day: what ships reads, and what makes no sense is refused with its place."""

from __future__ import annotations

import datetime as dt
from importlib import resources
from typing import Any, Final

import pytest
import yaml

from daihou.book.errors import DaihouError
from daihou.policies.between import DueToday, MoneyOut, Velocity, Watch, between

SHIPPED: Final = resources.files("daihou").joinpath("policies/common/between.yaml").read_text("utf-8")


def values() -> dict[str, Any]:
    """What ships, to be changed."""
    found: dict[str, Any] = yaml.safe_load(SHIPPED)["versions"][0]["values"]
    return found


def read(stated: dict[str, Any]) -> dict[str, Watch]:
    """The watches of a file with these values."""
    text = yaml.safe_dump(
        {"policy": "between", "versions": [{"from": dt.date(2026, 1, 1), "owner": "Test", "values": stated}]}
    )
    return {one.id: one for one in between(text, "own").on(dt.date(2026, 1, 1)).values.watches}


def test_what_ships_holds_watches_of_each_kind() -> None:
    found = read(values())
    assert isinstance(found["B-101"].asks, DueToday)
    assert isinstance(found["B-201"].asks, Velocity)
    assert isinstance(found["B-301"].asks, MoneyOut)
    late = found["B-102"].asks
    assert isinstance(late, DueToday)
    assert late.unpaid_by == dt.time(20)


@pytest.mark.parametrize(
    ("watch", "part", "key", "value", "told"),
    [
        ("B-101", "", "id", "R-101", "must be like B-101"),
        ("B-101", "", "level", "pink", "level must be one of"),
        ("B-101", "", "topic", "weather", "topic must be one of"),
        ("B-101", "", "subject", "borrower", "subject must be loan"),
        ("B-204", "", "subject", "loan", "an account is somebody's"),
        ("B-101", "", "message", {"en": "{name}", "zh": "x"}, "may not name name"),
        ("B-101", "", "message", {"en": "{amount:>9}", "zh": "x"}, "not a plain name"),
        ("B-101", "", "name", {"en": "x", "zh": " "}, "both languages"),
        ("B-101", "asks", "failures", [], "needs failures, reversals or unpaid_by"),
        ("B-102", "asks", "unpaid_by", "8 pm", "time of day"),
        ("B-101", "asks", "stands_hours", 49, "from 0 to 48"),
        ("B-201", "asks", "times", 0, "times must be a whole number"),
        ("B-201", "asks", "within_hours", 1.5, "within_hours must be a whole number"),
        ("B-201", "asks", "kinds", [], "needs kinds"),
        ("B-201", "asks", "flags", ["loan"], "of transactions alone"),
        ("B-204", "asks", "flags", ["rude"], "rude is unknown"),
        ("B-204", "asks", "direction", "up", "direction must be"),
        ("B-301", "asks", "classes", ["moon"], "no class is called moon"),
        ("B-301", "asks", "share_percent", 101, "from 1 to 100"),
        ("B-301", "asks", "hours", 3, "hours is unknown"),
    ],
)
def test_what_makes_no_sense_is_refused(watch: str, part: str, key: str, value: Any, told: str) -> None:
    stated = values()
    one = next(one for one in stated["watches"] if one["id"] == watch)
    (one[part] if part else one)[key] = value
    if key == "failures":
        one["asks"]["reversals"] = False
    with pytest.raises(DaihouError, match=told):
        read(stated)


def test_a_kind_of_counterparty_is_in_one_class_alone() -> None:
    stated = values()
    stated["classes"]["cash"]["kinds"].append("housing")
    with pytest.raises(DaihouError, match="housing is in two of them"):
        read(stated)


def test_two_watches_have_two_ids() -> None:
    stated = values()
    stated["watches"][1]["id"] = "B-101"
    with pytest.raises(DaihouError, match="B-101 is there twice"):
        read(stated)


def test_payments_are_counted_by_whole_days() -> None:
    stated = values()
    one = next(one for one in stated["watches"] if one["id"] == "B-202")
    one["asks"] |= {"table": "payments", "kinds": [], "reversals": True, "within_hours": 36}
    with pytest.raises(DaihouError, match="whole days"):
        read(stated)
