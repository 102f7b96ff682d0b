"""An account that passes from one borrower to another by a row of the log: both are touched, and both are told what the night tells of them."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import polars as pl

from daihou.book import lake
from daihou.runs import store
from daihou.runs.borrowers.cash_flow import SCHEMA
from daihou.runs.log.door import Door
from daihou.runs.log.flushing import flush
from daihou.runs.nightly import run_all
from daihou.runs.stream.worker import Worker
from laws import live

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.book.home import Home


def _flow(frame: pl.DataFrame, people: list[str]) -> dict[str, dict[str, object]]:
    """What is told of the accounts of some borrowers, each by name."""
    rows = frame.filter(pl.col("borrower_id").is_in(people)).select(SCHEMA.names)
    return {row["borrower_id"]: row for row in rows.iter_rows(named=True)}


def _held(home: Home, played: live.Live) -> tuple[str, str, str]:
    """The account with the most money on it, who holds it, and a borrower who holds none."""
    owners = pl.read_parquet(lake.files(home, "accounts"), columns=["account_id", "borrower_id"])
    moved = pl.read_parquet(lake.files(home, "transactions"), columns=["account_id"])
    live_ = [borrower for _, borrower in played.loans]
    busiest = (
        moved.join(owners.filter(pl.col("borrower_id").is_in(live_)), on="account_id")
        .group_by("account_id", "borrower_id").len().sort("len", "account_id")
    )  # fmt: skip
    account, holder, _ = busiest.row(-1)
    return account, holder, next(one for one in sorted(live_) if one not in set(owners["borrower_id"]))


def test_of_an_account_that_passes_both_borrowers_are_told_what_the_night_tells(evening: Path, tmp_path: Path) -> None:
    home = live.copied(evening, tmp_path / "home")
    played = live.Live(home, random.Random(1))  # noqa: S311 - to play, not to hide
    door, worker = Door(home), Worker(home, clock=lambda: played.now)
    worker.open()
    worker.hot.names = None
    account, old, new = _held(home, played)
    before = _flow(worker.hot.rows([old, new]).people, [old, new])
    door.take("accounts", [{"account_id": account, "borrower_id": new}], "api:passed", played.now)
    worker.once()
    assert worker._touched == {old, new}
    after = _flow(worker.hot.rows([old, new]).people, [old, new])
    assert after[old] != before[old]
    assert after[new] != before[new]
    money = {"txn_id": "T1", "account_id": account, "booked_at": played.now.isoformat(), "amount": "300"}
    door.take("transactions", [money], "api:passed", played.now)
    worker.once()
    alone = {one: _flow(worker.hot.rows([one]).people, [one])[one] for one in (old, new)}
    flush(home, played.now, played.day)
    run_all(home, [(played.day, played.day)], live.quiet)
    night = pl.DataFrame(pl.from_arrow(store.read(home, "borrower_snapshots", played.day, played.day)))
    assert alone == _flow(night, [old, new])


def test_an_account_that_came_and_passed_on_within_the_day_is_told_of_all_its_holders(
    evening: Path, tmp_path: Path
) -> None:
    home = live.copied(evening, tmp_path / "home")
    played = live.Live(home, random.Random(1))  # noqa: S311 - to play, not to hide
    door, worker = Door(home), Worker(home, clock=lambda: played.now)
    worker.open()
    first, second = sorted({borrower for _, borrower in played.loans})[:2]
    for borrower in (first, second):
        worker._touched.clear()
        door.take("accounts", [{"account_id": "A-new", "borrower_id": borrower}], "api:passed", played.now)
        worker.once()
    assert worker._touched == {first, second}
    refreshed = Worker(home, clock=lambda: played.now)
    refreshed.open()
    assert refreshed._touched_today() == {first, second}
