"""Measuring: the shards of a book walked on pairs of dates, each share of the work written to files of its own."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from daihou.book.ledger.ledger import open_ledger
from daihou.monitoring.arrears.shapes import EMPTY
from daihou.monitoring.arrears.terms import terms
from daihou.monitoring.arrears.walk import chunk_size, chunks
from daihou.monitoring.snapshot import SCHEMA, snapshots
from daihou.runs import coverage, store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from daihou.book.home import Home
    from daihou.book.ledger.files import Pointer
    from daihou.book.ledger.shard import Shard
    from daihou.monitoring.arrears.snapshot import Reading
    from daihou.runs.policies import Policies

SMALLEST_GROUP: Final = 16_384
TOGETHER: Final = 16_384
"""Answers that are made into columns at once: of few loans those of many dates, since a column costs as much for six rows as for a thousand."""


@dataclass(frozen=True, slots=True)
class Written:
    """One share of the work on one pair of dates: what it counted, and the file it wrote."""

    tally: coverage.Tally
    path: Path
    rows: int


@dataclass(frozen=True, slots=True)
class Measuring:
    """All that a worker needs to know, wherever it works: it opens the ledger itself, as the pointer gives it."""

    home: Home
    pointer: Pointer
    policies: Policies
    readings: list[Reading]
    totals: list[bool]
    """Whether the lender sent control totals, by pair."""

    def share(self, numbers: Iterable[int]) -> list[Written]:
        """Walk some shards; returns what was written, by pair."""
        ledger = open_ledger(self.home.ledger, self.pointer)
        rows = max(store.ROW_GROUP // len(self.readings), SMALLEST_GROUP)
        tallies = [coverage.Tally() for _ in self.readings]
        writers = [
            store.Writer(
                store.partition_path(self.home, "snapshots", reading.as_of, reading.known_on, store.fresh_name()), SCHEMA, rows
            )
            for reading in self.readings
        ]  # fmt: skip
        for number in numbers:
            self._walk(ledger.shards[number], tallies, writers)
        for writer in writers:
            writer.close()
        return [Written(tally, writer.path, writer.rows) for tally, writer in zip(tallies, writers, strict=True)]

    def _walk(self, shard: Shard, tallies: list[coverage.Tally], writers: list[store.Writer]) -> None:
        judged = terms(self.policies.profile, shard.products, shard.currencies, self.home.settings.calendar)
        pairs = [(reading.as_of, reading.known_on) for reading in self.readings]
        for first, records in chunks(shard, judged, pairs, size=chunk_size(len(pairs))):
            answers = records.view(np.ndarray)  # records cost ten times as much to take a field of
            known = answers["version"] != EMPTY
            for dates in self._together(known.shape[1]):
                batch = snapshots(shard, answers[dates], known[dates], first, self.readings[dates], SCHEMA)
                ends = known[dates].sum(axis=1).cumsum().tolist()
                for place, (begin, end) in enumerate(pairwise([0, *ends]), dates.start):
                    rows = batch.slice(begin, end - begin)
                    coverage.tally_chunk(tallies[place], shard, first, answers[place], rows, totals=self.totals[place])
                    writers[place].add(rows)
        for pair, tally in zip(pairs, tallies, strict=True):
            coverage.tally_money(tally, shard, *pair)

    def _together(self, loans: int) -> Iterator[slice]:
        """The dates whose rows of so many loans are made at once: they follow each other and are read by the same policies and rates."""
        begin = 0
        for end in range(1, len(self.readings) + 1):
            full = (end - begin + 1) * loans > TOGETHER
            if full or end == len(self.readings) or not self.readings[end].reads_as(self.readings[begin]):
                yield slice(begin, end)
                begin = end
