"""From which day on a decision of today may hold."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from daihou.book.business_date import business_date, sealed_through
from daihou.book.calendars import next_work_day

if TYPE_CHECKING:
    from daihou.book.home import Home


def today(home: Home, now: dt.datetime) -> dt.date:
    """The business date of a moment."""
    return business_date(home.settings, now)


def earliest(home: Home, now: dt.datetime) -> dt.date:
    """The first day from which a version may hold: the next business day that no run has sealed."""
    after = today(home, now) + dt.timedelta(days=1)
    sealed = sealed_through(home)
    if sealed is not None:
        after = max(after, sealed + dt.timedelta(days=1))
    return next_work_day(home.settings.calendar, after)
