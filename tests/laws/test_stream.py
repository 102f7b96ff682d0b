"""The stream against the night: whatever came, in whatever order, cut into whatever batches, flushed and begun again whenever, it says what the night says.

Each try plays a day on a small book: payments, bounces, the same thing twice, other content under a key used before, loans that come after their payments,
plans, changes, events, contacts, money on accounts. In between the worker looks, the log is brought to the lake, the ledger is built anew, and the worker dies.
"""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from daihou.book.ledger.ledger import refresh
from daihou.runs import store
from daihou.runs.log.door import Door
from daihou.runs.log.flushing import flush
from daihou.runs.nightly import run_all
from daihou.runs.stream.day import NOTHING
from daihou.runs.stream.worker import Slot, Worker
from daihou.runs.watch import few_signals
from daihou.runs.watch.few_rows import FewRows
from daihou.runs.watch.moved import stepped
from daihou.warning.rule import OF_BOOK
from laws import live
from laws.depth import DEEP

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from daihou.book.home import Home

EVENTS = 60
CARRIED = frozenset({"as_of", "known_on"})


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return live.built(tmp_path_factory)


def _drain(workers: list[Worker]) -> None:
    for worker in workers:
        while worker.once():
            pass


def _played(home: Home, seed: int, slots: int = 1) -> tuple[live.Live, list[Worker]]:
    """A day with whatever happens on it; the workers have judged all of it."""
    rng = random.Random(seed)  # noqa: S311 - to play, not to hide
    played = live.Live(home, rng)
    door = Door(home)

    def begun() -> list[Worker]:
        workers = [Worker(home, Slot(number, slots), clock=lambda: played.now) for number in range(slots)]
        for worker in workers:
            worker.open()
        return workers

    workers = begun()
    for _ in range(EVENTS):
        for table, row in played.event():
            door.take(table, [row], "api:law", played.now)
        chance = rng.random()
        if chance < 0.4:
            _drain(workers)
        elif chance < 0.5:
            flush(home, played.now, played.day)
            if rng.random() < 0.5:
                refresh(home, live.quiet)
                for worker in workers:
                    worker.look()
        elif chance < 0.55:
            workers = begun()
    _drain(workers)
    assert [worker._figures.error for worker in workers] == [""] * slots
    return played, workers


def _night(home: Home, played: live.Live) -> None:
    flush(home, played.now, played.day)
    run_all(home, [(played.day, played.day)], live.quiet)


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col(pl.Categorical).cast(pl.String))


def _read(home: Home, table: str, played: live.Live) -> pl.DataFrame:
    frame = pl.from_arrow(store.read(home, table, played.day, played.day))
    assert isinstance(frame, pl.DataFrame)
    return _plain(frame)


def _same(mine: pl.DataFrame, theirs: pl.DataFrame, key: str) -> dict[str, list[tuple[str, object, object]]]:
    """Columns that differ, with the first rows of them."""
    assert mine[key].to_list() == theirs[key].to_list()
    found = {}
    for name in theirs.columns:
        if name in CARRIED:
            continue
        ours, night = mine[name].cast(theirs.schema[name]), theirs[name]
        differ = ~ours.eq_missing(night)
        if differ.any():
            found[name] = list(zip(theirs[key].filter(differ), ours.filter(differ), night.filter(differ), strict=True))[
                :3
            ]
    return found


def _told(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Signals with their evidence read, as numbers may be written in several ways."""
    return [row | {"evidence": row["evidence"] and json.loads(row["evidence"])} for row in rows]


@pytest.mark.parametrize("seed", range(2 * DEEP))
def test_few_rows_tell_signals_as_many_do(built: Path, tmp_path: Path, seed: int) -> None:
    home = live.copied(built, tmp_path / "home")
    _, (worker,) = _played(home, 60 + seed)
    day, spoken = worker.day, 0
    for one in worker._touched:
        few = worker.hot.few([one])
        assert few is not None
        rows = FewRows(home, few.loans, few.people, day.names)
        for subject in OF_BOOK:
            ids = [one] if subject == "borrower" else [row["loan_id"] for row in few.loans]
            memory = day._memory[subject].filter(pl.col("subject_id").is_in(ids))
            step = stepped(rows, subject, day._chosen[subject], memory, day.as_of)
            frames = step.signals().to_dicts()
            assert _told(few_signals.signals(step, rows)) == _told(frames)
            spoken += len(frames)
    assert spoken or seed > 5  # of a play in which nothing moved there is nothing to tell


@pytest.mark.parametrize("seed", range(2 * DEEP))
def test_what_is_in_hand_is_what_a_full_run_writes(built: Path, tmp_path: Path, seed: int) -> None:
    home = live.copied(built, tmp_path / "home")
    played, (worker,) = _played(home, seed)
    worker.hot.names = None
    _night(home, played)
    theirs = _read(home, "snapshots", played).sort("loan_id")
    people = _read(home, "borrower_snapshots", played).sort("borrower_id")
    rows = worker.hot.rows(people["borrower_id"].to_list())
    assert _same(_plain(rows.loans), theirs, "loan_id") == {}
    assert _same(_plain(rows.people), people, "borrower_id") == {}
    for one in random.Random(seed).sample(people["borrower_id"].to_list(), 40):  # noqa: S311 - to play, not to hide
        few = worker.hot.few([one])
        assert few is not None
        assert few.loans == rows.loans.filter(pl.col("borrower_id").cast(pl.String) == one).to_dicts()
        assert few.people == rows.people.filter(pl.col("borrower_id") == one).to_dicts()


@pytest.mark.parametrize(("seed", "slots"), [(100 + seed, 1 + seed % 2) for seed in range(2 * DEEP)])
def test_what_the_stream_says_at_the_end_of_the_day_is_what_the_night_says(
    built: Path, tmp_path: Path, seed: int, slots: int
) -> None:
    home = live.copied(built, tmp_path / "home")
    played, workers = _played(home, seed, slots)
    _night(home, played)
    signals = _read(home, "signals", played).filter(~pl.col("shadow"))
    night = {
        (row["rule_id"], row["subject_id"]): (row["signal_id"], row["transition"])
        for row in signals.iter_rows(named=True)
    }
    rows = workers[0].log.store.rows(
        "SELECT rule_id, subject_id, signal_id, transition FROM standing WHERE as_of = ?", (str(played.day),)
    )
    said = {(rule, subject): (signal, standing) for rule, subject, signal, standing in rows if standing not in NOTHING}
    touched = set[str]().union(*(worker._touched_today() for worker in workers))
    loans = _read(home, "snapshots", played).filter(pl.col("borrower_id").is_in(list(touched)))["loan_id"].to_list()
    judged = touched | set(loans)
    assert said == {key: value for key, value in night.items() if key[1] in judged}


def test_a_day_without_events_says_nothing(built: Path, tmp_path: Path) -> None:
    home = live.copied(built, tmp_path / "home")
    played = live.Live(home, random.Random(0))  # noqa: S311 - to play, not to hide
    worker = Worker(home, clock=lambda: played.now)
    worker.open()
    assert worker.once() == 0
    assert worker.day.standing() == {}
