"""The bench of the stream: `python -m bench.stream --home HOME` measures on copies of a home whose newest date, yesterday, was run; made where there is none.

The worker alone: events that lie in the log already, judged as fast as it goes by one worker and by two that share the borrowers; how soon it is ready, and
what it holds in memory. And the whole, as `daihou serve` runs it, with the load from another process: payments and bounced payments one by one at a rate, from
being accepted to the alert in the desk's database; and in batches, until the last is judged. The peer is Tazama's published 1.7 transactions a second and
virtual processor.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from bench.books import make_book
from bench.served import Served, Stored, Wire
from daihou.book import business_date
from daihou.book.home import open_home
from daihou.book.ledger.ledger import open_ledger
from daihou.runs import store
from daihou.runs.log.door import Door
from daihou.runs.log.laid import by_table
from daihou.runs.log.log import open_log
from daihou.runs.process import freeze
from daihou.runs.stream import told
from daihou.runs.stream.between.opening import policy_of
from daihou.runs.stream.worker import MOST, Slot, Worker

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from daihou.book.home import Home

TAZAMA: Final = 1.7
"""Transactions a second and virtual processor, of 6 typologies: 2,497 on 1,472 (published 2024)."""
WORKER_PER_S, READY_S, MEMORY_GB = 50_000, 15, 4
SINGLE_MS: Final = {0.5: 20.0, 0.99: 100.0}
BATCHED_PER_S: Final = 5_000
BATCH: Final = 500
SENDERS: Final = 8
SOME: Final = 5_000
AGO: Final = 400
"""A payment bounces when so many others have come since."""


def made(path: Path, loans: int) -> Home:
    """A home of so many loans, run as of yesterday."""
    home = open_home(path, {})
    today = business_date.business_date(home.settings, dt.datetime.now(dt.UTC))
    if not store.pairs(home):
        yesterday = today - dt.timedelta(days=1)
        make_book(home, loans, ends=yesterday)
        words = [
            sys.executable,
            "-m",
            "daihou.cli.main",
            "run",
            "--as-of",
            f"{yesterday}",
            "--known-on",
            f"{yesterday}",
        ]
        subprocess.run(words, env={**os.environ, "DAIHOU_HOME": str(path)}, check=True, stdout=subprocess.DEVNULL)
    return home


def copied(home: Path, to: Path, *, desk: bool = False) -> Home:
    """A home of our own: files that never change are linked, the others copied; the desk's database only if asked for."""
    for path in home.rglob("*"):
        target = to / path.relative_to(home)
        if path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        elif path.suffix in (".parquet", ".ledger", ".arrow", ".flows") or "_delta_log" in path.parts:
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(path, target)
        elif (desk and path.name.startswith("desk.sqlite3")) or (
            "sqlite3" not in path.name and path.name not in ("intake.lock", "runs.lock")
        ):
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

    def mixed(self) -> Iterator[dict[str, Any]]:
        """One by one without end, every third of them the bounce of an earlier one."""
        paid: deque[dict[str, Any]] = deque()
        while True:
            for row in self.payments(2):
                paid.append(row)
                yield row
            if len(paid) > AGO:
                old = paid.popleft()
                yield {**old, "payment_id": f"{old['payment_id']}-R", "reverses": old["payment_id"]}


def alone(home: Home, now: dt.datetime, count: int, slot: Slot | None = None) -> dict[str, float]:
    """One worker by itself on events that lie in the log: of all borrowers, or of those of a slot."""
    events, door = Events(home, Door(home).open_date(now), 1), Door(home)
    worker = Worker(home, slot or Slot(), clock=lambda: now)
    began = time.perf_counter()
    worker.open()
    freeze()
    ready = time.perf_counter() - began
    for _ in range(40):
        door.take("payments", events.payments(BATCH), "api:bench", now)
    worker.once()
    for _ in range(count // BATCH):
        door.take("payments", events.payments(BATCH), "api:bench", now)
    began, cpu = time.perf_counter(), time.process_time()
    done = 0
    while rows := worker.once():
        done += rows
    seconds, used = time.perf_counter() - began, time.process_time() - cpu
    began = time.perf_counter()
    read = sum(
        rows.num_rows
        for held in door.log.between(worker.place - done, worker.place, MOST)
        for rows in by_table(held).values()
    )
    floor = time.perf_counter() - began
    assert read == done
    some = worker.hot.rows(sorted(worker._touched)[:SOME])  # noqa: SLF001 - to tell of how many loans an event is asked
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":" in line)
    return {
        "events": done, "times_the_floor_of_reading_them": seconds / floor, "loans_a_borrower": some.loans.height / some.people.height,
        "per_s": done / seconds, "per_cpu_s": done / used, "ready_s": ready, "rules": worker.day.rules,
        "anonymous_gb": int(status["RssAnon"].split()[0]) / 2**20, "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    }  # fmt: skip


def together(home: Home, count: int) -> dict[str, float]:
    """Two workers that share the borrowers, each a process: events of both a second, from when both began until both were done."""
    now = moment(home)
    events, door = Events(home, Door(home).open_date(now), 2), Door(home)
    for _ in range(count // BATCH):
        door.take("payments", events.payments(BATCH), "api:bench", now)
    words = [sys.executable, "-m", "bench.stream", "--home", str(home.path), "--slot"]
    workers = [
        subprocess.Popen([*words, f"{number}/2"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for number in range(2)
    ]
    for worker in workers:
        assert worker.stdout is not None
        worker.stdout.readline()
    began = time.perf_counter()
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    for worker in workers:
        assert worker.wait() == 0
    return {"events": count, "per_s": count / (time.perf_counter() - began)}


def one_of(home: Home, slot: Slot) -> None:
    """A worker of `together`."""
    now = moment(home)
    worker = Worker(home, slot, clock=lambda: now)
    worker.open()
    freeze()
    print("ready", flush=True)
    sys.stdin.readline()
    while worker.once():
        pass


def moment(home: Home) -> dt.datetime:
    """Ten o'clock of the day after the newest run."""
    last = store.pairs(home)[-1][0]
    return dt.datetime.combine(last + dt.timedelta(days=1), dt.time(10), home.settings.zone)


def served(path: Path, rate: float, seconds: float, batched: int) -> dict[str, Any]:
    """The whole under load, over a home whose database of the desk has the night."""
    home = open_home(path, {})
    desk = Served(path)
    opened = desk.open()
    log = open_log(home)
    stored = Stored(path / "desk.sqlite3")
    try:
        time.sleep(10)
        day = Door(home).open_date(dt.datetime.now(dt.UTC))
        settled(desk, log, Events(home, day, 3))
        found = {"open_s": opened, **singly(desk, log, stored, Events(home, day, 4).mixed(), rate, seconds)}
        found |= {"memory_gb": desk.anonymous()}
        return found | in_batches(desk, log, Events(home, day, 5), batched)
    finally:
        stored.close()
        desk.close()


def settled(desk: Served, log: Any, events: Events) -> None:
    """Wait until what is sent is judged at once: the first start has much to read."""
    wire = Wire(desk)
    for _ in range(200):
        place = wire.post(events.payments(1))["last"]
        until = time.time() + 600
        while log.place("stream/0/1") < place and time.time() < until:
            time.sleep(0.002)


def singly(
    desk: Served, log: Any, stored: Stored, rows: Iterator[dict[str, Any]], rate: float, seconds: float
) -> dict[str, Any]:
    """One post an event at a rate: what the answer took, and from being accepted to what came of it being stored."""
    first, alone_ = told.last(log), threading.Lock()
    sent: dict[int, tuple[str, float]] = {}
    took: list[float] = []
    began, count = time.time() + 1.0, int(rate * seconds)
    numbers = iter(range(count))

    def send() -> None:
        wire = Wire(desk)
        while True:
            with alone_:
                number = next(numbers, None)
                if number is None:
                    return
                row = next(rows)
            due = began + number / rate
            time.sleep(max(due - time.time(), 0.0))
            at = time.time()
            place = wire.post([row])["first"]
            with alone_:
                took.append(1000 * (time.time() - at))
                sent[place] = (row["loan_id"], at)

    threads = [threading.Thread(target=send) for _ in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    over = time.time()
    time.sleep(5)
    accepted = {
        place: (sent[place], at)
        for place, at in log.store.rows("SELECT first, accepted_at FROM parcels")
        if place in sent
    }
    by_loan: dict[str, list[tuple[int, float, float]]] = {}
    for place, ((loan, at), stamp) in sorted(accepted.items()):
        by_loan.setdefault(loan, []).append((place, at, stamp))
    waited, whole = [], []
    today = dt.datetime.now(dt.UTC).date()
    watches = {watch.id for watch in policy_of(open_home(desk.home, {})).on(today).values.watches}
    for one in told.read(log, first, 1_000_000):
        if one.row["rule_id"] in watches:  # some of what they say comes with time, and of no event
            continue
        events = [event for event in by_loan.get(one.row["subject_id"], ()) if event[0] <= one.place]
        there = stored.at(one.seq)
        if events and there is not None:
            whole.append(1000 * (there - events[-1][1]))
            waited.append(1000 * (there - events[-1][2]))
    return {
        "singles": len(took), "singles_per_s": len(took) / (over - began), "answer_ms": shares(took), "stored": len(waited),
        "accepted_to_stored_ms": shares(waited), "sent_to_stored_ms": shares(whole),
    }  # fmt: skip


def in_batches(desk: Served, log: Any, events: Events, count: int) -> dict[str, Any]:
    """Lines of payments as fast as they are taken, until the last is judged."""
    parts = [[events.payments(BATCH) for _ in range(count // BATCH // 4)] for _ in range(4)]
    last: list[int] = []

    def send(batches: Sequence[list[dict[str, Any]]]) -> None:
        wire = Wire(desk)
        last.extend(wire.post(batch, lines=True)["last"] for batch in batches)

    threads = [threading.Thread(target=send, args=(part,)) for part in parts]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = time.perf_counter() - began
    while log.place("stream/0/1") < max(last):
        time.sleep(0.01)
    judged = time.perf_counter() - began
    sent = sum(len(batch) for part in parts for batch in part)
    return {"batched": sent, "accepted_per_s": sent / taken, "judged_per_s": sent / judged}


def shares(values: Sequence[float]) -> dict[str, float]:
    """The median, 95th and 99th percentile, and the worst."""
    return (
        {f"p{share * 100:g}": round(float(np.quantile(values, share)), 1) for share in (0.5, 0.95, 0.99, 1.0)}
        if values
        else {}
    )


def main() -> int:
    """Measure, print, and say by the end whether the targets are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--loans", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--rate", type=float, default=200.0)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--only", choices=("alone", "together", "served"))
    parser.add_argument("--slot")
    given = parser.parse_args()
    if given.slot:
        number, of = map(int, given.slot.split("/"))
        one_of(open_home(given.home, {}), Slot(number, of))
        return 0
    made(given.home, given.loans)
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(dir=given.home.parent, prefix="stream-") as folder:
        if given.only in (None, "alone"):
            copy = copied(given.home, Path(folder) / "alone")
            found |= alone(copy, moment(copy), given.events)
            found["times_tazama_per_processor"] = found["per_cpu_s"] / TAZAMA
        if given.only in (None, "together"):
            found["two_workers"] = together(copied(given.home, Path(folder) / "together"), given.events)
        if given.only in (None, "served"):
            copy = copied(given.home, Path(folder) / "served", desk=True)
            found["served"] = served(copy.path, given.rate, given.seconds, 100_000)
        print(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
