"""Periods of law to the day: the first day is not counted, and the last is the day of the same date, or the month's last (Civil Code 201-203)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daihou.book.calendars import next_work_day
from daihou.book.days import add_months

if TYPE_CHECKING:
    import datetime as dt

    from daihou.policies.limitation import RestDay


def last_day(since: dt.date, months: int, calendar: str, rest_day: RestDay) -> dt.date:
    """The last day of a period of months that a day began, which is not counted itself; of a rest day the next work day, where the policy says so."""
    ends = add_months(since, months)
    return next_work_day(calendar, ends) if rest_day == "next_work_day" else ends
