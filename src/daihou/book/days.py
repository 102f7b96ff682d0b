"""Days as int32 counts from 1970-01-01, and the tables of months by which kernels do calendar arithmetic without a calendar."""

from __future__ import annotations

import datetime as dt
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

EPOCH: Final = dt.date(1970, 1, 1)
FIRST_DATE: Final = dt.date(1900, 1, 1)
LAST_DATE: Final = dt.date(2199, 12, 31)
FIRST_DAY: Final = (FIRST_DATE - EPOCH).days
LAST_DAY: Final = (LAST_DATE - EPOCH).days


def day_of(date: dt.date) -> int:
    """The count of days of a date."""
    return (date - EPOCH).days


def date_of(day: int) -> dt.date:
    """The date of a count of days."""
    return EPOCH + dt.timedelta(days=int(day))


class Months(NamedTuple):
    """Months are counted from 1900-01 (0). `of[day - first_day]` is the month of a day, `ends[month + 1]` its last day.

    `ends[0]` is the last day before the first month, so that `ends[month]` is always the day before a month begins.
    """

    first_day: int
    of: npt.NDArray[np.int16]
    ends: npt.NDArray[np.int32]


def months() -> Months:
    """Build the tables for 1900 to 2199."""
    days = np.arange(FIRST_DAY, LAST_DAY + 1, dtype="datetime64[D]")
    of = (days.astype("datetime64[M]") - np.datetime64("1900-01", "M")).astype(np.int16)
    starts = np.arange(np.datetime64("1900-01", "M"), np.datetime64("2200-02", "M")).astype("datetime64[D]")
    ends = (starts - 1).astype(np.int64).astype(np.int32)
    for table in (of, ends):
        table.setflags(write=False)
    return Months(FIRST_DAY, of, ends)


def add_months(date: dt.date, count: int) -> dt.date:
    """The same day `count` months on, or the month's last day where it has no such day."""
    index = date.year * 12 + date.month - 1 + count
    year, month = divmod(index, 12)
    first_of_next = dt.date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (first_of_next - dt.timedelta(days=1)).day
    return dt.date(year, month + 1, min(date.day, last))


def last_within(date: dt.date, count: int) -> dt.date:
    """The last day whose window of `count` months, the days after the same day so many months back, begins no later than with a date.

    From a month's last day that is a month's last day too, however short the first one is: 3 months from 28 February end on 31 May.
    """
    if (date + dt.timedelta(days=1)).day == 1:
        return add_months(date.replace(day=1), count + 1) - dt.timedelta(days=1)
    return add_months(date, count)


def month_ends(first: dt.date, last: dt.date) -> list[dt.date]:
    """The last days of months within `first` … `last`, both included."""
    ends = []
    end = add_months(first.replace(day=1), 1) - dt.timedelta(days=1)
    while end <= last:
        ends.append(end)
        end = add_months(end.replace(day=1), 2) - dt.timedelta(days=1)
    return ends
