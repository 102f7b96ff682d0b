from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from daihou.book.errors import DaihouError
from daihou.book.home import open_home

if TYPE_CHECKING:
    from pathlib import Path


def test_a_home_is_made_on_first_use_with_its_settings(tmp_path: Path) -> None:
    home = open_home(tmp_path / "new", {})
    assert (tmp_path / "new" / "daihou.toml").exists()
    assert home.settings.timezone == "Asia/Shanghai"
    assert home.lake == tmp_path / "new" / "lake"


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    open_home(tmp_path, {})
    (tmp_path / "daihou.toml").write_text('base_currency = "USD"\ntimezone = "Europe/Paris"\n')
    settings = open_home(tmp_path, {"DAIHOU_TIMEZONE": "Asia/Tokyo"}).settings
    assert (settings.base_currency, settings.timezone, settings.calendar) == ("USD", "Asia/Tokyo", "CN")


@pytest.mark.parametrize(
    ("calendar", "stated", "names"),
    [
        ("CN", "", ("conduct_cn", "conduct_house")),
        ("US", "", ("conduct_us", "conduct_house")),
        ("FR", "", ("conduct_house",)),
        ("CN", " conduct_us, conduct_cn,conduct_us ", ("conduct_us", "conduct_cn")),
    ],
)
def test_the_conduct_policies_are_those_named_else_those_of_the_calendar(
    tmp_path: Path, calendar: str, stated: str, names: tuple[str, ...]
) -> None:
    settings = open_home(tmp_path, {"DAIHOU_CALENDAR": calendar, "DAIHOU_CONDUCT": stated}).settings
    assert settings.conduct_policies == names


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('timezone = "Mars/Base"', "Mars/Base"),
        ('cut_off = "25:00"', "25:00"),
        ('base_currency = "RMB"', "RMB"),
        ('profile = "shop"', "shop"),
        ('colour = "blue"', "colour"),
        ("timezone =", "cannot be read"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "daihou.toml").write_text(line)
    with pytest.raises(DaihouError, match=said) as caught:
        open_home(tmp_path, {})
    assert caught.value.place.endswith("daihou.toml")
    assert caught.value.remedy
