"""What daihou is measured against: merely reading the Parquet columns, a pandas version, a Python loop over loans.

The peers give `dpd`, `overdue_amount` and `oldest_unpaid_due_on` of each loan on one date as known on one, for what
a book of `bench.books` holds: scheduled money on plans with second versions, payments known late, reversals. No grace,
no tolerance. They are written as by a careful engineer who knows the data; the many other columns of a snapshot are not
asked of them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from daihou.book import lake

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from daihou.book.home import Home

NEEDED: Final[dict[str, tuple[str, ...]]] = {
    # Which rows of a plan are in force, when they are due and what is due of them.
    "instalments": (
        *("loan_id", "seq", "due_on", "principal", "interest", "fee"),
        *("effective_on", "known_on", "cancelled"),
    ),
    # Which money counts: a reversal names the payment it voids, so ids are needed too.
    "payments": ("payment_id", "loan_id", "paid_on", "amount", "purpose", "known_on", "reverses"),
    # Whether the loan is known and begun, what it came to, and which terms hold for it.
    "loans": (
        *("loan_id", "product", "currency", "principal", "disbursed_on", "matures_on"),
        *("closed_on", "grace_days", "effective_on", "known_on"),
    ),
}
"""The columns without which no answer can be had. Row numbers, channels, officers and the like are not among them."""

NEVER: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Answer:
    """Where loans stand, one place a loan in each array: cents, and counts of days from 1970-01-01 (NEVER for none)."""

    loan_id: pa.Array
    dpd: np.ndarray[Any, Any]
    overdue_amount: np.ndarray[Any, Any]
    oldest_unpaid_due_on: np.ndarray[Any, Any]

    def of(self, loans: pa.Array) -> Answer:
        """Return the answer for these loans, in their order."""
        place = pc.index_in(loans, self.loan_id).to_numpy(zero_copy_only=False)
        return Answer(loans, self.dpd[place], self.overdue_amount[place], self.oldest_unpaid_due_on[place])

    def sums(self) -> dict[str, int]:
        """Return the totals by which answers are compared."""
        late = self.dpd > 0
        return {
            "overdue": int(late.sum()),
            "dpd": int(self.dpd.sum()),
            "overdue_amount": int(self.overdue_amount.sum()),
            "oldest_unpaid_due_on": int(self.oldest_unpaid_due_on[late].astype(np.int64).sum()),
        }


# Floor.


def _with_pyarrow(paths: list[Path], names: tuple[str, ...]) -> object:
    return [pq.read_table(path, columns=list(names)) for path in paths]


def _with_polars(paths: list[Path], names: tuple[str, ...]) -> object:
    return pl.scan_parquet(paths).select(names).collect()


def _with_duckdb(paths: list[Path], names: tuple[str, ...]) -> object:
    files = ", ".join(f"'{path}'" for path in paths)
    with duckdb.connect(config={"preserve_insertion_order": "false"}) as db:
        return db.sql(f"SELECT {', '.join(names)} FROM read_parquet([{files}])").to_arrow_table()


READERS: Final[dict[str, Callable[[list[Path], tuple[str, ...]], object]]] = {
    "pyarrow": _with_pyarrow,
    "Polars": _with_polars,
    "DuckDB": _with_duckdb,
}


def floor(home: Home, tries: int = 3) -> dict[str, float]:
    """Return the seconds that each reader takes to read the needed columns into memory, its best of some warm tries."""
    best: dict[str, float] = {}
    for name, reader in READERS.items():
        seconds = []
        for _ in range(tries + 1):
            started = time.perf_counter()
            for table, columns in NEEDED.items():
                reader(lake.files(home, table), columns)
            seconds.append(time.perf_counter() - started)
        best[name] = min(seconds[1:])
    return best


# pandas.


def _cents(column: pa.ChunkedArray) -> np.ndarray[Any, Any]:
    """Return decimal128(18, 4) amounts as cents: the low word of each, which is the fastest there is."""
    parts = [
        np.frombuffer(part.buffers()[1], np.int64)[2 * part.offset : 2 * (part.offset + len(part)) : 2]
        for part in column.chunks
    ]
    return np.concatenate(parts) // 100


def _days(column: pa.ChunkedArray) -> np.ndarray[Any, Any]:
    values: np.ndarray[Any, Any] = column.cast(pa.int32()).to_numpy()
    return values


def _read(home: Home, table: str) -> tuple[pa.Table, np.ndarray[Any, Any], pa.Array]:
    """Return the needed columns, and loan ids as codes with the ids they stand for, which spares pandas the strings."""
    read = pa.concat_tables([pq.read_table(path, columns=list(NEEDED[table])) for path in lake.files(home, table)])
    loans = read["loan_id"].dictionary_encode()  # one dictionary for all chunks
    codes = np.concatenate([chunk.indices.to_numpy() for chunk in loans.chunks])
    return read, codes.astype(np.int64), loans.chunk(0).dictionary


def read_frames(home: Home) -> tuple[pd.DataFrame, pd.DataFrame, pa.Array]:
    """Return instalments and payments as frames with loans as numbers, and the loans' ids by number."""
    read, loans, names = _read(home, "instalments")
    instalments = pd.DataFrame(
        {
            "loan": loans,
            "seq": read["seq"].to_numpy(),
            "due_on": _days(read["due_on"]),
            "owed": _cents(read["principal"]) + _cents(read["interest"]) + _cents(read["fee"]),
            "effective_on": _days(read["effective_on"]),
            "known_on": _days(read["known_on"]),
            "cancelled": read["cancelled"].to_numpy(),
        }
    )
    read, loans, theirs = _read(home, "payments")
    ours = pc.index_in(theirs, names).to_numpy(zero_copy_only=False)
    payments = pd.DataFrame(
        {
            "loan": ours[loans],
            "paid_on": _days(read["paid_on"]),
            "known_on": _days(read["known_on"]),
            "amount": _cents(read["amount"]),
            "payment_id": pd.Series(read["payment_id"], dtype="string[pyarrow]"),
            "reverses": pd.Series(read["reverses"], dtype="string[pyarrow]"),
        }
    )
    return instalments, payments, names


def with_pandas(frames: tuple[pd.DataFrame, pd.DataFrame, pa.Array], as_of: int, known_on: int) -> Answer:
    """Return where all loans stand, by whole-column operations."""
    instalments, payments, names = frames
    paid = _paid(payments, as_of, known_on).reindex(range(len(names)), fill_value=0).to_numpy()
    rows = instalments[(instalments["effective_on"] <= as_of) & (instalments["known_on"] <= known_on)]
    key = rows["loan"] * 2**16 + rows["seq"]
    twice = key.duplicated(keep=False)  # few: only these need to be sorted
    versions = rows[twice].sort_values(["loan", "seq", "effective_on", "known_on"], kind="stable")
    rows = pd.concat([rows[~twice], versions.drop_duplicates(["loan", "seq"], keep="last")])
    rows = rows[~rows["cancelled"]]
    place = rows["loan"] * 2**32 + rows["due_on"] * 2**16 + rows["seq"]
    rows = rows.iloc[np.argsort(place.to_numpy(), kind="stable")]
    due = rows.groupby("loan", sort=False)["owed"].cumsum()
    short = np.minimum(due - paid[rows["loan"].to_numpy()], rows["owed"])
    late = rows[["loan", "due_on"]].assign(short=short)[(short > 0) & (rows["due_on"] < as_of)]
    found = late.groupby("loan").agg(overdue_amount=("short", "sum"), oldest=("due_on", "min"))
    found = found.reindex(range(len(names)))
    oldest = found["oldest"].fillna(NEVER).to_numpy(np.int64)
    dpd = np.where(oldest == NEVER, 0, as_of - oldest)
    return Answer(names, dpd, found["overdue_amount"].fillna(0).to_numpy(np.int64), oldest)


def _paid(payments: pd.DataFrame, as_of: int, known_on: int) -> pd.Series:
    """Return the money that counts of each loan: known, dated, not a reversal and not reversed by one that is known."""
    known = payments[payments["known_on"] <= known_on]
    reversal = known["reverses"].notna()
    money = known[~reversal & (known["paid_on"] <= as_of)]
    money = money[~money["payment_id"].isin(known.loc[reversal, "reverses"])]
    return money.groupby("loan")["amount"].sum()


# Python.


@dataclass(frozen=True, slots=True)
class Sample:
    """The facts of some loans in plain dicts, as an application would hold them."""

    plans: dict[str, list[tuple[int, int, int, int, int, bool]]]  # seq, effective_on, known_on, due_on, owed, cancelled
    money: dict[str, list[tuple[str, int, int, int, str | None]]]  # payment_id, paid_on, known_on, amount, reverses


def first_loans(home: Home, loans: int) -> pa.Array:
    """Return the ids of the first loans of a book."""
    return pq.read_table(lake.files(home, "loans")[0], columns=["loan_id"])["loan_id"].unique().slice(0, loans)


def sample(home: Home, loans: int) -> Sample:
    """Load the first loans of a book into dicts."""
    first = first_loans(home, loans)
    found = {table: _of_loans(home, table, first) for table in ("instalments", "payments")}
    plans: dict[str, list[Any]] = {loan: [] for loan in first.to_pylist()}
    money: dict[str, list[Any]] = {loan: [] for loan in plans}
    table = found["instalments"]
    owed = (_cents(table["principal"]) + _cents(table["interest"]) + _cents(table["fee"])).tolist()
    numbers = (
        table["seq"].to_pylist(),
        *(_days(table[name]).tolist() for name in ("effective_on", "known_on", "due_on")),
    )
    for loan, *row in zip(table["loan_id"].to_pylist(), *numbers, owed, table["cancelled"].to_pylist(), strict=True):
        plans[loan].append(tuple(row))
    table = found["payments"]
    numbers = (_days(table["paid_on"]).tolist(), _days(table["known_on"]).tolist(), _cents(table["amount"]).tolist())
    ids = table["payment_id"].to_pylist()
    for loan, *row in zip(table["loan_id"].to_pylist(), ids, *numbers, table["reverses"].to_pylist(), strict=True):
        money[loan].append(tuple(row))
    return Sample(plans, money)


def _of_loans(home: Home, table: str, loans: pa.Array) -> pa.Table:
    path = lake.files(home, table)[0]
    last = max(loans.to_pylist())
    return pq.read_table(path, columns=list(NEEDED[table]), filters=pc.field("loan_id") <= last).combine_chunks()


def with_python(facts: Sample, as_of: int, known_on: int) -> Answer:
    """Return where the loans of a sample stand, loan by loan."""
    found = [_stand(rows, facts.money[loan], as_of, known_on) for loan, rows in facts.plans.items()]
    oldest = np.array([due for _, due in found], np.int64)
    dpd = np.where(oldest == NEVER, 0, as_of - oldest)
    return Answer(pa.array(list(facts.plans)), dpd, np.array([amount for amount, _ in found], np.int64), oldest)


def _stand(
    plan: list[tuple[int, int, int, int, int, bool]],
    money: list[tuple[str, int, int, int, str | None]],
    as_of: int,
    known_on: int,
) -> tuple[int, int]:
    """Return the overdue amount of one loan and the due date of its oldest unpaid instalment."""
    in_force: dict[int, tuple[int, int, int, int, int, bool]] = {}
    for row in plan:
        if row[1] <= as_of and row[2] <= known_on:
            other = in_force.get(row[0])
            if other is None or (row[1], row[2]) >= (other[1], other[2]):
                in_force[row[0]] = row
    voided = {reverses for _, _, known, _, reverses in money if reverses is not None and known <= known_on}
    left = sum(
        amount
        for payment_id, paid_on, known, amount, reverses in money
        if reverses is None and paid_on <= as_of and known <= known_on and payment_id not in voided
    )
    overdue, oldest = 0, NEVER
    for due_on, _, owed in sorted((row[3], row[0], row[4]) for row in in_force.values() if not row[5]):
        if due_on >= as_of:
            break
        short = owed - left
        left = max(left - owed, 0)
        if short > 0:
            overdue += short
            oldest = min(oldest, due_on)
    return overdue, oldest
