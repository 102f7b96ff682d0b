"""The bench of early warning: `python -m bench.warning --home HOME [--daily HOME]`, on homes that hold a book and its runs.

Fifty rules over the loans of the newest run: against a floor that merely reads the same columns, and against DuckDB asked the same conditions
in SQL. A backtest of them over 24 month ends, measures included, against the measuring of these month ends alone; and one in daily steps.
The answers of both engines must be the same.
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import time
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import polars as pl
from rich.console import Console
from rich.table import Table

from bench.conditions import rules
from daihou.book.home import open_home
from daihou.expressions import parse, sql
from daihou.runs import store
from daihou.runs.history import dates, walk_history
from daihou.runs.watch.answers import answered, judged_by
from daihou.runs.watch.backtest import backtest
from daihou.runs.watch.folded import manner
from daihou.runs.watch.rows import of_files
from daihou.runs.watch.spine import spine_of
from daihou.warning.columns import columns_of
from daihou.warning.fold import TRUE, fold, nothing

if TYPE_CHECKING:
    from collections.abc import Callable

    from daihou.book.home import Home

DEFAULT = "dpd > 90"
TRIES = 3


def _silent(*_: object) -> None:
    pass


def _best(work: Callable[[], object], tries: int = TRIES) -> float:
    best = float("inf")
    for _ in range(tries):
        begun = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - begun)
    return best


def _gigabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def night(home: Home, table: Table) -> None:
    """Fifty rules over the newest run."""
    asked = rules()
    pair = store.pairs(home)[-1]
    names = {name for rule in asked for name in judged_by(rule)}
    paths = store.files(home, "snapshots", *pair)
    rows = of_files(home, paths, store.files(home, "borrower_snapshots", *pair), {"loan": names})
    frame = rows.loans
    columns = [name for name in frame.columns if name in names]
    conditions = [rule.condition for rule in asked]
    floor = _best(lambda: pl.scan_parquet(paths).select(columns).collect())
    answering = _best(lambda: answered(frame, conditions, rows.amount_unit, rows.base_unit))
    found = answered(frame, conditions, rows.amount_unit, rows.base_unit)
    day = np.array([(pair[0] - dt.date(1970, 1, 1)).days], np.int32)

    def folding() -> None:
        for rule, holds in zip(asked, found, strict=True):
            fold(day, holds[None, :], None, manner(rule), nothing(len(holds)))

    folding()
    step = _best(folding)
    with duckdb.connect() as engine:
        engine.register("loans", frame.select(columns).to_arrow())
        forms = [sql(condition, amount_unit=100, base_unit=100) for condition in conditions]
        counts = ", ".join(f"count(*) FILTER (WHERE {text})" for text, _ in forms)
        given = [value for _, values in forms for value in values]
        peer = _best(lambda: engine.execute(f"SELECT {counts} FROM loans", given).fetchone())
        theirs = engine.execute(f"SELECT {counts} FROM loans", given).fetchone()
    ours = tuple(int((codes == TRUE).sum()) for codes in found)
    if ours != theirs:
        raise SystemExit(f"The engines differ: {ours} and {theirs}")
    table.add_row(
        f"{len(asked)} rules, {len(frame):,} watched loans: answers",
        f"{answering:.2f} s",
        f"{answering / floor:.1f} floors (reading the columns: {floor:.2f} s)",
    )
    table.add_row("the fold of all of them, every loan", f"{step:.2f} s", f"{step / floor:.1f} floors")
    table.add_row(
        "DuckDB counts the same conditions", f"{peer:.2f} s", f"{peer / answering:.1f} times ours, same counts"
    )


def spans(home: Home, name: str, step: str, days: list[dt.date], table: Table, *, floor: bool) -> None:
    """A backtest over some dates."""
    spine = spine_of(days, parse(DEFAULT, columns_of("loan")), 12, step)
    asked = rules()
    tested = backtest(home, spine, asked, _silent, DEFAULT)
    begun = time.process_time()
    taken = _best(lambda: backtest(home, spine, asked, _silent, DEFAULT), 1)
    busy = time.process_time() - begun
    (over,) = tested.results
    signals, defaults = sum(rule.result.signals for rule in over.rules), over.rules[0].result.defaults
    told = f"{busy:.1f} s of processors, {signals:,} signals, {defaults:,} defaults, {_gigabytes():.1f} GB at most"
    if floor:
        pairs = [(day, day) for day in days]
        measuring = _best(lambda: [None for _ in walk_history(home, pairs, _silent)], 1)
        told += f"; {taken / measuring:.1f} times measuring these dates ({measuring:.1f} s)"
    table.add_row(f"{name}: {len(asked)} rules, {len(days)} dates, {over.subjects:,} loans", f"{taken:.1f} s", told)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", required=True, help="a home with runs of 24 month ends")
    parser.add_argument("--daily", help="a home for the daily backtest")
    options = parser.parse_args()
    table = Table("what", "best", "compared", title="Early warning")
    home = open_home(Path(options.home))
    night(home, table)
    ends = [day for day, known in store.pairs(home) if day == known][-24:]
    spans(home, "backtest, month ends", "month-end", ends, table, floor=True)
    if options.daily:
        small = open_home(Path(options.daily))
        last = [day for day, known in store.pairs(small) if day == known][-1]
        spans(small, "backtest, daily", "day", dates(last - dt.timedelta(days=729), last, "day"), table, floor=False)
    Console(width=200).print(table)


if __name__ == "__main__":
    main()
