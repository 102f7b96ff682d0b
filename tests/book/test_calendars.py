from __future__ import annotations

from datetime import date

import pytest

from daihou.book import calendars


def moved(calendar: str, day: date) -> date:
    index = (day - date(1900, 1, 1)).days
    return date.fromordinal(date(1970, 1, 1).toordinal() + int(calendars.moved(calendar)[index]))


@pytest.mark.parametrize(
    ("day", "next_day"),
    [
        (date(2026, 3, 14), date(2026, 3, 16)),  # a Saturday
        (date(2026, 2, 14), date(2026, 2, 14)),  # a Saturday made up for the Spring Festival
        (date(2026, 2, 15), date(2026, 2, 24)),  # the Spring Festival
        (date(2026, 10, 1), date(2026, 10, 8)),  # National Day
        (date(2027, 10, 1), date(2027, 10, 1)),  # not published yet: weekends only
        (date(1999, 10, 1), date(1999, 10, 1)),
        (date(1900, 1, 1), date(1900, 1, 1)),
        (date(2199, 12, 31), date(2199, 12, 31)),
    ],
)
def test_a_day_moves_to_the_next_one_worked_in_china(day: date, next_day: date) -> None:
    assert calendars.next_work_day("CN", day) == next_day
    assert moved("CN", day) == next_day


@pytest.mark.parametrize("calendar", ["CN", "US"])
def test_the_whole_column_says_the_same_as_day_by_day(calendar: str) -> None:
    for ordinal in range(date(2019, 12, 1).toordinal(), date(2030, 3, 1).toordinal()):
        day = date.fromordinal(ordinal)
        assert moved(calendar, day) == calendars.next_work_day(calendar, day)


def test_years_without_a_published_calendar_are_provisional() -> None:
    years = calendars.provisional_years("CN")
    assert 2026 not in years
    assert 2050 in years
    assert 1950 in years


def test_an_unknown_calendar_is_not_guessed() -> None:
    with pytest.raises(KeyError):
        calendars.moved("XX")


def test_work_days_are_counted_over_a_weekend_and_a_holiday_with_its_made_up_day() -> None:
    friday, saturday = date(2026, 11, 27), date(2026, 11, 28)
    assert calendars.after_work_days("CN", friday, 1) == date(2026, 11, 30)
    assert calendars.after_work_days("CN", saturday, 0) == date(2026, 11, 30)
    assert calendars.after_work_days("CN", saturday, 1) == date(2026, 11, 30)  # begun on Monday, which is its first day
    assert calendars.after_work_days("CN", saturday, 2) == date(2026, 12, 1)
    assert calendars.work_days_between("CN", friday, date(2026, 12, 1)) == 2
    assert calendars.work_days_between("CN", saturday, saturday) == 0
    assert calendars.work_days_between("CN", date(2026, 12, 1), friday) == 0
    # National Day 2025: 1 to 8 October free, Saturday 11 October worked.
    assert calendars.after_work_days("CN", date(2025, 9, 30), 1) == date(2025, 10, 9)
    assert calendars.after_work_days("CN", date(2025, 9, 30), 3) == date(2025, 10, 11)
