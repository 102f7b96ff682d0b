"""The measure that an alert is about, over the last watched dates: which it is, from the shelf, with its threshold in words."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from daihou.book.home import open_home
from daihou.desk.alerts import ingest, trends
from daihou.desk.alerts.leading import leading
from daihou.desk.alerts.models import Alert
from desk.alerts.made import alert
from desk.alerts.nights import Nights, day

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from daihou.desk.alerts.trends import Trend


@pytest.fixture
def nights(db: None, tmp_path: Path) -> Iterator[Nights]:
    """Fourteen dates, on each of which a loan is a day later, and warns from the twelfth on; another has no data."""
    home = open_home(tmp_path / "home", {})
    with override_settings(HOME=home), translation.override("en"):
        made = Nights(home)
        for number in range(14):
            made.loan("L1", "C1", dpd=20 + number)
            made.loan("L2", "C2", dpd=None)
            made.run(number, *([("R-002", "L1"), ("R-001", "L2")] if number == 12 else []))
        ingest.take(timezone.now())
        yield made


def trend(borrower_id: str) -> Trend:
    one = Alert.objects.select_related("lead").get(borrower_id=borrower_id)
    return trends.of([one])[one.pk]


def test_a_trend_has_the_last_twelve_dates_the_threshold_and_both_in_words(nights: Nights) -> None:
    found = trend("C1")
    assert found.dates == tuple(day(number) for number in range(2, 14))
    assert found.values == tuple(float(20 + number) for number in range(2, 14))
    assert (found.measure, found.unit, found.threshold, found.direction) == ("dpd", "days", 30.0, "up")
    assert (found.said, found.said_threshold, found.label) == ("33 days", "30 days", "Days past due")
    with translation.override("zh-hans"):
        assert (trend("C1").said, trend("C1").said_threshold, trend("C1").label) == ("33天", "30天", "逾期天数")


def test_what_a_run_had_no_data_of_is_a_gap_and_no_nought(nights: Nights) -> None:
    found = trend("C2")
    assert found.values == (None,) * 12
    assert found.said == "no data"


def test_an_alert_by_hand_has_no_trend_nor_has_any_before_the_first_run(nights: Nights, tmp_path: Path) -> None:
    by_hand = alert("C9", signals=0)
    assert trends.of([by_hand]) == {}
    with override_settings(HOME=open_home(tmp_path / "empty", {})):
        assert trends.of(Alert.objects.select_related("lead")) == {}


def test_many_are_read_with_one_query_of_the_database(nights: Nights) -> None:
    trends.prepare()
    found = list(Alert.objects.select_related("lead"))
    with CaptureQueriesContext(connection) as told:
        assert len(trends.of(found)) == 2
    assert len(told.captured_queries) == 1


def test_while_a_date_is_taken_in_the_one_before_is_told_and_after_it_the_new_one(nights: Nights) -> None:
    trends.prepare()
    nights.loan("L1", "C1", dpd=50)
    nights.run(14)
    assert trend("C1").dates[-1] == day(13), "the run is there, and not taken in yet"
    ingest.take(timezone.now())
    assert trend("C1").dates[-1] == day(13), "nor is its file made"
    trends.prepare()
    assert (trend("C1").dates[-1], trend("C1").said) == (day(14), "50 days")


@pytest.mark.parametrize(
    ("condition", "measure", "threshold", "direction"),
    [
        ("dpd > 30", "dpd", "30", "up"),
        ("30 < dpd", "dpd", "30", "up"),
        ("product = 'car' and utilisation >= 85%", "utilisation", "0.85", "up"),
        ("inflow_3m >= 3000 and inflow_30d < 10% * inflow_3m", "inflow_30d", None, "down"),
        ("account_balance_change_3m <= -70%", "account_balance_change_3m", "-0.7", "down"),
        ("dpd between 3 and 7", "dpd", "3", "up"),
        ("dpd = 0 and worst_dpd > 30", "worst_dpd", "30", "up"),
        ("overdue_amount > 50000", "overdue_amount", "50000", "up"),
    ],
)
def test_the_measure_of_a_rule_is_the_first_that_is_compared_towards_the_bad(
    condition: str, measure: str, threshold: str | None, direction: str
) -> None:
    found = leading("R-999", 1, "loan", condition)
    assert found is not None
    assert (found.field.name, found.direction) == (measure, direction)
    assert found.threshold == (None if threshold is None else Decimal(threshold))


def test_where_no_number_is_compared_there_is_no_measure() -> None:
    assert leading("R-999", 1, "loan", "first_payment_missed") is None
    assert leading("R-999", 1, "loan", "no_such_measure > 3") is None


def test_amounts_are_drawn_in_units_of_their_currency_and_told_exactly() -> None:
    found = leading("R-999", 1, "loan", "overdue_amount > 50000")
    assert found is not None
    with translation.override("en"):
        assert (found.unit("JPY"), found.unit("CNY")) == (1, 100)
        assert found.said(7_654_321.0, "CNY") == "76,543.21 CNY"
        assert found.said_threshold("CNY") == "50,000.00 CNY"
