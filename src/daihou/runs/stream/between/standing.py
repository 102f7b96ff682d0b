"""What a watch says of a subject at a moment."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from daihou.policies.between import DAY_HOURS, DueToday, MoneyOut, Velocity
from daihou.runs.stream.between.facts import MICROSECONDS
from daihou.runs.watch.moved import signal_id

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from zoneinfo import ZoneInfo

    import polars as pl

    from daihou.policies.between import Watch

HOUR: Final = 3_600 * MICROSECONDS
SCALED: Final = ("paid_out", "out", "classes", "counterparties")
"""Amounts of evidence, or amounts by name."""


@dataclass(frozen=True, slots=True)
class Standing:
    """That a watch speaks of a subject now."""

    watch: Watch
    subject_id: str
    day: dt.date
    """That makes it this signal and no other: the day that its newest reason lies on."""
    until: int
    """Until when it stands if nothing more comes, in microseconds since 1970."""
    evidence: Mapping[str, Any]
    """What it stands on: names in `_at` hold a local moment, in `_on` a date; amounts are minor units of `currency` where that is named, else of the subject's."""
    scaled: bool = False
    """Whether `SCALED` are ten-thousandths still, since its currency is not known here."""

    @property
    def signal_id(self) -> str:
        """Its id, made as those of the night are."""
        return signal_id(self.watch.id, self.watch.number, self.subject_id, self.day)


class Keeper(Protocol):
    """What keeps the facts of one watch, or of several that look at the same."""

    whole: bool
    """Whether it is given all rows; else those alone whose moment lies in its windows."""

    def take(self, table: str, rows: pl.DataFrame) -> set[str]:
        """Take plain rows in; the subjects of which something else may be so now."""

    def evict(self, now: int) -> None:
        """Forget what lies out of every window."""

    def __len__(self) -> int:
        """How many rows are kept."""


class Teller(Protocol):
    """One watch, asked of subjects."""

    watch: Watch

    def standing(self, subjects: Collection[str], now: int) -> dict[str, Standing]:
        """What is so of some subjects; those of which nothing is are left out."""

    def subjects(self) -> Collection[str]:
        """All of which anything is kept."""

    def due(self, now: int) -> Collection[str]:
        """Subjects of which time alone may have made something so since this was last asked."""


def moment(at: int, zone: ZoneInfo) -> dt.datetime:
    """A moment in a zone."""
    return dt.datetime.fromtimestamp(at / MICROSECONDS, zone)


def said(at: int, zone: ZoneInfo) -> str:
    """A moment as evidence keeps it."""
    return moment(at, zone).isoformat(timespec="seconds")


def condition(watch: Watch) -> str:
    """What a watch asks, as a text: its numbers are told besides, in evidence and in words."""
    asks = watch.asks
    match asks:
        case DueToday():
            causes = [
                *asks.failures,
                *(["reversal"] if asks.reversals else []),
                *([f"after {asks.unpaid_by:%H:%M}"] if asks.unpaid_by else []),
            ]
            return f"due today, not paid: {' | '.join(causes)}"
        case Velocity():
            kinds = [*asks.kinds, *asks.flags, *(["reversal"] if asks.reversals else [])] or [asks.table]
            return f"{asks.times} × {' | '.join(kinds)} / {asks.within_hours} h"
        case MoneyOut():
            return f"{asks.share_percent} % → {' | '.join(asks.classes)} / {asks.within_hours} h"


def reach(watch: Watch) -> int:
    """How far back facts matter to a watch, in microseconds."""
    asks = watch.asks
    if isinstance(asks, DueToday):
        return (2 * DAY_HOURS + asks.stands_hours) * HOUR
    return (asks.within_hours + asks.stands_hours) * HOUR


def evidence(found: Mapping[str, Any]) -> str:
    """As a signal's row keeps it."""
    return json.dumps(found, ensure_ascii=False, default=str)
