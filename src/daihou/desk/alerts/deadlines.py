"""Until when something is to be done: so many work days from its beginning, at the hour of the day that policy says, in the home's time zone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.utils import timezone

from daihou.book.calendars import after_work_days, is_work_day, work_days_between
from daihou.desk.alerts.policy import policy

if TYPE_CHECKING:
    from daihou.policies.alerts import TaskKind

SOON_WORK_DAYS: Final = 3
"""What lists count as due soon."""


def after(begun: dt.datetime, work_days: int) -> dt.datetime:
    """The hour of the work day that lies so many work days after a moment."""
    day = after_work_days(settings.HOME.settings.calendar, timezone.localtime(begun).date(), work_days)
    hour = dt.time(policy().due_hour)
    return timezone.make_aware(dt.datetime.combine(day, hour))


def of_stage(stage: str, level: str, begun: dt.datetime, rule_work_days: int | None = None) -> dt.datetime:
    """Until when a stage that began then is to be done; a check no later than its rule asks."""
    work_days = policy().stage_work_days[stage][level]
    if stage == "check" and rule_work_days is not None:
        work_days = min(work_days, rule_work_days)
    return after(begun, work_days)


def of_task(kind: TaskKind, begun: dt.datetime) -> dt.datetime:
    """Until when a task is to be done."""
    return after(begun, policy().task_work_days[kind])


def soon(now: dt.datetime) -> dt.datetime:
    """The end of the day up to which something is due soon."""
    return after(now, SOON_WORK_DAYS)


def end_of_day(now: dt.datetime) -> dt.datetime:
    """The end of the local day."""
    return timezone.localtime(now).replace(hour=23, minute=59, second=59, microsecond=999_999)


def work_days_late(due: dt.datetime, now: dt.datetime) -> int:
    """How many work days something is overdue; 0 on the day itself."""
    calendar = settings.HOME.settings.calendar
    return work_days_between(calendar, timezone.localtime(due).date(), timezone.localtime(now).date())


def late_before(now: dt.datetime, work_days: int) -> dt.datetime:
    """What was due before this moment is overdue by so many work days at least, as `work_days_late` counts them."""
    day, counted = timezone.localtime(now).date(), 0
    while counted < work_days:
        counted += is_work_day(settings.HOME.settings.calendar, day)
        day -= dt.timedelta(days=1)
    return min(now, timezone.make_aware(dt.datetime.combine(day + dt.timedelta(days=1), dt.time())))


def work_days_taken(begun: dt.datetime, ended: dt.datetime) -> int:
    """How many work days something took; 0 where it was done on its day."""
    return work_days_late(begun, ended)


@dataclass(frozen=True, slots=True)
class Reckoned:
    """The bounds by which deadlines are told apart at a moment."""

    now: dt.datetime
    end_of_day: dt.datetime
    soon: dt.datetime

    @classmethod
    def at(cls, now: dt.datetime) -> Reckoned:
        """For a moment."""
        return cls(now, end_of_day(now), soon(now))

    def group(self, due: dt.datetime | None) -> str:
        """overdue, today, soon, later; open where nothing is due."""
        if due is None:
            return "open"
        if due < self.now:
            return "overdue"
        return "today" if due <= self.end_of_day else "soon" if due <= self.soon else "later"
