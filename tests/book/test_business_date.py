from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from daihou.book import business_date, lake
from daihou.book.home import Home, Settings


@pytest.mark.parametrize(
    ("cut_off", "now", "expected"),
    [
        ("00:00", datetime(2026, 3, 1, 15, 59, tzinfo=UTC), date(2026, 3, 1)),  # 23:59 in Shanghai
        ("00:00", datetime(2026, 3, 1, 16, 0, tzinfo=UTC), date(2026, 3, 2)),  # midnight
        ("02:30", datetime(2026, 3, 1, 18, 29, tzinfo=UTC), date(2026, 3, 1)),  # 02:29: still the day before
        ("02:30", datetime(2026, 3, 1, 18, 30, tzinfo=UTC), date(2026, 3, 2)),
        ("18:00", datetime(2026, 3, 1, 9, 59, tzinfo=UTC), date(2026, 3, 1)),  # 17:59
        ("18:00", datetime(2026, 3, 1, 10, 0, tzinfo=UTC), date(2026, 3, 2)),  # 18:00: the next day's business
    ],
)
def test_the_business_date_turns_at_the_cut_off(cut_off: str, now: datetime, expected: date) -> None:
    assert business_date.business_date(Settings(cut_off=cut_off), now) == expected


def test_the_open_date_is_never_a_sealed_one(home: Home) -> None:
    now = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)
    assert business_date.sealed_through(home) is None
    assert business_date.open_business_date(home, now) == date(2026, 3, 1)
    business_date.seal(home, date(2026, 3, 1), 7)
    assert business_date.open_business_date(home, now) == date(2026, 3, 2)


def test_sealing_an_earlier_date_changes_nothing(home: Home) -> None:
    business_date.seal(home, date(2026, 3, 1), 7)
    business_date.seal(home, date(2026, 2, 1), 8)
    assert business_date.sealed_through(home) == date(2026, 3, 1)
    assert lake.read(home, "seals").read_all().to_pylist() == [{"known_on": date(2026, 3, 1), "batch": 7}]
