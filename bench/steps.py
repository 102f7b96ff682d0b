"""The steps of a bench, each a process of its own so that its memory is its own: `python -m bench.steps NAME HOME …`.

A step prints one JSON object: `seconds` and `cpu_s` of the part that is measured (the best of its tries), and what it
found.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from daihou.book.home import open_home

if TYPE_CHECKING:
    from collections.abc import Callable

    from daihou.book.home import Home

    Found = dict[str, Any]

TRIES: Final = 3
SAMPLE: Final = 20_000
MONTH_ENDS: Final = 24


def _best(work: Callable[[], object], tries: int = TRIES, *, warm: bool = True) -> Found:
    """Return the seconds of the best of some tries, after one that does not count if `warm`."""
    best: Found = {}
    for number in range(tries + warm):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        if number == 0:
            best["first"] = wall
        if number >= warm and wall < best.get("seconds", float("inf")):
            best |= {"seconds": wall, "cpu_s": cpu}
    return best


def _silent(*_: object) -> None:
    pass


def _last_day() -> dt.date:
    from bench.books import BOOK_DATE

    return BOOK_DATE


def book(home: Home, loans: str, seed: str) -> Found:
    """Make the book."""
    from bench.books import make_book

    return _best(lambda: make_book(home, int(loans), int(seed), long_loan=True), 1, warm=False)


def floor(home: Home) -> Found:
    """Read the columns that the answer needs, by each reader."""
    from bench.peers import floor as read

    readers = read(home)
    return {"seconds": min(readers.values()), "readers": readers}


def pandas(home: Home) -> Found:
    """Answer for one date with pandas, from Parquet."""
    from bench import facts, peers

    started, cpu = time.perf_counter(), time.process_time()
    frames = peers.read_frames(home)
    read = time.perf_counter() - started
    found = peers.with_pandas(frames, facts.END, facts.END)
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "cpu_s": time.process_time() - cpu, "read": read, "sums": found.sums()}


def python(home: Home) -> Found:
    """Answer for one date loan by loan in plain Python, for the first loans of the book."""
    from bench import facts, peers

    held = peers.sample(home, SAMPLE)
    best = _best(lambda: peers.with_python(held, facts.END, facts.END))
    return {**best, "loans": len(held.plans), "sums": peers.with_python(held, facts.END, facts.END).sums()}


def ledger(home: Home) -> Found:
    """Build the ledger from nothing."""
    from bench import ours

    shutil.rmtree(home.ledger, ignore_errors=True)
    best = _best(lambda: ours.ledger_of(home), 1, warm=False)
    size = sum(path.stat().st_size for path in home.ledger.glob("*") if path.is_file())
    return {**best, "loans": ours.ledger_of(home).loans, "bytes": size}


def kernel(home: Home) -> Found:
    """Measure every column of every loan on one date over the mapped ledger."""
    from bench import ours

    mapped = ours.ledger_of(home)
    pair = (_last_day(), _last_day())
    return {**_best(lambda: ours.walk_all(home, mapped, [pair])), "loans": mapped.loans}


def sums(home: Home) -> Found:
    """Return what the peers' sums must be, for all loans and for the sample."""
    from bench import ours, peers

    found = ours.answer(home, ours.ledger_of(home), (_last_day(), _last_day()))
    sampled = found.of(peers.first_loans(home, SAMPLE))
    return {"all": found.sums(), "sample": sampled.sums()}


def run(home: Home) -> Found:
    """Measure, write and cover one date, as `daihou run` does."""
    from daihou.runs.nightly import run as night

    return _best(lambda: night(home, _last_day(), _last_day(), _silent), 1, warm=False)


def _pairs(*, each: bool) -> list[tuple[dt.date, dt.date]]:
    from daihou.book.days import add_months, month_ends

    ends = month_ends(add_months(_last_day(), -MONTH_ENDS) + dt.timedelta(days=1), _last_day())
    return [(end, end if each else _last_day()) for end in ends]


def history(home: Home) -> Found:
    """Measure 24 month-ends, kept nowhere: each as known on its own day, and all as known on the last day."""
    from bench import ours

    mapped = ours.ledger_of(home)
    each, today = _pairs(each=True), _pairs(each=False)
    ours.walk_all(home, mapped, today)
    found = _best(lambda: ours.walk_all(home, mapped, today), warm=False)
    own = _best(lambda: ours.walk_all(home, mapped, each), warm=False)
    return {"dates": len(each), "today": found, "each": own}


def rows(home: Home) -> Found:
    """Stream the same 24 month-ends as Arrow rows of a whole snapshot."""
    from daihou.runs.history import walk_history

    asked = _pairs(each=True)
    count = 0

    def stream() -> None:
        nonlocal count
        count = sum(len(batch) for _, batch in walk_history(home, asked, _silent))

    return {**_best(stream, 1, warm=False), "rows": count}


def cubes(home: Home) -> Found:
    """Open the cubes of 24 month-ends, and ask them what overviews ask."""
    import statistics

    import daihou

    book = daihou.open(home.path)
    days = [end for end, _ in _pairs(each=True)]
    opened = _best(lambda: book.cubes(first=days[0], last=days[-1]), 1, warm=False)
    held = book.cubes(first=days[0], last=days[-1])
    asked: dict[str, Callable[[], object]] = {
        "ageing": held.ageing,
        "ageing by org": lambda: held.ageing(by=["org_id"]),
        "ageing by product, regulator's buckets": lambda: held.ageing("buckets_regulator", by=["product"]),
        "roll rates": held.rolls,
        "vintages": held.vintages,
        "vintages by org": lambda: held.vintages(by=["org_id"]),
        "first payments by product": lambda: held.first_payments(by=["product"]),
    }

    def median(work: Callable[[], object]) -> float:
        work()
        times = []
        for _ in range(15):
            began = time.perf_counter()
            work()
            times.append(time.perf_counter() - began)
        return statistics.median(times)

    return {**opened, "queries": {name: median(work) for name, work in asked.items()}}


def explain(home: Home) -> Found:
    """Explain the loan with 2,400 instalments and 5,000 payments, ledger opened anew; and with it open already."""
    from bench import ours
    from bench.books import LONG_LOAN
    from daihou.runs.explain import explain as explained
    from daihou.runs.explain import explain_in

    last, mapped = _last_day(), ours.ledger_of(home)
    found = _best(lambda: explained(home, LONG_LOAN, last, last, _silent), 5)
    opened = _best(lambda: explain_in(home, mapped, LONG_LOAN, last, last), 5)
    return {**found, "opened": opened["seconds"]}


def compile_kernels(home: Home) -> Found:
    """Compile the kernels, or take them from the cache that the environment names, and answer for one loan."""
    cache = os.environ.get("DAIHOU_KERNEL_CACHE")
    empty = cache is not None and not any(Path(cache).rglob("*.nbc"))
    started, cpu = time.perf_counter(), time.process_time()
    from bench import ours
    from daihou.monitoring.arrears.terms import terms
    from daihou.monitoring.arrears.walk import chunks
    from daihou.runs.policies import read_policies

    shard = next(iter(ours.ledger_of(home).shards.values()))
    judged = terms(read_policies(home).profile, shard.products, shard.currencies, home.settings.calendar)
    imported = time.perf_counter() - started
    next(chunks(shard, judged, [(_last_day(), _last_day())], size=1))
    seconds = time.perf_counter() - started - imported
    return {"seconds": seconds, "cpu_s": time.process_time() - cpu, "imported": imported, "compiled": empty}


def payments_file(home: Home, gigabytes: str, seed: str) -> Found:
    """Make a book without payments, and beside the home a CSV of the payments it is without."""
    from bench.deliveries import make_payments_file

    path, count = make_payments_file(home, float(gigabytes), int(seed))
    return {"file": str(path), "rows": count, "bytes": path.stat().st_size}


STEPS: Final[dict[str, Callable[..., Found]]] = {
    step.__name__: step
    for step in (
        book, floor, pandas, python, ledger, kernel, sums, run, history, rows, cubes, explain, compile_kernels, payments_file
    )
}  # fmt: skip


def main(name: str, home: str, *options: str) -> None:
    """Run one step and print what it found."""
    print(json.dumps(STEPS[name](open_home(Path(home), {}), *options)))


if __name__ == "__main__":
    main(*sys.argv[1:])
