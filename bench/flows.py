"""The bench of cash flow: `python -m bench.flows --transactions 20000000` builds the flows of an invented bank and measures them.

Each step is a process of its own. The floor merely reads the columns that the peer needs; the peer is one DuckDB statement that answers
five of the 31 measures for one date, as known on it; sums over all borrowers must be the same.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb
import numpy as np
import polars as pl
from rich.console import Console

from bench.lines import line, table
from bench.measure import here, python
from daihou.book import lake
from daihou.book.contracts.accounts import COUNTERPARTY_KINDS
from daihou.book.days import add_months, month_ends
from daihou.book.home import open_home
from daihou.book.lake.schema import MONEY
from daihou.runs.borrowers import cash_flow
from daihou.runs.policies import read_policies

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.measure import Ended
    from daihou.book.home import Home

    Step = Callable[[Home], dict[str, Any]]

LAST: Final = dt.date(2026, 9, 30)
DAYS: Final = 730
A_BORROWER: Final = 100
"""Transactions over these days."""
CHUNK: Final = 2_000_000
PAYERS: Final = 40
"""Known to each borrower."""
LATE, CORRECTED = 0.02, 0.01
MONTH_ENDS: Final = 24
CHECKED: Final = ("inflow_3m", "outflow_3m", "inflow_30d", "lender_repayments_3m", "account_balance")


def make(home: Home, transactions: int) -> None:
    """Fill the lake: a fifth of the borrowers have two accounts, a hundredth of the accounts pass to another borrower."""
    random = np.random.Generator(np.random.SFC64(1))
    borrowers = max(transactions // A_BORROWER, 10)
    accounts = borrowers + borrowers // 5
    first = np.datetime64(LAST) - DAYS
    owner = np.arange(accounts) % borrowers
    passed = random.choice(accounts, accounts // 100, replace=False)
    whose = np.concatenate([owner, (owner[passed] + 7) % borrowers])
    on = np.concatenate([np.full(accounts, first), first + random.integers(30, DAYS, len(passed))])
    account = np.concatenate([np.arange(accounts), passed])
    held = pl.DataFrame({"account": account, "who": whose, "effective_on": on})
    _append(home, "accounts", held.select(
        account_id=_id("A", "account"), borrower_id=_id("B", "who"), purpose=pl.lit("operating"),
        effective_on="effective_on", known_on="effective_on",
    ))  # fmt: skip
    kinds = np.array([choice.code for choice in COUNTERPARTY_KINDS])
    for start in range(0, transactions, CHUNK):
        count = min(CHUNK, transactions - start)
        account, day = random.integers(0, accounts, count), random.integers(0, DAYS, count)
        amount = np.round(np.exp(random.normal(6, 1.2, count)) * 100).astype(np.int64) * random.choice([-1, 1], count)
        payer = owner[account] * 31 + random.integers(0, PAYERS, count)
        rows = pl.DataFrame({
            "txn": np.arange(start, start + count), "account": account,
            "time": ((first + day).astype("datetime64[s]") + random.integers(0, 86_400, count)).astype("datetime64[us]"), "amount": amount,
            "balance": random.integers(-100_000, 5_000_000, count), "payer": payer,
            "kind": np.where(random.random(count) < 0.5, kinds[random.integers(0, len(kinds), count)], ""),
            "flag": random.choice(["", "", "", "salary", "rent", "loan"], count),
            "late": np.where(random.random(count) < LATE, random.integers(1, 20, count), 0),
        })  # fmt: skip
        again = rows.sample(fraction=CORRECTED, seed=1).with_columns(amount=pl.col("amount") + 1, late=pl.lit(25))
        _append(home, "transactions", pl.concat([rows, again.cast(rows.schema)]).select(
            txn_id=_id("T", "txn"), account_id=_id("A", "account"), booked_at=pl.col("time").cast(pl.Datetime("us", "UTC")),
            amount=_money("amount"), balance=_money("balance"),
            counterparty_token=pl.col("payer").hash().cast(pl.String).str.pad_start(32, "0"),
            counterparty_kind=pl.col("kind").replace("", None), memo_flags=pl.col("flag").replace("", None),
            loan_id=pl.lit(None, pl.String),
            known_on=pl.col("time").cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(home.settings.timezone).dt.date()
            + pl.duration(days=pl.col("late")),
        ))  # fmt: skip


def _append(home: Home, name: str, rows: pl.DataFrame) -> None:
    full = rows.with_columns(
        batch=pl.lit(1, pl.Int64), row=pl.int_range(pl.len(), dtype=pl.Int64), assumed=pl.lit(value=False),
        backfill=pl.lit(value=False), attributes=pl.lit(None, pl.String),
    )  # fmt: skip
    lake.append(home, name, full.to_arrow().select(lake.schema(name).names).cast(lake.schema(name)))


def _id(letter: str, name: str) -> pl.Expr:
    return pl.concat_str(pl.lit(letter), pl.col(name).cast(pl.String).str.pad_start(9, "0"))


def _money(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Decimal(MONEY.precision, MONEY.scale)) / 100


def read(home: Home) -> cash_flow.CashFlow:
    """The cash flow, its flows built if they are not there."""
    found = cash_flow.read(home, lake.versions(home, cash_flow.TABLES), read_policies(home), lambda *_: None)
    assert found is not None
    return found


def floor(home: Home) -> dict[str, Any]:
    """Read the columns that the peer needs."""
    paths = [str(path) for path in lake.files(home, "transactions")]
    names = (
        "txn_id, account_id, booked_at, amount, balance, counterparty_kind, memo_flags, loan_id, known_on, batch, row"
    )
    count = ", ".join(f"count({name})" for name in names.replace("row", '"row"').split(", "))
    found, cost = here(lambda: duckdb.connect().execute(f"SELECT {count} FROM read_parquet({paths})").fetchone())
    assert found is not None
    return {"seconds": cost.wall_s, "cpu_s": cost.cpu_s}


def built(home: Home) -> dict[str, Any]:
    """Build the flows."""
    read_policies(home)
    found, cost = here(lambda: read(home))
    return {"seconds": cost.wall_s, "cpu_s": cost.cpu_s, "flows": len(found.flows.facts.flows)}


def one(home: Home) -> dict[str, Any]:
    """Measure one date."""
    found = read(home)
    told, cost = here(lambda: found.on(LAST, LAST))
    return {"seconds": cost.wall_s, "cpu_s": cost.cpu_s, "sums": _sums(told)}


def span(home: Home) -> dict[str, Any]:
    """Measure 24 month ends, as known on each."""
    found = read(home)
    dates = month_ends(add_months(LAST, -MONTH_ENDS) + dt.timedelta(days=1), LAST)
    assert len(dates) == MONTH_ENDS
    _, cost = here(lambda: [found.on(date, date).height for date in dates])
    return {"seconds": cost.wall_s, "cpu_s": cost.cpu_s}


def peer(home: Home) -> dict[str, Any]:
    """The sums of one date by DuckDB."""
    policy = read_policies(home).cash_flow.on(LAST).values
    paths = {name: [str(path) for path in lake.files(home, name)] for name in cash_flow.TABLES}
    roles = policy.roles
    day = f"((booked_at AT TIME ZONE '{home.settings.timezone}')::DATE)"

    def has(role: str) -> str:
        kinds, flags = (
            ", ".join(f"'{code}'" for code in codes) or "''" for codes in (roles[role].kinds, roles[role].flags)
        )
        named = ", ".join(f"'{kind}'" for of in roles.values() for kind in of.kinds)
        by_flag = f"coalesce(memo_flags IN ({flags}), false)"
        return f"(coalesce(kind IN ({kinds}), false) OR (NOT coalesce(kind IN ({named}), false) AND {by_flag}))"

    own, lender, returned = has("own"), has("lender"), has("returned")
    inflow = f"amount > 0 AND NOT {own} AND NOT {lender} AND NOT {returned}"
    outflow = f"amount < 0 AND NOT {own} AND NOT {returned}"
    in_3m, in_30d = (f"day > DATE '{after}'" for after in (add_months(LAST, -3), LAST - dt.timedelta(days=30)))
    statement = f"""
        WITH moved AS (
            SELECT *, counterparty_kind AS kind, {day} AS day FROM read_parquet({paths["transactions"]})
            WHERE known_on <= DATE '{LAST}' AND {day} <= DATE '{LAST}'
            QUALIFY row_number() OVER (PARTITION BY txn_id ORDER BY known_on DESC, batch DESC, "row" DESC) = 1
        ), held AS (
            SELECT account_id, borrower_id, effective_on,
                lead(effective_on) OVER (PARTITION BY account_id ORDER BY effective_on) AS until
            FROM read_parquet({paths["accounts"]}) WHERE known_on <= DATE '{LAST}'
        ), told AS (
            SELECT borrower_id,
                sum(CASE WHEN {inflow} AND {in_3m} THEN amount ELSE 0 END) AS inflow_3m,
                sum(CASE WHEN {outflow} AND {in_3m} THEN -amount ELSE 0 END) AS outflow_3m,
                sum(CASE WHEN {inflow} AND {in_30d} THEN amount ELSE 0 END) AS inflow_30d,
                sum(CASE WHEN {outflow} AND {lender} AND {in_3m} THEN -amount ELSE 0 END) AS lender_repayments_3m
            FROM moved JOIN held USING (account_id) WHERE day >= effective_on AND (until IS NULL OR day < until) GROUP BY ALL
        ), last AS (
            SELECT account_id, arg_max(balance, (booked_at, txn_id)) AS balance FROM moved GROUP BY ALL
        ), balances AS (
            SELECT borrower_id, sum(balance) AS account_balance FROM last JOIN held USING (account_id) WHERE until IS NULL GROUP BY ALL
        )
        SELECT {", ".join(f"sum({name})" for name in CHECKED)} FROM balances LEFT JOIN told USING (borrower_id)"""
    found, cost = here(lambda: duckdb.connect().execute(statement).fetchone())
    assert found is not None
    sums = {name: int(value * 100) for name, value in zip(CHECKED, found, strict=True)}
    return {"seconds": cost.wall_s, "cpu_s": cost.cpu_s, "sums": sums}


def _sums(told: pl.DataFrame) -> dict[str, int]:
    return {name: int(told[name].sum()) for name in CHECKED}


STEPS: Final[dict[str, Step]] = {"floor": floor, "build": built, "one": one, "span": span, "peer": peer}
NAMES: Final = {
    "floor": "floor: read the columns", "build": "flows built from the lake", "one": "31 measures of one date",
    "span": f"31 measures of {MONTH_ENDS} month ends", "peer": "peer: DuckDB, 5 measures of one date",
}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the bank, take every step in a process of its own, and print what it cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--transactions", type=int, default=20_000_000)
    parser.add_argument("--step", choices=STEPS, help="take one step in a folder that is made already")
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args(arguments)
    folder = options.folder or Path(tempfile.mkdtemp(prefix="bench-flows-"))
    home = open_home(folder / "home", {})
    if options.step:
        sys.stdout.write(json.dumps(STEPS[options.step](home)) + "\n")
        return
    try:
        make(home, options.transactions)
        _print(folder, options.transactions)
    finally:
        if options.folder is None:
            shutil.rmtree(folder)


def _print(folder: Path, transactions: int) -> None:
    steps: dict[str, Ended] = {
        name: python("-m", "bench.flows", "--step", name, "--folder", str(folder)) for name in STEPS
    }
    if steps["one"].said["sums"] != steps["peer"].said["sums"]:
        raise SystemExit(f"The sums differ: {steps['one'].said['sums']} against {steps['peer'].said['sums']}.")
    seconds = {name: ended.said["seconds"] for name, ended in steps.items()}
    lines = []
    for name, ended in steps.items():
        note = f"{ended.said['flows']:,} flows" if name == "build" else ""
        of_floor = f"{seconds[name] / seconds['floor']:.1f}x floor, {seconds[name] / seconds['peer']:.2f}x peer"
        lines.append(line(NAMES[name], ended, note=f"{of_floor} {note}"))
    Console(width=200).print(table(lines, f"{transactions:,} transactions"))


if __name__ == "__main__":
    main()
