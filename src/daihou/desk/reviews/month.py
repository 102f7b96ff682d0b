"""The calendar of reviews: a month by weeks, each day with how many are due on it and whether it is worked."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone

from daihou.book.calendars import is_work_day
from daihou.desk.reviews.choices import Type
from daihou.desk.reviews.models import OPEN

if TYPE_CHECKING:
    import datetime as dt

    from django.db.models import QuerySet

    from daihou.desk.reviews.models import Review


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the calendar."""

    on: dt.date
    inside: bool
    """Whether it is of the month shown."""
    worked: bool
    today: bool
    late: bool
    """Whether it is over: what is open on it is late."""
    open: int
    done: int
    types: tuple[tuple[str, int], ...]
    """Labels of the types due on it with their open reviews, the most first."""


def weeks(reviews: QuerySet[Review], month: dt.date) -> list[list[Day]]:
    """The weeks that a month touches, Monday first."""
    shown = calendar.Calendar().monthdatescalendar(month.year, month.month)
    first, last = shown[0][0], shown[-1][-1]
    found: dict[dt.date, dict[str, int]] = {}
    done: dict[dt.date, int] = {}
    counted = reviews.filter(due_on__gte=first, due_on__lte=last).order_by().values("due_on", "type")
    for due_on, kind, waits, over in counted.annotate(
        waits=Count("pk", filter=OPEN), over=Count("pk", filter=Q(done_on__isnull=False))
    ).values_list("due_on", "type", "waits", "over"):
        if waits:
            found.setdefault(due_on, {})[kind] = waits
        done[due_on] = done.get(due_on, 0) + over
    today, country = timezone.localdate(), settings.HOME.settings.calendar
    return [
        [
            Day(
                on, on.month == month.month, is_work_day(country, on), on == today, on < today, sum(found.get(on, {}).values()), done.get(on, 0),
                tuple(sorted(((str(Type(kind).label), count) for kind, count in found.get(on, {}).items()), key=lambda one: (-one[1], one[0]))),
            )
            for on in week
        ]
        for week in shown
    ]  # fmt: skip
