"""Walking a shard: chunks of loans small enough for the processor's cache, every date of a chunk before the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from daihou.book import days
from daihou.book.ledger import layout
from daihou.monitoring.arrears.held import KINDS, Holder, take
from daihou.monitoring.arrears.plain import bring, walk
from daihou.monitoring.arrears.shapes import TERM, Records, Scratch, Terms, afresh, answers, scratch

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from daihou.book.ledger.layout import Facts
    from daihou.book.ledger.shard import Shard
    from daihou.monitoring.arrears.held import Held

CHUNK: Final = 8192
ANSWERS: Final = 196_608
FEWEST: Final = 512
NEAR: Final = 4096
"""Answers that stay near the processor while fields are taken out of them."""

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
    bring(facts, terms, MONTHS, scratch(1, 1, 1), nothing, 0, nothing, nothing, nothing, afresh(0), room)
    for kind in KINDS:
        take(np.zeros((0, 0, 1), kind), np.zeros(0, np.int64), 0, 0, np.zeros((0, 0, 0), kind))


def chunk_size(dates: int) -> int:
    """How many loans to walk at once: few enough that all their answers stay near, many enough that a batch is worth its making."""
    return min(CHUNK, max(ANSWERS // dates, FEWEST))


def chunks(
    shard: Shard, terms: Terms, pairs: Sequence[tuple[dt.date, dt.date]], size: int = CHUNK
) -> Iterator[tuple[int, Records]]:
    """For each chunk its first loan and the answers [date, loan]; the same room is used again for the next chunk."""
    as_of = np.array([days.day_of(pair[0]) for pair in pairs], np.int32)
    known_on = np.array([days.day_of(pair[1]) for pair in pairs], np.int32)
    work = space(shard.facts, terms, len(pairs))
    size = min(size, max(shard.count, 1))
    room = answers(len(pairs), size)
    for first in range(0, shard.count, size):
        last = min(first + size, shard.count)
        walk(shard.facts, terms, MONTHS, work, first, last, as_of, known_on, room, False)
        yield first, room[:, : last - first]


@dataclass(frozen=True, slots=True)
class Known:
    """What is asked of the answers for some dates: which of their fields as known on each date, and which as known on a later one."""

    dates: Sequence[dt.date]
    later: dt.date
    """No date lies after it."""
    then_fields: frozenset[str]
    later_fields: frozenset[str]


def known_twice(shard: Shard, terms: Terms, asked: Known, size: int) -> Iterator[tuple[int, Held, Held]]:
    """For each chunk of so many loans its first one, what was answered by the knowledge of each date, and what is by the later one.

    Loans are walked few at a time, whose records stay near the processor until the fields that are asked for are taken out of them. Of most
    loans every fact was known on its day and nothing was corrected: what was answered for a date then is what is answered for it ever after.
    Of the others those dates are walked again that the later knowledge reaches.
    """
    as_of = np.array([days.day_of(date) for date in asked.dates], np.int32)
    later = np.full(len(as_of), days.day_of(asked.later), np.int32)
    unsettled = np.flatnonzero(~settled(shard)).astype(np.int32)
    work = space(shard.facts, terms, len(as_of))
    few = max(NEAR // len(as_of), 1)
    room, space_again = answers(len(as_of), few), afresh(len(as_of))
    for first in range(0, shard.count, size):
        last = min(first + size, shard.count)
        then, since = (Holder(names, len(as_of), last - first) for names in (asked.then_fields, asked.later_fields))
        for begin in range(first, last, few):
            end = min(begin + few, last)
            walk(shard.facts, terms, MONTHS, work, begin, end, as_of, as_of, room, False)
            then.take(room, begin - first, end - begin)
            loans = unsettled[np.searchsorted(unsettled, begin) : np.searchsorted(unsettled, end)]
            bring(shard.facts, terms, MONTHS, work, loans, begin, as_of, as_of, later, space_again, room)
            since.take(room, begin - first, end - begin)
        yield first, then.held, since.held


def settled(shard: Shard) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which loans of a shard had every fact known on its day, and nothing corrected since."""
    facts = shard.facts
    loans = facts.loans.view(np.ndarray)
    both = layout.PLAIN | layout.NEVER_LATE
    disbursed = np.append(facts.versions["disbursed_on"], layout.NO_DAY)[facts.at[layout.VERSIONS, :-1]]
    known = np.maximum(loans["known_on"], loans["rows_known_on"]) <= disbursed
    reported = np.diff(facts.at[layout.STANDINGS]) > 0
    found: np.ndarray[Any, np.dtype[np.bool_]] = ((loans["traits"] & both) == both) & known & ~reported
    return found
