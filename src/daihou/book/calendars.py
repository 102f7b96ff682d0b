"""Work-day calendars by country: is a day worked, and to which day does a due date move."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any, Final

import holidays
import numpy as np

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2199
_EPOCH: Final = date(1970, 1, 1)
FIRST_DAY: Final = (date(FIRST_YEAR, 1, 1) - _EPOCH).days
"""Epoch day of index 0 of `moved`."""

_ANNOUNCED_YEARLY: Final = frozenset({"CN"})
"""Calendars a government publishes year by year; years not yet published have weekends only."""


@cache
def _country(calendar: str, year: int) -> Any:
    return holidays.country_holidays(calendar, years=year)


@cache
def _published(calendar: str) -> frozenset[int]:
    """Return the years in which a calendar is known; KeyError for an unknown calendar."""
    try:
        known: Any = holidays.country_holidays(calendar)
    except NotImplementedError:
        raise KeyError(calendar) from None
    first, last = known.start_year, min(known.end_year, LAST_YEAR)
    if calendar in _ANNOUNCED_YEARLY:
        return frozenset(known.special_public_holidays)
    return frozenset(range(max(first, FIRST_YEAR), last + 1))


def provisional_years(calendar: str) -> tuple[int, ...]:
    """Return the years of 1900 to 2199 without a published calendar, in which only weekends are free."""
    published = _published(calendar)
    return tuple(year for year in range(FIRST_YEAR, LAST_YEAR + 1) if year not in published)


def is_work_day(calendar: str, day: date) -> bool:
    """Tell whether a day is worked: weekdays but holidays, and the weekend days made up for."""
    if day.year not in _published(calendar):
        return day.weekday() < 5
    return bool(_country(calendar, day.year).is_working_day(day))


def next_work_day(calendar: str, day: date) -> date:
    """Return the day itself if it is worked, or else the next one that is."""
    while not is_work_day(calendar, day):
        day += timedelta(days=1)
    return day


def after_work_days(calendar: str, day: date, count: int) -> date:
    """Return the work day that lies so many work days after a day; 0 is the day itself or the next one worked."""
    found = next_work_day(calendar, day)
    if found > day:  # what begins on a free day is begun on the next one worked, which is the first of the days
        count -= 1 if count else 0
    for _ in range(count):
        found = next_work_day(calendar, found + timedelta(days=1))
    return found


def work_days_between(calendar: str, first: date, last: date) -> int:
    """Return how many work days lie after the first day up to the last; 0 where the last is not later."""
    span = (last - first).days
    return sum(is_work_day(calendar, first + timedelta(days=each)) for each in range(1, span + 1))


@cache
def moved(calendar: str) -> np.ndarray[Any, np.dtype[np.int32]]:
    """Return the epoch day of the day itself or the next one worked, for 1900-01-01 (index 0) to 2199-12-31."""
    days = np.arange(FIRST_DAY, (date(LAST_YEAR + 1, 1, 1) - _EPOCH).days, dtype=np.int32)
    worked = (days + 3) % 7 < 5  # 1970-01-01 was a Thursday
    for year in sorted(_published(calendar)):
        known = _country(calendar, year)
        for day in known:
            if FIRST_YEAR <= day.year <= LAST_YEAR and day.year == year:
                worked[(day - _EPOCH).days - FIRST_DAY] = False
        for day in known.weekend_workdays:
            if day.year == year:
                worked[(day - _EPOCH).days - FIRST_DAY] = True
    nearest = np.where(worked, days, np.int32(np.iinfo(np.int32).max))
    ahead = np.minimum.accumulate(nearest[::-1])[::-1].astype(np.int32)
    last = int(days[-1]) + 1
    after = next_work_day(calendar, _EPOCH + timedelta(days=last))
    ahead[ahead == np.iinfo(np.int32).max] = (after - _EPOCH).days
    ahead.setflags(write=False)
    return ahead
