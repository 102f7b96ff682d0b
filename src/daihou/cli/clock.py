"""The only place that asks what time it is. DAIHOU_NOW (a time with zone) stands in for it in rehearsals and tests."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    from daihou.book.home import Home


def now() -> datetime:
    """The present moment."""
    stated = os.environ.get("DAIHOU_NOW")
    if not stated:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(stated)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise DaihouError(
            f"'{stated}' is no time with zone.",
            "Write it like 2026-03-14T09:30:00+08:00.",
            "DAIHOU_NOW",
            zh=(f"“{stated}”不是带时区的时间。", "写法如 2026-03-14T09:30:00+08:00。"),
        )
    return moment


def parsed(stated: str | None, option: str) -> date | None:
    """A date given on the command line."""
    if stated is None:
        return None
    try:
        return date.fromisoformat(stated)
    except ValueError:
        raise DaihouError(
            f"'{stated}' is no date.",
            "Write it like 2026-03-14.",
            option,
            zh=(f"“{stated}”不是日期。", "写法如 2026-03-14。"),
        ) from None


def today(home: Home) -> date:
    """The business date of now."""
    from daihou.book.business_date import business_date

    return business_date(home.settings, now())


def pair(home: Home, as_of: str | None, known_on: str | None) -> tuple[date, date]:
    """The dates asked for: today's business date, as known by now, unless stated. A later date is asked with the knowledge of that day."""
    from daihou.book.business_date import open_business_date

    day = parsed(as_of, "--as-of") or today(home)
    return day, parsed(known_on, "--known-on") or max(day, open_business_date(home, now()))
