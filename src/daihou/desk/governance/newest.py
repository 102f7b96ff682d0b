"""The run that pages count by: the newest date answered by its own day's knowledge."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from daihou.book.lake import stamp as stamp_of
from daihou.runs import store

if TYPE_CHECKING:
    import datetime as dt

    from daihou.book.home import Home


def stamp(home: Home) -> str:
    """Names exactly what runs have written."""
    return stamp_of(home.lake / store.RECORD)


def pair(home: Home) -> tuple[dt.date, dt.date] | None:
    """The newest pair of dates whose two dates are the same; None before the first run."""
    return _pair(home, stamp(home))


@lru_cache(maxsize=2)
def _pair(home: Home, _stamp: str) -> tuple[dt.date, dt.date] | None:
    return max((one for one in store.pairs(home) if one[0] == one[1]), default=None)
