"""The bench of the stream: `python -m bench.stream --home HOME` measures on a copy of a home whose newest date was run.

The worker alone: events that lie in the log already, judged as fast as it goes; how soon it is ready, and what it holds in memory. The peer is Tazama's published 1.7
transactions a second and virtual processor.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from daihou.book.home import open_home
from daihou.book.ledger.ledger import open_ledger
from daihou.runs import store
from daihou.runs.log.door import Door
from daihou.runs.stream.worker import Worker

if TYPE_CHECKING:
    from daihou.book.home import Home

TAZAMA: Final = 1.7
"""Transactions a second and virtual processor, of 6 typologies: 2,497 on 1,472 (published 2024)."""
WORKER_PER_S, READY_S, MEMORY_GB = 50_000, 15, 4
BATCH: Final = 500


def copied(home: Path, to: Path) -> Home:
    """A home of our own: files that never change are linked, the others copied."""
    for path in home.rglob("*"):
        target = to / path.relative_to(home)
        if path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        elif path.suffix in (".parquet", ".ledger", ".arrow", ".flows") or "_delta_log" in path.parts:
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(path, target)
        elif "sqlite3" not in path.name and path.name not in ("intake.lock", "runs.lock"):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
    return open_home(to, {})


class Events:
    """Rows as a core system would send them."""

    def __init__(self, home: Home, day: dt.date, seed: int) -> None:
        ledger = open_ledger(home.ledger)
        self._ids, self._day, self._number = ledger.index["loan_id"], day, 0
        self._rng, self._seed = np.random.default_rng(seed), seed

    def payments(self, count: int) -> list[dict[str, Any]]:
        """Money of some loans."""
        loans = self._ids.gather(self._rng.integers(0, len(self._ids), count)).to_list()
        amounts = self._rng.integers(5_000, 500_000, count)
        self._number += count
        first = self._number - count
        return [
            {
                "payment_id": f"S{self._seed}-{first + at}",
                "loan_id": loan,
                "paid_on": str(self._day),
                "amount": f"{amount // 100}.{amount % 100:02d}",
            }
            for at, (loan, amount) in enumerate(zip(loans, amounts.tolist(), strict=True))
        ]


def alone(home: Home, now: dt.datetime, count: int) -> dict[str, float]:
    """The worker by itself on events that lie in the log."""
    events, door = Events(home, door_date(home, now), 1), Door(home)
    worker = Worker(home, clock=lambda: now)
    began = time.perf_counter()
    worker.open()
    ready = time.perf_counter() - began
    for _ in range(3):
        door.take("payments", events.payments(BATCH), "api:bench", now)
        worker.once()
    for _ in range(count // BATCH):
        door.take("payments", events.payments(BATCH), "api:bench", now)
    began, cpu = time.perf_counter(), time.process_time()
    done = 0
    while rows := worker.once():
        done += rows
    seconds, used = time.perf_counter() - began, time.process_time() - cpu
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":" in line)
    return {
        "events": done, "per_s": done / seconds, "per_cpu_s": done / used, "ready_s": ready, "rules": worker.day.rules,
        "anonymous_gb": int(status["RssAnon"].split()[0]) / 2**20, "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    }  # fmt: skip


def door_date(home: Home, now: dt.datetime) -> dt.date:
    """The date on which what is sent now is known."""
    return Door(home).open_date(now)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--events", type=int, default=200_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.home.parent, prefix="stream-") as folder:
        copy = copied(given.home, Path(folder) / "home")
        last = store.pairs(copy)[-1][0]
        moment = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(10), copy.settings.zone)
        found = alone(copy, moment, given.events)
        found["times_tazama_per_processor"] = found["per_cpu_s"] / TAZAMA
        print(json.dumps(found, indent=1))
        met = found["per_s"] >= WORKER_PER_S and found["ready_s"] <= READY_S and found["anonymous_gb"] <= MEMORY_GB
        sys.exit(0 if met else 1)
