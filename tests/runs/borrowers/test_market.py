"""The market by hand: what was published late, revised, missing, too old, or never sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from daihou.book import lake
from daihou.book.errors import DaihouError
from daihou.monitoring.market.family import MARKET
from daihou.policies import market as policy
from daihou.runs.borrowers import market
from daihou.runs.policies import read_policies

if TYPE_CHECKING:
    from collections.abc import Callable

    from daihou.book.home import Home

END = date(2026, 5, 31)
MACRO = """\
series,period_end,value,known_on
house_prices,2025-04-30,100.0,2025-05-16
house_prices,2025-05-31,99.0,2025-06-16
house_prices,2026-04-30,95.0,2026-05-16
house_prices,2026-05-31,94.05,2026-06-16
house_prices,2025-05-31,104.5,2026-07-01
unemployment,2025-04-30,5.0,2025-05-17
unemployment,2026-04-30,5.2,2026-05-17
lending_rate,2025-05-20,3.45,2025-05-20
lending_rate,2026-04-20,3.15,2026-04-20
lending_rate,2026-05-20,3.10,2026-05-20
purchasing_index,2025-12-31,49.7,2025-12-31
purchasing_index,2026-02-28,49.9,2026-02-28
purchasing_index,2026-03-31,49.5,2026-03-31
purchasing_index,2026-04-30,49.0,2026-04-30
purchasing_index,2026-05-31,49.2,2026-05-31
purchasing_index,2026-03-31,50.0,2026-07-01
gdp_growth,2026-03-31,4.8,2026-04-17
"""


@pytest.fixture(scope="module")
def home(told_of: Callable[..., Home]) -> Home:
    return told_of(macro=MACRO)


def answered(home: Home, as_of: date, known_on: date) -> dict[str, Any]:
    found = market.read(home, lake.versions(home, ["macro"]), read_policies(home).market)
    assert found is not None
    return dict(found.on(as_of, known_on))


def test_every_measure_by_hand(home: Home) -> None:
    """House prices of May are not out: 95 against 100. Rates are sent in percent. The purchasing index has no value for January."""
    found = answered(home, END, END)
    assert found == {
        "house_price_change_12m": -0.05, "unemployment": Decimal("0.052"), "unemployment_change_12m": Decimal("0.002"),
        "lending_rate": Decimal("0.031"), "lending_rate_change_12m": Decimal("-0.0035"), "purchasing_index": 49.2,
        "purchasing_index_months_below_50": 4,
    }  # fmt: skip
    assert list(found) == [measure.name for measure in MARKET.measures]


def test_what_is_published_and_revised_later_counts_once_it_is_known(home: Home) -> None:
    """May is 94.05 against 99 as first published, and against 104.5 as revised; so is the index of March, at 50 exactly."""
    first, revised = answered(home, END, date(2026, 6, 16)), answered(home, END, date(2026, 7, 1))
    assert (first["house_price_change_12m"], revised["house_price_change_12m"]) == (-0.05, -0.1)
    assert (first["purchasing_index_months_below_50"], revised["purchasing_index_months_below_50"]) == (4, 2)


def test_a_period_that_ends_after_the_date_does_not_count_though_it_is_known(home: Home) -> None:
    found = answered(home, date(2026, 5, 30), date(2026, 7, 1))
    assert (found["house_price_change_12m"], found["purchasing_index"]) == (-0.05, 49.0)


def test_without_the_month_a_year_before_a_value_has_no_change(home: Home) -> None:
    found = answered(home, date(2026, 4, 30), date(2026, 5, 16))
    assert (found["lending_rate"], found["lending_rate_change_12m"]) == (Decimal("0.0315"), None)


def test_no_month_below_is_0_and_not_empty(home: Home) -> None:
    assert answered(home, date(2026, 3, 31), date(2026, 7, 1))["purchasing_index_months_below_50"] == 0


def test_a_value_says_nothing_once_it_is_too_old(home: Home) -> None:
    """Six months after the end of May is the end of November."""
    for day, rate, index in ((date(2026, 11, 20), Decimal("0.031"), 49.2), (date(2026, 12, 1), None, None)):
        found = answered(home, day, day)
        assert (found["lending_rate"], found["purchasing_index"]) == (rate, index)
    assert set(answered(home, date(2026, 12, 1), date(2026, 12, 1)).values()) == {None}


def test_before_a_series_is_known_it_is_empty(home: Home) -> None:
    assert set(answered(home, END, date(2025, 5, 15)).values()) == {None}


def test_the_end_of_february_is_compared_with_that_of_a_leap_year(told_of: Callable[..., Home]) -> None:
    home = told_of(
        macro="series,period_end,value,known_on\n"
        "house_prices,2024-02-29,200,2024-02-29\nhouse_prices,2025-02-28,190,2025-02-28\nunemployment,2024-02-29,0,2024-02-29\n"
    )
    found = answered(home, date(2025, 2, 28), date(2025, 2, 28))
    assert (found["house_price_change_12m"], found["unemployment"]) == (-0.05, None)


def test_an_index_of_0_has_no_growth(told_of: Callable[..., Home]) -> None:
    home = told_of(
        macro="series,period_end,value,known_on\nhouse_prices,2025-02-28,0,2025-02-28\nhouse_prices,2026-02-28,5,2026-02-28\n"
    )
    assert answered(home, date(2026, 2, 28), date(2026, 2, 28))["house_price_change_12m"] is None


def test_a_house_reads_series_of_its_own_as_fractions(told_of: Callable[..., Home]) -> None:
    home = told_of(macro="series,period_end,value,known_on\nshibor_1y,2026-05-20,0.0181,2026-05-20\n")
    (home.path / "policies").mkdir()
    (home.path / "policies" / "market.yaml").write_text(
        "policy: market\nversions:\n  - from: 2020-01-01\n    owner: Treasury\n    values: {house_prices: h, unemployment: u, "
        "lending_rate: shibor_1y, purchasing_index: p, rates_in: fraction, oldest_months: 1}\n"
    )
    assert answered(home, END, END)["lending_rate"] == Decimal("0.0181")
    assert answered(home, date(2026, 6, 21), date(2026, 6, 21))["lending_rate"] is None


def test_without_the_table_there_is_nothing_to_ask(told_of: Callable[..., Home]) -> None:
    home = told_of()
    assert market.read(home, lake.versions(home, ["macro"]), read_policies(home).market) is None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"rates_in": "permille"}, "percent, fraction"),
        ({"oldest_months": 0}, "from 1 on"),
        ({"unemployment": ""}, "text"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(wrong: dict[str, Any], said: str) -> None:
    right = policy.Market("h", "u", "l", "p", "percent", 6)
    with pytest.raises(ValueError, match=said):
        replace(right, **wrong)


def test_a_misspelt_key_of_the_policy_is_refused() -> None:
    with pytest.raises(DaihouError, match="Unknown key: houses"):
        policy.market(
            "policy: market\nversions:\n  - {from: 2020-01-01, owner: X, values: {houses: h}}\n", "market.yaml"
        )
