"""The watch that a page shows: the run that spoke for a date, the signals open after it, and where all that was ever said is written."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from django.conf import settings

from daihou.desk.portfolio import moments, reading
from daihou.desk.signals import shelf
from daihou.runs import store

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from daihou.book.home import Home
    from daihou.desk.portfolio.moments import Moment, Pair

DATES: Final = "hive_partitioning=true, hive_types={'as_of': DATE, 'known_on': DATE}"
"""The two dates of a run stand in the paths of its files alone."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What was said of a date by its own day's knowledge."""

    day: dt.date
    stamp: str
    """Names exactly what runs had written."""

    @property
    def file(self) -> Path:
        """The file of the shelf that holds the signals open after the date; made if it is not there."""
        pair = (self.day, self.day)
        return shelf.take(
            settings.HOME.path / "shelf" / "signals",
            memory=moments.files("rule_memory", pair, self.stamp),
            loans=moments.files("snapshots", pair, self.stamp),
            borrowers=moments.files("borrower_snapshots", pair, self.stamp),
            opened=lambda days: said_on(days, self.stamp),
        )

    @property
    def open(self) -> str:
        """The signals open after the date, as what stands behind FROM: the columns are those of `shelf`."""
        return reading.attached(self.file, "signals")


def watch(moment: Moment) -> Watch | None:
    """The watch of the date of a page, whichever knowledge the page shows: what was said of a date stands. None where no run watched it."""
    own = (moment.as_of, moment.as_of)
    held = own in moment.pairs and moments.files("rule_memory", own, moment.stamp)
    return Watch(moment.as_of, moment.stamp) if held else None


def watch_by(day: dt.date, moment: Moment) -> Watch | None:
    """The newest watch up to a day."""
    for as_of, known_on in reversed(moment.pairs):
        if as_of == known_on <= day and moments.files("rule_memory", (as_of, known_on), moment.stamp):
            return Watch(as_of, moment.stamp)
    return None


def said_on(days: list[dt.date], stamp: str) -> list[str]:
    """The files of the signals that were said of some dates."""
    by_pair = _files(settings.HOME, "signals", stamp)
    return [path for day in days for path in by_pair.get((day, day), ())]


def said_by(day: dt.date, stamp: str) -> list[str]:
    """The files of all signals that were said up to a day."""
    by_pair = _files(settings.HOME, "signals", stamp)
    return [path for (as_of, known_on), paths in by_pair.items() if as_of == known_on <= day for path in paths]


def noted(day: dt.date, stamp: str) -> list[str]:
    """The files of what later runs noted of dates up to a day."""
    by_pair = _files(settings.HOME, "signal_notes", stamp)
    return [path for (as_of, _), paths in by_pair.items() if as_of <= day for path in paths]


@lru_cache(maxsize=4)
def _files(home: Home, name: str, stamp: str) -> dict[Pair, tuple[str, ...]]:  # noqa: ARG001 - the stamp is the cache's key
    found = store.files_of(home, name, store.pairs(home))
    return {pair: tuple(str(path) for path in paths) for pair, paths in found.items()}


def parquet(paths: list[str]) -> str:
    """Files of several runs with the dates of each, as what stands behind FROM."""
    return f"read_parquet([{', '.join(reading.literal(path) for path in paths)}], union_by_name=true, {DATES})"
