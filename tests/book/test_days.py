"""Days and months: where a window of months ends, looked at from its beginning."""

from __future__ import annotations

import datetime as dt

import pytest

from daihou.book.days import add_months, last_within

day = dt.date.fromisoformat


@pytest.mark.parametrize(
    ("begins", "months", "ends"),
    [
        ("2025-02-28", 3, "2025-05-31"),  # the window of 31 May begins after 28 February
        ("2024-02-28", 3, "2024-05-28"),  # no month end: the window of 29 May begins a day later
        ("2024-02-29", 12, "2025-02-28"),
        ("2025-02-28", 12, "2026-02-28"),
        ("2023-02-28", 12, "2024-02-29"),
        ("2025-11-30", 3, "2026-02-28"),
        ("2025-01-30", 1, "2025-02-28"),
        ("2025-01-15", 6, "2025-07-15"),
    ],
)
def test_a_horizon_ends_on_the_last_day_whose_window_reaches_back_to_its_beginning(
    begins: str, months: int, ends: str
) -> None:
    last = last_within(day(begins), months)
    assert last == day(ends)
    assert add_months(last, -months) <= day(begins) < add_months(last + dt.timedelta(days=1), -months)
