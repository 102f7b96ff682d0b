"""A run: every loan's standing on one date as known on one date, written with its coverage and a record to rebuild it by."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from daihou.book import business_date, lake
from daihou.book.errors import DaihouError
from daihou.book.ledger.ledger import WORKERS, Ledger, refresh
from daihou.monitoring import jit
from daihou.monitoring.arrears.snapshot import SCHEMA, Reading, snapshot
from daihou.monitoring.arrears.terms import terms
from daihou.monitoring.arrears.walk import chunks
from daihou.runs import coverage, store
from daihou.runs.rates import rates_on
from daihou.runs.rules import Rules, read_rules

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable
    from pathlib import Path

    from daihou.book.home import Home
    from daihou.book.ledger.shard import Shard

    Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run did."""

    as_of: dt.date
    known_on: dt.date
    loans: int
    unmeasured: int
    breaks: int
    states: dict[tuple[str, str], tuple[int, int]]
    """By state and currency: loans, principal outstanding in minor units."""


def reading_on(home: Home, rules: Rules, as_of: dt.date, known_on: dt.date) -> Reading:
    """What one date's snapshot is read by."""
    buckets = rules.schemes["buckets_atomic"].on(as_of).values
    return Reading(as_of, known_on, buckets, rules.overdue.on(as_of).values, rates_on(home, as_of, known_on))


def run(home: Home, as_of: dt.date, known_on: dt.date, progress: Progress) -> Outcome:
    """Measure the book on a date, write snapshot, coverage and record, and seal the business date if it is the night's own run.

    Killed at any point, it leaves what an earlier run wrote; run again, it writes the same.
    """
    rules = read_rules(home)
    ledger = refresh(home, progress)
    if not ledger.loans:
        raise DaihouError("No loan is known yet.", "Send some: `daihou intake FILE --table loans`.", str(home.path))
    batch = lake.last_batch(home)
    tally, paths = _measure(home, ledger, rules, as_of, known_on, progress)
    covered = coverage.rows(tally, home, ledger, as_of, known_on)
    record = {
        "batch": str(batch), "lake": json.dumps(ledger.pointer.lake), "rules": rules.digest, "kernels": jit.source_hash(),
    }  # fmt: skip
    progress("write", 0, 1)
    store.commit(home, "snapshots", as_of, known_on, paths, record)
    store.replace_rows(home, "coverage", as_of, known_on, covered, record)
    store.replace_rows(home, "runs", as_of, known_on, _record(as_of, known_on, batch, record, tally), record)
    if as_of == known_on:
        business_date.seal(home, known_on, batch)
    progress("write", 1, 1)
    states = {key: (count, tally.amounts[key]) for key, count in tally.states.items()}
    return Outcome(as_of, known_on, tally.loans, tally.unmeasured, tally.breaks, states)


def _record(as_of: dt.date, known_on: dt.date, batch: int, record: dict[str, str], tally: coverage.Tally):  # type: ignore[no-untyped-def]  # noqa: ANN202
    import pyarrow as pa

    row = {
        "as_of": as_of, "known_on": known_on, **record, "batch": batch, "loans": tally.loans, "unmeasured": tally.unmeasured,
        "breaks": tally.breaks,
    }  # fmt: skip
    return pa.Table.from_pylist([row], schema=store.RUNS)


def _measure(
    home: Home, ledger: Ledger, rules: Rules, as_of: dt.date, known_on: dt.date, progress: Progress
) -> tuple[coverage.Tally, list[Path]]:
    """Walk all shards with a few workers, each writing a file of its own."""
    reading = reading_on(home, rules, as_of, known_on)
    totals = coverage.has_control_totals(home, as_of)
    queue: SimpleQueue[Shard] = SimpleQueue()
    for shard in ledger.shards.values():
        queue.put(shard)
    count = len(ledger.shards)
    progress("measure", 0, count)

    def work(_: int) -> tuple[coverage.Tally, store.Writer]:
        tally = coverage.Tally()
        writer = store.Writer(store.partition_path(home, "snapshots", as_of, known_on, store.fresh_name()), SCHEMA)
        while True:
            try:
                shard = queue.get_nowait()
            except Empty:
                break
            judged = terms(rules.profile, shard.products, shard.currencies, home.settings.calendar)
            for first, answers in chunks(shard, judged, [(as_of, known_on)]):
                batch = snapshot(shard, answers[0], first, reading)
                coverage.tally_chunk(tally, shard, first, answers[0], batch, totals=totals)
                writer.add(batch)
            coverage.tally_money(tally, shard, as_of, known_on)
            progress("measure", count - queue.qsize(), count)
        writer.close()
        return tally, writer

    with ThreadPoolExecutor(WORKERS) as pool:
        results = list(pool.map(work, range(WORKERS)))
    tally = coverage.Tally()
    for part, _ in results:
        tally.add(part)
    kept = [writer.path for _, writer in results if writer.rows or writer is results[0][1]]
    for _, writer in results:
        if writer.path not in kept:
            writer.path.unlink()
    return tally, kept
