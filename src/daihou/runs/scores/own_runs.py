"""The runs of a home by their own knowledge, those that are just being made among them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from daihou.runs import store

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from daihou.book.home import Home
    from daihou.policies.dated import Dated
    from daihou.policies.scores import Scores


def that_stands(dates: Iterable[dt.date], as_of: dt.date, known_on: dt.date, holds: Dated[Scores]) -> dt.date | None:
    """Of dates that were run the last whose scores stand for a pair of dates: not after either, and not too old by policy; None without one."""
    last = max((day for day in dates if day <= min(as_of, known_on)), default=None)
    return None if last is None or (as_of - last).days > holds.on(as_of).values.holds_days else last


@dataclass(frozen=True)
class OwnRuns:
    """Every date that was run as known on itself."""

    home: Home
    here: Mapping[dt.date, Mapping[str, list[Path]]] = field(default_factory=dict)
    """By date and table the files of runs that are not put in place yet."""

    @cached_property
    def dates(self) -> list[dt.date]:
        """In order."""
        return sorted({as_of for as_of, known_on in store.pairs(self.home) if as_of == known_on} | set(self.here))

    @cached_property
    def kept(self) -> dict[str, Any]:
        """What was read of them for one design and serves all versions of it, by its digest."""
        return {}

    def files(self, table: str, date: dt.date) -> list[Path]:
        """The files of a table of a date; none where the run wrote none."""
        if date in self.here:
            return list(self.here[date].get(table, []))
        return store.files(self.home, table, date, date)
