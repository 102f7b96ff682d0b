"""The policy of results that are unclear: what ships reads, and what makes no sense is refused."""

from __future__ import annotations

import datetime as dt
from importlib import resources
from typing import Any

import pytest
import yaml

from daihou.book.errors import DaihouError
from daihou.policies.bureau_results import BureauResults, bureau_results


def read(**changed: Any) -> BureauResults:
    """A file with these values."""
    values = {"ask_after_minutes": [1, 5], "unknown_after_minutes": 60} | changed
    version = {"from": dt.date(2026, 1, 1), "owner": "Test", "values": values}
    return bureau_results(yaml.safe_dump({"policy": "bureau_results", "versions": [version]}), "own").on(dt.date(2026, 1, 1)).values  # fmt: skip


def test_what_ships_waits_longer_and_longer() -> None:
    text = resources.files("daihou").joinpath("policies/common/bureau_results.yaml").read_text("utf-8")
    held = bureau_results(text, "x").on(dt.date(2026, 1, 1)).values
    assert list(held.ask_after_minutes) == sorted(held.ask_after_minutes)
    assert held.unknown_after_minutes >= 60


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"ask_after_minutes": []}, "1 to 40 waits"),
        ({"ask_after_minutes": 5}, "1 to 40 waits"),
        ({"ask_after_minutes": [0]}, "whole minutes"),
        ({"unknown_after_minutes": 1.5}, "whole minutes"),
        ({"unknown_after_minutes": True}, "whole minutes"),
        ({"often": 1}, "Unknown key"),
    ],
)
def test_what_makes_no_sense_is_refused(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(DaihouError, match=said):
        read(**changed)
