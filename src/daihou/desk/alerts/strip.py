"""What stands above the inbox: levels, deadlines, the last eight weeks, and how often alerts were right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daihou.desk.alerts import learning, listing
from daihou.desk.alerts.choices import RANKS
from daihou.desk.alerts.policy import policy

if TYPE_CHECKING:
    import datetime as dt

    from daihou.desk.alerts.listing import Counts, Listing, Week
    from daihou.warning.precision import Precision

WIDE: Final = 1_000
"""Units of the bar of levels."""
LEAST: Final = 8
"""Units of a level that has any alert: less cannot be seen."""
GAP: Final = 3
BESIDE: Final = 11
HIGH: Final = 38
"""Units of the highest column of a week."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the bar of levels."""

    level: str
    count: int
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class Column:
    """A week with the heights of its columns."""

    week: Week
    place: int
    raised: int
    closed: int

    @property
    def raised_y(self) -> int:
        """Where the column of those raised begins."""
        return HIGH - self.raised

    @property
    def closed_x(self) -> int:
        """Where that of those closed stands."""
        return self.place + BESIDE

    @property
    def closed_y(self) -> int:
        """Where it begins."""
        return HIGH - self.closed


@dataclass(frozen=True, slots=True)
class Strip:
    """All of it."""

    pieces: list[Piece]
    columns: list[Column]
    live: Precision
    days: int

    @property
    def width(self) -> int:
        """Of the bar of levels, in its units."""
        return sum(piece.width + GAP for piece in self.pieces if piece.count)

    @property
    def this_week(self) -> Week:
        """The one in hand."""
        return self.columns[-1].week


def strip(found: Listing, counts: Counts, today: dt.date) -> Strip:
    """The strip of what somebody sees; three queries."""
    alerts = found.seen
    weeks = _columns(listing.weeks(alerts, today))
    return Strip(_pieces(counts), weeks, learning.overall(alerts, found.now), policy().precision_days)


def _pieces(counts: Counts) -> list[Piece]:
    told, x = [], 0
    for level in RANKS:
        count = counts.levels[level]
        width = max(round(WIDE * count / counts.open), LEAST) if count else 0
        told.append(Piece(level, count, x, width))
        x += width + GAP if count else 0
    return told


def _columns(weeks: list[Week]) -> list[Column]:
    most = max(max(week.raised, week.closed) for week in weeks) or 1
    return [
        Column(week, place * 26, round(HIGH * week.raised / most), round(HIGH * week.closed / most))
        for place, week in enumerate(weeks)
    ]
