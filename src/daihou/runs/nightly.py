"""Runs: every loan's standing on dates as known on dates, written with its coverage and a record to rebuild it by."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from daihou.book import business_date, lake
from daihou.book.errors import DaihouError
from daihou.book.intake import journal
from daihou.book.ledger.ledger import Ledger, refresh
from daihou.monitoring import jit
from daihou.monitoring.arrears.snapshot import Reading
from daihou.runs import coverage, store
from daihou.runs.borrowers import borrowers
from daihou.runs.cubes import cubes
from daihou.runs.executors import by_threads
from daihou.runs.log import open_log
from daihou.runs.log.flushing import bring, bring_what_waits
from daihou.runs.measuring import Measuring, Written
from daihou.runs.policies import Policies, read_policies
from daihou.runs.rates import rates_on
from daihou.runs.rollups import FAMILIES as ROLLUPS
from daihou.runs.rollups import rollup
from daihou.runs.scores.beside import scored
from daihou.runs.watch.watch import Watch

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

    from daihou.book.home import Home
    from daihou.runs.borrowers.borrowers import Borrowers
    from daihou.runs.executors import Walk
    from daihou.warning.rule import Text

    Progress = Callable[[str, int, int], None]
    Pair = tuple[dt.date, dt.date]


BESIDE: Final = ("fx_rates", "control_totals")
"""Tables that loans are measured by beside the ledger; a run reads those of `borrowers.TABLES` too."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run found for one pair of dates."""

    as_of: dt.date
    known_on: dt.date
    loans: int
    unmeasured: int
    breaks: int
    states: dict[tuple[str, str], tuple[int, int]]
    """By state and currency: loans, principal outstanding in minor units."""
    unnamed: tuple[str, ...] = ()
    """Products that the profile does not name though it names others: they are judged by the defaults."""
    opened: int = 0
    closed: int = 0
    """Signals of live rules opened and closed on the date, by the run that spoke for it."""
    notes: int = 0
    """What this run would have said otherwise of a date that was spoken for."""
    broken: tuple[tuple[str, str, str], ...] = ()
    """Rules that could not judge: id, and why in English and Chinese."""
    unscored: tuple[tuple[str, str, str], ...] = ()
    """Versions of models that could not score: what each is called, and why in English and Chinese."""
    silent: tuple[Text, ...] = ()
    """What must be known of data that rules ask and that have gone silent."""

    @property
    def counts(self) -> dict[str, Any]:
        """What the run's record says of it."""
        names = ("as_of", "known_on", "loans", "unmeasured", "breaks")
        return {name: getattr(self, name) for name in names}


def reading_on(
    home: Home, policies: Policies, as_of: dt.date, known_on: dt.date, lake_versions: Mapping[str, int] | None = None
) -> Reading:
    """What one date's snapshot is read by; rates of the newest lake unless versions are given."""
    lake_versions = lake.versions(home, BESIDE) if lake_versions is None else lake_versions
    buckets = policies.schemes["buckets_atomic"].on(as_of).values
    return Reading(
        as_of, known_on, buckets, policies.overdue.on(as_of).values, policies.repeated.on(as_of).values,
        rates_on(home, as_of, known_on, lake_versions),
    )  # fmt: skip


def run(
    home: Home,
    as_of: dt.date,
    known_on: dt.date,
    progress: Progress,
    today: dt.date | None = None,
    walk: Walk = by_threads,
) -> Outcome:
    """Run one pair of dates, and seal the business date if it is the night's own run.

    A date after `today` is a look ahead and never sealed: what happens until then is still to be told.
    """
    if as_of != known_on or (today is not None and known_on > today):
        return run_all(home, [(as_of, known_on)], progress, walk, today)[0]
    log = open_log(home)
    with journal.locked(home):  # so that no delivery for the date is under way while it is sealed
        journal.recover(home)
        before = log.closed_through()
        log.close_day(
            known_on
        )  # from here on events are known on the next date, so that what is brought now is all of this one
        try:
            bring(home, log, today or known_on)
            (outcome,) = _run_all(home, [(as_of, known_on)], progress, walk, today)
            business_date.seal(home, known_on, lake.last_batch(home))
        except BaseException:
            log.reopen_day(before)
            raise
    return outcome


def run_all(
    home: Home, pairs: Sequence[Pair], progress: Progress, walk: Walk = by_threads, today: dt.date | None = None
) -> list[Outcome]:
    """Measure the book on pairs of dates in one pass and write snapshot, coverage and record of each, in order of dates.

    All pairs are put in place in one step. Killed at any point, a run leaves what an earlier one wrote; run again, it writes the same.
    One run at a time writes into a home; another waits. `walk` says where the shards are walked. Signals of dates after `today` are not final.
    What waits in the log is brought to the lake first, unless an intake is at work: then the run measures what the lake holds.
    """
    bring_what_waits(home, today or max(known_on for _, known_on in pairs))
    return _run_all(home, pairs, progress, walk, today)


def _run_all(home: Home, pairs: Sequence[Pair], progress: Progress, walk: Walk, today: dt.date | None) -> list[Outcome]:
    """The same of what the lake holds."""
    policies = read_policies(home)
    with store.locked(home):
        batch = lake.last_batch(home)
        ledger = refresh(home, progress)
        if not ledger.loans:
            raise DaihouError(
                "No loan is known yet.",
                "Send some: `daihou intake FILE --table loans`.",
                str(home.path),
                zh=("尚无任何贷款。", "请先导入：`daihou intake 文件 --table loans`。"),
            )
        beside = lake.versions(home, (*BESIDE, *borrowers.TABLES))
        lake_versions = beside | ledger.pointer.lake  # a table that came in meanwhile is read as the ledger read it
        record = {
            "batch": batch,
            "lake": json.dumps(lake_versions),
            "rules": policies.digest,
            "kernels": jit.source_hash(),
        }
        pairs = sorted(set(pairs))
        measuring = Measuring(
            home, ledger.pointer, policies, [reading_on(home, policies, *pair, lake_versions) for pair in pairs],
            [coverage.has_control_totals(home, as_of, lake_versions) for as_of, _ in pairs],
        )  # fmt: skip
        shares = walk(measuring, list(ledger.shards), progress)
        told = borrowers.read(home, policies, lake_versions, progress, scored=False)
        watch = Watch(home, batch, today)
        records: dict[Pair, dict[str, Any]] = {}
        written: dict[Pair, dict[str, list[Path]]] = {}
        outcomes: dict[Pair, Outcome] = {}
        for place, pair in enumerate(pairs):
            progress("write", place, len(pairs))
            written[pair], outcome = _write(
                home, ledger, policies, pair, [share[place] for share in shares], lake_versions, told
            )
            here = {
                as_of: files for (as_of, known_on), files in written.items() if as_of == known_on and as_of != pair[0]
            }
            told_scores = scored(home, pair, written[pair], here, progress)
            written[pair] |= told_scores.files
            of_pair = written[pair]
            said = watch.take(
                pair, of_pair["snapshots"], of_pair["borrower_snapshots"], of_pair.get("model_snapshots", [])
            )
            written[pair] |= said.files
            outcomes[pair] = replace(
                outcome,
                opened=said.opened,
                closed=said.closed,
                notes=said.notes,
                broken=said.broken,
                unscored=told_scores.problems,
                silent=said.silent,
            )
            records[pair] = record | outcome.counts | said.record
        store.put(home, written, records)
    progress("write", len(pairs), len(pairs))
    return list(outcomes.values())


def _write(
    home: Home,
    ledger: Ledger,
    policies: Policies,
    pair: Pair,
    shares: list[Written],
    lake_versions: Mapping[str, int],
    told: Borrowers,
) -> tuple[dict[str, list[Path]], Outcome]:
    """Write beside one pair's snapshot whatever is told of it; returns all its files by table, and what was found."""
    as_of, known_on = pair
    tally = coverage.Tally()
    paths: list[Path] = []
    for share in shares:
        tally.add(share.tally)
        if share.rows or not paths:
            paths.append(share.path)
        else:
            share.path.unlink()
    products = list(rollup(paths, "product_snapshots", as_of, known_on))
    unnamed = _unnamed(products, policies)
    covered = coverage.rows(tally, home, ledger, as_of, known_on, lake_versions, unnamed)
    tables: dict[str, Iterable[pa.Table]] = {
        "coverage": [covered],
        **{name: [table] for name, table in cubes(paths, as_of, known_on).items()},
        **{name: rollup(paths, name, as_of, known_on) for name in ROLLUPS},
        "borrower_snapshots": told.parts(paths, as_of, known_on),
        "product_snapshots": products,
    }
    written = {name: [store.write(home, name, as_of, known_on, parts)] for name, parts in tables.items()}
    written["snapshots"] = paths
    states = {key: (count, tally.amounts[key]) for key, count in tally.states.items()}
    return written, Outcome(as_of, known_on, tally.loans, tally.unmeasured, tally.breaks, states, tuple(unnamed))


def _unnamed(products: Iterable[pa.Table], policies: Policies) -> dict[str, int]:
    """Live and unmeasured loans of each product that the profile, which names others, does not name."""
    named = policies.profile.products
    return {
        row["product"]: row["loans"] + row["loans_unmeasured"]
        for table in products
        for row in table.select(["product", "loans", "loans_unmeasured"]).to_pylist()
        if named and row["product"] not in named and row["loans"] + row["loans_unmeasured"]
    }
