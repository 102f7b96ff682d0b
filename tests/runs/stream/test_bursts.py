"""A burst of events while the worker judges and the keeper brings them to the lake: each is judged, each is in the lake once, and what stands is what a rebuild says."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import polars as pl

from daihou.book import lake
from daihou.runs.log.door import Door
from daihou.runs.log.flushing import flush, through
from daihou.runs.log.pressure import pressure
from daihou.runs.stream.figures import read
from laws import live
from runs.log.conftest import until
from runs.stream.proof import NAME, child, ended, played_in, rebuilt, said_once, standing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SOAK = os.environ.get("DAIHOU_SOAK") == "1"
COUNT = 100_000 if SOAK else 5_000
TOGETHER = 50
"""Rows of one request."""


def _requests(played: live.Live) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Payments, events and money on accounts, many a request."""
    dice = random.Random(11)  # noqa: S311 - to play, not to hide
    for first in range(0, COUNT, TOGETHER):
        numbers = range(first, first + TOGETHER)
        table = dice.choice(["payments", "payments", "events", "transactions"])
        made = {"payments": _payment, "events": _event, "transactions": _money}[table]
        yield table, [made(played, dice, number) for number in numbers]


def _payment(played: live.Live, dice: random.Random, number: int) -> dict[str, Any]:
    loan, _ = dice.choice(played.loans)
    return {
        "payment_id": f"BP{number}",
        "loan_id": loan,
        "paid_on": str(played.day),
        "amount": f"{dice.randint(1, 900)}.25",
    }


def _event(played: live.Live, dice: random.Random, number: int) -> dict[str, Any]:
    kind = dice.choice(["application", "device_change", "litigation"])
    subject = dice.choice(dice.choice(played.loans))
    return {"event_id": f"BE{number}", "subject_id": subject, "happened_at": played.now.isoformat(), "kind": kind}


def _money(played: live.Live, dice: random.Random, number: int) -> dict[str, Any]:
    account, amount = dice.choice(played.accounts), str(dice.choice([-800, -50, 300]))
    return {"txn_id": f"BT{number}", "account_id": account, "booked_at": played.now.isoformat(), "amount": amount}


def test_of_a_burst_each_event_is_judged_and_is_in_the_lake_once(evening: Path, tmp_path: Path) -> None:
    home = live.copied(evening, tmp_path / "home")
    played, door = played_in(home, 11), Door(home)
    working = child(home, played, done=False, most=500, heard=True)
    sent: Counter[str] = Counter()
    for number, (table, rows) in enumerate(_requests(played)):
        while pressure(home, door.log).state == "full":
            time.sleep(0.1)
        assert door.take(table, rows, "api:burst", played.now).accepted == TOGETHER
        sent[table] += TOGETHER
        if number % 40 == 20:  # in the middle of it
            flush(home, played.now, played.day)
    until(lambda: door.log.place(NAME) == door.log.last(), 900 if SOAK else 120)
    assert "cannot be judged" not in ended(working)
    assert door.log.last() == sum(sent.values()) == COUNT
    figures = [one for one in read(door.log, 0) if one.name == NAME]
    assert sum(one.events for one in figures) == COUNT
    assert {one.error for one in figures} == {""}
    before = rebuilt(home, tmp_path / "before", played.now, played.day)
    flush(home, played.now, played.day)
    assert through(home, door.log) == door.log.last()
    for table, key in (("payments", "payment_id"), ("events", "event_id"), ("transactions", "txn_id")):
        ids = pl.read_parquet(lake.files(home, table), columns=[key])[key]
        ids = ids.filter(ids.str.contains(r"^B[PET]\d"))
        assert len(ids) == ids.n_unique() == sent[table]
    said_once(door.log)
    stands = standing(door.log, played.day)
    assert stands == before
    assert stands == rebuilt(home, tmp_path / "after", played.now, played.day)
