"""Some days that a page is asked about: from a day to a day, both included; without them the last thirty until yesterday."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    from django.http import QueryDict

USUAL_DAYS: Final = 30
MOST_DAYS: Final = 366


@dataclass(frozen=True, slots=True)
class Period:
    """The days, and what was said wrongly of them."""

    from_on: dt.date
    to_on: dt.date
    wrong: DaihouError | None = None


def period(query: QueryDict, today: dt.date, *, until_today: bool = False) -> Period:
    """The days an address asks for (`from`, `to`); where it says them wrongly, the usual ones and why."""
    last = today if until_today else today - dt.timedelta(days=1)
    usual = Period(last - dt.timedelta(days=USUAL_DAYS - 1), last)
    try:
        to_on = _day(query, "to") or usual.to_on
        from_on = _day(query, "from") or to_on - dt.timedelta(days=USUAL_DAYS - 1)
    except (ValueError, OverflowError):
        return Period(usual.from_on, usual.to_on, _wrong())
    if not dt.date(1900, 1, 1) <= from_on <= to_on <= today or (to_on - from_on).days >= MOST_DAYS:
        return Period(usual.from_on, usual.to_on, _wrong())
    return Period(from_on, to_on)


def _day(query: QueryDict, name: str) -> dt.date | None:
    """A day by its parameter; None where it says none, ValueError where it says no day."""
    stated = query.get(name, "").strip()
    return dt.date.fromisoformat(stated) if stated else None


def _wrong() -> DaihouError:
    return DaihouError(
        "These are no days that can be shown.",
        f"Give a first and a last day like 2026-03-01, until today, at most {MOST_DAYS} days.",
        zh=("起止日期无法识别。", f"请按 2026-03-01 格式填写起止日期，不晚于今天，跨度不超过 {MOST_DAYS} 天。"),
    )
