"""Moments and local clocks. A moment is a whole number of microseconds since 1970 in UTC: such numbers compare rightly, which local times with a zone do not."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from functools import lru_cache
from typing import Final

EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
NAIVE_EPOCH: Final = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - what a local clock shows
MICROSECOND: Final = dt.timedelta(microseconds=1)
SECOND_US: Final = 1_000_000
DAY_US: Final = 86_400 * SECOND_US
EPOCH_DAY: Final = EPOCH.toordinal()
NEVER: Final = 1 << 62
"""Later than every moment."""


def moment(at: dt.datetime) -> int:
    """Microseconds since 1970 in UTC; ValueError where no zone is known."""
    if at.tzinfo is None:
        raise ValueError(f"{at} has no time zone")
    return (at - EPOCH) // MICROSECOND


def told(us: int) -> dt.datetime:
    """The moment as a time in UTC."""
    return EPOCH + dt.timedelta(microseconds=us)


@lru_cache(maxsize=600)
def zone_of(name: str) -> zoneinfo.ZoneInfo | None:
    """The zone of that name; None where the database has none."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None


def local(us: int, zone: dt.tzinfo) -> dt.datetime:
    """What the clock of a zone shows at a moment."""
    return told(us).astimezone(zone)


def local_day(us: int, zone: dt.tzinfo) -> int:
    """The local date as a proleptic Gregorian ordinal."""
    offset = _steady(us // DAY_US, zone)
    if offset is None:
        return told(us).astimezone(zone).toordinal()
    return (us + offset) // DAY_US + EPOCH_DAY


@lru_cache(maxsize=65536)
def _steady(day: int, zone: dt.tzinfo) -> int | None:
    """How far a local clock is ahead of UTC through a day of UTC, in microseconds; None where it is put forward or back on it."""
    begins, ends = _offset(day * DAY_US, zone), _offset((day + 1) * DAY_US, zone)
    return begins // MICROSECOND if begins == ends else None


@lru_cache(maxsize=4096)
def readings(day: int, time: dt.time, zone: dt.tzinfo) -> tuple[int, ...]:
    """When the clock of a zone shows a time on a day (an ordinal).

    One moment; two where the clock was put back over it. Where it was put forward over it, two moments before and after that gap.
    """
    shown = dt.datetime.combine(dt.date.fromordinal(day), time)
    return tuple(sorted({moment(shown.replace(tzinfo=zone, fold=fold)) for fold in (0, 1)}))


def next_shift(us: int, zone: dt.tzinfo, within: int = 2 * DAY_US) -> int:
    """The next moment after this at which the clock of a zone is put forward or back, NEVER where there is none within so many microseconds.

    Zones put their clocks at most once in so short a time.
    """
    before, low, high = _offset(us, zone), us, us + within
    if _offset(high, zone) == before:
        return NEVER
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(middle, zone) == before:
            low = middle
        else:
            high = middle
    return high


def _offset(us: int, zone: dt.tzinfo) -> dt.timedelta:
    offset = told(us).astimezone(zone).utcoffset()
    assert offset is not None  # noqa: S101 - every zone of the database has one
    return offset


def within(time: dt.time, hours: tuple[dt.time, dt.time] | None) -> bool:
    """Whether a local time lies in some hours: the first included, the last not; over midnight where the last is the earlier; all day where both are the same."""
    if hours is None:
        return True
    first, last = hours
    if first < last:
        return first <= time < last
    return time >= first or time < last
