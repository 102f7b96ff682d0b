"""Group commit: what many threads append together is there once, and each is told what became of its own."""

from __future__ import annotations

import datetime as dt
import threading
from typing import TYPE_CHECKING, Any

from daihou.book.home import open_home
from daihou.runs.log.door import Door
from daihou.runs.log.log import Once, Repeated

if TYPE_CHECKING:
    from pathlib import Path

NOW = dt.datetime(2026, 1, 5, 4, tzinfo=dt.UTC)
THREADS = 8


def payment(number: str) -> dict[str, Any]:
    return {"payment_id": number, "loan_id": "L1", "paid_on": "2026-01-05", "amount": "1.00"}


def together(work: list[Any]) -> None:
    """Do several things at once, each in a thread of its own."""
    ready = threading.Barrier(len(work))

    def done(one: Any) -> None:
        ready.wait()
        one()

    threads = [threading.Thread(target=done, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_the_same_key_sent_by_many_threads_is_taken_once_and_answered_alike(tmp_path: Path) -> None:
    door = Door(open_home(tmp_path))
    first: list[dict[str, Any]] = []
    again: list[dict[str, Any]] = []

    def send(key: str, number: str) -> None:
        said: list[dict[str, Any]] = []

        def reply(_judged: Any, start: int, end: int) -> dict[str, Any]:
            said.append({"key": key, "first": start, "last": end})
            return said[-1]

        try:
            door.take("payments", [payment(number)], "api:a", NOW, once=Once("1", key, number), reply=reply)
            first.append(said[-1])
        except Repeated as repeated:
            again.append(repeated.reply if repeated.same else {})

    keys = [f"k{number // 4}" for number in range(THREADS * 2)]
    together([lambda key=key: send(key, key) for key in keys])
    assert sorted(one["key"] for one in first) == sorted(set(keys))
    assert len(again) == len(keys) - len(set(keys))
    assert all(one in first for one in again)
    ids = [row for held in door.log.read(0) for row in held.rows()["payment_id"].to_pylist()]
    assert sorted(ids) == sorted(set(keys))


def test_each_thread_is_told_the_places_of_its_own_rows(tmp_path: Path) -> None:
    door = Door(open_home(tmp_path))
    told: dict[str, tuple[int, int]] = {}

    def send(name: str, count: int) -> None:
        rows = [payment(f"{name}-{number}") for number in range(count)] + [payment("") for _ in range(count % 3)]
        taken = door.take("payments", rows, "api:a", NOW)
        told[name] = taken.first, taken.last

    together([lambda number=number: send(f"t{number}", number) for number in range(1, THREADS + 1)])
    found: dict[str, list[int]] = {}
    for held in door.log.read(0):
        if held.table == "payments":
            for place, row in enumerate(held.rows()["payment_id"].to_pylist(), held.first):
                found.setdefault(row.partition("-")[0], []).append(place)
    assert {name: (places[0], places[-1]) for name, places in found.items()} == told
    assert all(len(places) == int(name[1:]) for name, places in found.items())
