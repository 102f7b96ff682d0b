"""Spans of past dates as commands are given them: how many months, and where the history of a home begins."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    import datetime as dt

    from daihou.book.home import Home
    from daihou.cli.progress import Show


def months(stated: str) -> int:
    """The number of months in a text like 12m; DaihouError of another."""
    match = re.fullmatch(r"(\d{1,3})\s*(?:m|months?|个月)", stated.strip())
    if match is None or int(match[1]) == 0:
        raise DaihouError(
            f"'{stated}' is no number of months.",
            "Write it like 12m.",
            "--within",
            zh=(f"“{stated}”不是月数。", "写法如 12m。"),
        )
    return int(match[1])


def end(stated: dt.date | None, today: dt.date) -> dt.date:
    """The last date: today's business date unless given; DaihouError of a later one, on which every due would seem unpaid."""
    if stated is None or stated <= today:
        return stated or today
    raise DaihouError(
        f"The span ends on {stated}, after today's business date {today}: nothing is known of the days between.",
        f"End it on {today} or before.",
        "--to",
        zh=(f"截止日 {stated} 晚于当前营业日 {today}，其间尚无任何数据。", f"截止日请不晚于 {today}。"),
    )


def start(home: Home, end: dt.date, progress: Show, back: int | None = None) -> dt.date:
    """The first date unless given: the day on which the first loan was known, though no more than `back` months before the last.

    Where nothing was known by the last date it lies so far before it, or a year, that there are dates to be refused by name.
    """
    from daihou.book.days import add_months
    from daihou.book.ledger.ledger import refresh
    from daihou.runs.watch.history import oldest

    farthest = None if back is None else add_months(end, -back)
    known = oldest(refresh(home, progress))
    if known is None or known > end:
        return farthest or add_months(end, -12)
    return known if farthest is None else max(farthest, known)
