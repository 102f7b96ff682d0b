"""Local clocks in columns: when they are put forward or back, as tables, and how tables are read."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from daihou.collection.conduct.batch_jit import part
from daihou.collection.conduct.batch_shapes import Clocks, Column, Moment
from daihou.collection.conduct.clock import DAY_US, NEVER, local, moment, next_shift, told

if TYPE_CHECKING:
    import zoneinfo
    from collections.abc import Sequence

STEP_US: Final = 2 * DAY_US
"""Clocks are put at most once within it."""
LONG_AGO: Final = -(1 << 62)
YEARS: Final = (2, 9998)
"""The first and last year whose moments have a date everywhere."""


def clocks(sets: Sequence[Sequence[zoneinfo.ZoneInfo]], first_us: int, last_us: int) -> Clocks:
    """Tables of clocks for sets of zones, right for moments from one to another; ValueError where these have no date."""
    low, high = (moment(dt.datetime(year, 1, 1, tzinfo=dt.UTC)) for year in (YEARS[0], YEARS[1] + 1))
    if first_us < low or last_us >= high:
        raise ValueError("a moment lies beyond all calendars")
    years = [told(us).year for us in (first_us - STEP_US, last_us + STEP_US)]
    zones = list(dict.fromkeys(zone for each in sets for zone in each))
    number = {zone: place for place, zone in enumerate(zones)}
    first, starts, offsets = [0], [], []
    for zone in zones:
        known = [(LONG_AGO, _offset_us(moment(dt.datetime(years[0], 1, 1, tzinfo=dt.UTC)), zone))]
        for year in range(years[0], years[1] + 1):
            known += [(at, _offset_us(at, zone)) for at in shifts(zone, year)]
        starts += [at for at, _ in known]
        offsets += [offset for _, offset in known]
        first.append(len(starts))
    from_us, offset = np.array(starts, np.int64), np.array(offsets, np.int64)
    before = np.roll(offset, 1)
    begins = from_us == LONG_AGO
    shown_first = np.where(begins, LONG_AGO, from_us + np.maximum(before, offset))
    shown_second = np.where(begins, LONG_AGO, from_us + np.minimum(before, offset))
    sets_from = np.cumsum([0, *map(len, sets)], dtype=np.int64)
    members = np.array([number[zone] for each in sets for zone in each], np.int64)
    return Clocks(sets_from, members, np.array(first, np.int64), from_us, offset, shown_first, shown_second)


@lru_cache(maxsize=20_000)
def shifts(zone: zoneinfo.ZoneInfo, year: int) -> tuple[int, ...]:
    """The moments of a year in UTC at which the clock of a zone is put forward or back."""
    us, end = (moment(dt.datetime(each, 1, 1, tzinfo=dt.UTC)) - 1 for each in (year, year + 1))
    found = []
    while us < end:
        at = next_shift(us, zone, min(STEP_US, end - us))
        if at != NEVER:
            found.append(at)
        us += STEP_US
    return tuple(found)


def _offset_us(us: int, zone: zoneinfo.ZoneInfo) -> int:
    offset = local(us, zone).utcoffset()
    assert offset is not None  # noqa: S101 - every zone of the database has one
    return offset // dt.timedelta(microseconds=1)


@part
def last_from(starts: Column, low: int, high: int, at: int) -> int:
    """The last place from `low` on, before `high`, whose value is at most `at`; the first place where none is."""
    while high - low > 1:
        middle = (low + high) // 2
        if starts[middle] <= at:
            low = middle
        else:
            high = middle
    return low


@part
def shown(clocks: Clocks, zone: int, us: int) -> int:
    """What the clock of a zone shows, in microseconds since 1970."""
    return int(us + clocks.offset[last_from(clocks.starts, clocks.first[zone], clocks.first[zone + 1], us)])


@part
def day_at(clocks: Clocks, zone: int, us: int) -> int:
    """The local day, in days since 1970."""
    return shown(clocks, zone, us) // DAY_US


@part
def in_zone(clocks: Clocks, zone: int, us: int) -> Moment:
    """A moment with its local day and time."""
    here = shown(clocks, zone, us)
    day = here // DAY_US
    return Moment(us, zone, day, here - day * DAY_US)


@part
def shows_between(clocks: Clocks, zone: int, reading: int, first: int, last: int) -> bool:
    """Whether the clock shows something, in microseconds since 1970, between two moments, both included; what it skips it shows before and after the gap."""
    low, high = clocks.first[zone], clocks.first[zone + 1]
    at = reading - clocks.offset[last_from(clocks.shown_first, low, high, reading)]
    again = reading - clocks.offset[last_from(clocks.shown_second, low, high, reading)]
    return bool(first <= at <= last or first <= again <= last)
