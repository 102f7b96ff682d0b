"""Walking a shard: chunks of loans small enough for the processor's cache, every date of a chunk before the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from daihou.book import days
from daihou.book.ledger import layout
from daihou.monitoring.arrears.plain import walk, walk_some
from daihou.monitoring.arrears.shapes import TERM, Records, Scratch, Terms, answers, scratch

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from daihou.book.ledger.layout import Facts
    from daihou.book.ledger.shard import Shard

CHUNK: Final = 8192
ANSWERS: Final = 196_608
FEWEST: Final = 512

MONTHS: Final = days.months()
MONTH_COUNT: Final = len(MONTHS.ends)


def space(facts: Facts, terms: Terms, dates: int, notes: int = 0) -> Scratch:
    """Scratch space that fits every loan of a shard."""
    if facts.at.shape[1] < 2:
        return scratch(1, 1, MONTH_COUNT, notes)
    counts = np.diff(facts.at, axis=1)
    rows = int(counts[1].max())
    others = int((counts.sum(axis=0) - counts[1]).max())
    policies = int(np.diff(terms.offsets).max()) if len(terms.offsets) > 1 else 1
    # A row may be missed once under each policy that moves its due date.
    return scratch(rows * (policies + 1), others * (policies + 3) + dates, MONTH_COUNT, notes)


def compile_kernels() -> None:
    """Compile the kernels, or load them from the cache, by walking a shard without loans."""
    empty = [np.zeros(0, layout.record(table)).view(np.recarray) for table in layout.FIELDS]
    at = np.zeros((len(layout.TABLES), 1), np.int64)
    for array in (at, *empty):
        array.setflags(write=False)
    terms = Terms(
        np.zeros(1, np.int64),
        np.zeros(0, TERM).view(np.recarray),
        np.zeros((0, 1), np.int64),
        np.zeros((1, 0), np.int32),
        0,
    )
    nothing = np.zeros(0, np.int32)
    facts, room = layout.Facts(at, *empty), answers(1, 1)
    walk(facts, terms, MONTHS, scratch(1, 1, 1), 0, 0, nothing, nothing, room, False)
    walk_some(facts, terms, MONTHS, scratch(1, 1, 1), nothing, 0, nothing, nothing, room)


def chunk_size(dates: int) -> int:
    """How many loans to walk at once: few enough that all their answers stay near, many enough that a batch is worth its making."""
    return min(CHUNK, max(ANSWERS // dates, FEWEST))


def chunks(
    shard: Shard, terms: Terms, pairs: Sequence[tuple[dt.date, dt.date]], room: Records | None = None, size: int = CHUNK
) -> Iterator[tuple[int, Records]]:
    """For each chunk its first loan and the answers [date, loan]; the same room is used again for the next chunk."""
    as_of = np.array([days.day_of(pair[0]) for pair in pairs], np.int32)
    known_on = np.array([days.day_of(pair[1]) for pair in pairs], np.int32)
    work = space(shard.facts, terms, len(pairs))
    size = min(size, max(shard.count, 1))
    room = answers(len(pairs), size) if room is None else room
    for first in range(0, shard.count, size):
        last = min(first + size, shard.count)
        walk(shard.facts, terms, MONTHS, work, first, last, as_of, known_on, room, False)
        yield first, room[:, : last - first]


class Later:
    """The answers of a shard's chunks by later knowledge, where those by the knowledge of each date are there.

    Of most loans every fact was known on its day and nothing was corrected: what was answered for a date then is what is answered for it ever
    after, but that before its disbursement a loan need not have been known. Only the others are walked again.
    """

    def __init__(self, shard: Shard, terms: Terms, pairs: Sequence[tuple[dt.date, dt.date]]) -> None:
        self._shard, self._terms = shard, terms
        self._as_of = np.array([days.day_of(pair[0]) for pair in pairs], np.int32)
        self._known_on = np.array([days.day_of(pair[1]) for pair in pairs], np.int32)
        self._work = space(shard.facts, terms, len(pairs))
        self._again = np.flatnonzero(~settled(shard)).astype(np.int32)

    def bring(self, first: int, count: int, room: Records) -> None:
        """Bring the answers [date, loan] of the loans `first` … from the knowledge of each date to the later one, in the room they lie in."""
        loans = self._again[np.searchsorted(self._again, first) : np.searchsorted(self._again, first + count)]
        walk_some(self._shard.facts, self._terms, MONTHS, self._work, loans, first, self._as_of, self._known_on, room)


def settled(shard: Shard) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which loans of a shard had every fact known on its day, and nothing corrected since."""
    facts = shard.facts
    loans = facts.loans.view(np.ndarray)
    both = layout.PLAIN | layout.NEVER_LATE
    disbursed = np.append(facts.versions["disbursed_on"], layout.NO_DAY)[facts.at[layout.VERSIONS, :-1]]
    known = np.maximum(loans["known_on"], loans["rows_known_on"]) <= disbursed
    reported = np.diff(facts.at[layout.STANDINGS]) > 0
    found: np.ndarray[tuple[int], np.dtype[np.bool_]] = ((loans["traits"] & both) == both) & known & ~reported
    return found
