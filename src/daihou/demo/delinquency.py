"""How a book pays over time: loans and balance by days past due, read from the snapshots that a history has written."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daihou.runs.portfolio.panel import OTHER_STATES
from daihou.runs.portfolio.portfolio import portfolio

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from daihou.book.home import Home

BUCKETS: Final = ("0", "1-30", "31-60", "61-90", ">90")
ENDED: Final = ("closed", "written_off")
APART: Final = (*BUCKETS[:-1], *OTHER_STATES)
"""Told as the ageing has them; the finer buckets above stand together in the last."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A book on one date: live loans and their balance (minor units) by bucket, and how many loans have ended."""

    as_of: dt.date
    loans: tuple[int, ...]
    balance: tuple[int, ...]
    ended: tuple[int, ...]
    """In the order of ENDED."""
    unmeasured: int

    @property
    def live(self) -> int:
        """Loans running and measured."""
        return sum(self.loans)

    @property
    def known(self) -> int:
        """Loans paid out by then."""
        return self.live + sum(self.ended) + self.unmeasured


def standings(home: Home, dates: Sequence[dt.date]) -> list[Standing]:
    """Return the book on each date, as known on the same date."""
    found = portfolio(home, dates[0], dates[-1]).ageing().select("as_of", "standing", "loans", "balance")
    loans: Counter[tuple[dt.date, str]] = Counter()
    balance: Counter[tuple[dt.date, str]] = Counter()
    for day, standing, count, owed in found.iter_rows():
        place = (day, standing if standing in APART else BUCKETS[-1])
        loans[place] += count
        balance[place] += owed
    return [
        Standing(
            day,
            tuple(loans[day, bucket] for bucket in BUCKETS),
            tuple(balance[day, bucket] for bucket in BUCKETS),
            tuple(loans[day, state] for state in ENDED),
            loans[day, "unmeasured"],
        )
        for day in dates
    ]
