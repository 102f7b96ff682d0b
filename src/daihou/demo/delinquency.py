"""How a book pays over time: loans and balance by days past due, read from the snapshots that a history has written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from daihou.runs import store

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from daihou.book.home import Home

BUCKETS: Final = ("0", "1-30", "31-60", "61-90", ">90")
ENDED: Final = ("closed", "written_off")
_LAST_DAYS: Final = (0, 30, 60, 90)


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
    return [_standing(home, as_of) for as_of in dates]


def _standing(home: Home, as_of: dt.date) -> Standing:
    columns = ["state", "dpd", "principal_outstanding"]
    tables = [
        pq.read_table(path, columns=columns, partitioning=None) for path in store.files(home, "snapshots", as_of, as_of)
    ]
    states = [state for table in tables for state in table["state"].to_pylist()]
    counts = {state: states.count(state) for state in (*ENDED, "unmeasured")}
    loans, balance = [0] * len(BUCKETS), [0] * len(BUCKETS)
    for table in tables:
        live = table.filter(pc.is_in(table["state"], pa.array(["current", "overdue"])))
        for dpd, owed in zip(live["dpd"].to_pylist(), live["principal_outstanding"].to_pylist(), strict=True):
            place = sum(dpd > last for last in _LAST_DAYS)
            loans[place] += 1
            balance[place] += owed or 0
    ended = tuple(counts[state] for state in ENDED)
    return Standing(as_of, tuple(loans), tuple(balance), ended, counts["unmeasured"])
