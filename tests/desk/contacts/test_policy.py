"""Which conduct policies hold: those that the home names, its own file before the one that ships."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from importlib import resources
from typing import TYPE_CHECKING, Any

import pytest

from daihou.book.errors import DaihouError
from daihou.book.home import Settings, open_home
from daihou.desk.contacts import policy

if TYPE_CHECKING:
    from pathlib import Path

DAY = dt.date(2026, 3, 31)


@pytest.fixture
def home(settings: Any, tmp_path: Path) -> Path:
    """A home of its own."""
    settings.HOME = open_home(tmp_path, {})
    (tmp_path / "policies").mkdir()
    return tmp_path


def test_law_and_house_hold_together(home: Path) -> None:
    assert [each.name for each in policy.policies()] == ["conduct_cn", "conduct_house"]
    assert policy.versions(DAY).startswith("conduct_cn@2026-01-31 conduct_house@")


def test_the_homes_own_file_goes_before_and_is_read_again_when_it_changes(home: Path) -> None:
    shipped = resources.files("daihou").joinpath("policies", "cn", "conduct_cn.yaml").read_text("utf-8")
    own = home / "policies" / "conduct_cn.yaml"
    for hour in ("21:00", "20:30"):
        own.write_text(shipped.replace("22:00", hour), "utf-8")
        version = policy.policies()[0].on(DAY)
        assert str(own) == policy.policies()[0].place
        assert next(rule for rule in version.values.rules if rule.id == "hours").closes == dt.time.fromisoformat(hour)  # type: ignore[attr-defined]


def test_an_unknown_policy_is_named_and_a_wrong_one_too(home: Path, settings: Any) -> None:
    settings.HOME = replace(settings.HOME, settings=Settings(conduct="conduct_mars"))
    with pytest.raises(DaihouError, match="conduct_mars"):
        policy.policies()
    (home / "policies" / "conduct_mars.yaml").write_text("policy: conduct_venus\nversions: []\n")
    with pytest.raises(DaihouError, match="conduct_venus"):
        policy.policies()


def test_on_a_day_before_a_policy_there_is_no_version_of_it_to_name(home: Path) -> None:
    assert policy.versions(dt.date(2020, 1, 1)) == "conduct_house@1900-01-01"
