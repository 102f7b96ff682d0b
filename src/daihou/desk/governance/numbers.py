"""What the newest run counted of each rule: watched, hits, no data, open signals. Counts are of the whole lender."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings

from daihou.desk.governance import newest
from daihou.runs import store
from daihou.runs.watch import heard

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from daihou.book.home import Home

TABLE = "watched"


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one rule on one date; empty where the rule could not judge."""

    version: int
    shadow: bool
    subjects: int | None
    hits: int | None
    unknown: int | None
    open: int | None
    silent: tuple[tuple[str, dt.date], ...] = ()
    """Columns that decide on it and have no value of anybody any more, and the last date on which they had."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a run counted, by rule and whether it ran in shadow."""

    as_of: dt.date
    by_rule: Mapping[tuple[str, bool], Counts]

    def of(self, rule_id: str, *, shadow: bool = False) -> Counts | None:
        """The counts of a rule; None where the run did not judge by it."""
        return self.by_rule.get((rule_id, shadow))


def today() -> Numbers | None:
    """What the newest run counted; None where none has watched yet."""
    home: Home = settings.HOME
    return _numbers(home, newest.stamp(home))


@lru_cache(maxsize=2)
def _numbers(home: Home, _stamp: str) -> Numbers | None:
    pair = newest.pair(home)
    if pair is None or not store.files(home, TABLE, *pair):
        return None
    rows = store.read(home, TABLE, *pair).to_pylist()
    counts = {
        (row["rule_id"], row["shadow"]): Counts(
            row["version"],
            row["shadow"],
            row["subjects"],
            row["holds"],
            row["unknown"],
            row["open"],
            tuple(heard.silent(row["heard"], pair[0]).items()),
        )
        for row in rows
    }
    return Numbers(pair[0], counts)
