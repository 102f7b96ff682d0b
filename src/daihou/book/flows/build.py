"""Building the flows from the lake: transactions brought to buckets of borrowers in one streaming pass, then each bucket put in order.

A bucket at a time bounds the memory. Buckets are runs of borrowers in order of their id, so that what is written one after the other is in order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from daihou.book import lake, money
from daihou.book.contracts.accounts import MEMO_FLAGS
from daihou.book.flows.layout import FLOW, FOREVER, HOLDING, NO_AMOUNT, NOBODY, UNSTATED, VERSION
from daihou.book.ledger.beliefs import ARRIVAL, events, versioned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from polars.io.partition import FileProviderArgs

    from daihou.book.home import Home

    Progress = Callable[[str, int, int], None]

ROWS: Final = 1_000_000
"""Transactions of a bucket, about."""
MOST_BUCKETS: Final = 250
VALUES: Final = ("time", "amount", "balance", "payer", "kind", "marks", "of_loan")
"""What a later version of a transaction may say otherwise."""

TRANSACTIONS: Final = pl.DataFrame(lake.schema("transactions").empty_table()).schema

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Accounts:
    """Whose every account is: `borrowers` in order of id, `versions` as records, `holdings` a row each borrower and account."""

    borrowers: pl.Series
    versions: Array
    holdings: pl.DataFrame
    """By (borrower, account): account_id, borrower, holding (its place among the borrower's), first, end."""


def accounts(home: Home, versions: Mapping[str, int]) -> Accounts:
    """The accounts of the lake at some versions of its tables; there must be some."""
    paths = lake.files_as_of(home, "accounts", versions)
    known = pl.col("known_on").cast(pl.Int32)
    rows = pl.scan_parquet(paths).select(
        "account_id", "borrower_id", *ARRIVAL,
        known_on=known, effective_on=pl.col("effective_on").cast(pl.Int32).fill_null(known),
    ).collect()  # fmt: skip
    rows = versioned(rows, ["account_id"], ["borrower_id"])
    borrowers = rows["borrower_id"].unique().sort()
    numbers = pl.DataFrame({"borrower_id": borrowers}).with_row_index("borrower").cast({"borrower": pl.Int32})
    rows = rows.join(numbers, on="borrower_id", maintain_order="left").with_row_index("at")
    spans = rows.group_by("account_id").agg(first=pl.col("at").min(), end=pl.col("at").max() + 1)
    holdings = (
        rows.select("account_id", "borrower").unique().join(spans, on="account_id").sort("borrower", "account_id")
    )
    holdings = holdings.with_columns(holding=pl.int_range(pl.len(), dtype=pl.Int32).over("borrower"))
    return Accounts(borrowers, _records(rows, VERSION), holdings)


def first_known_on(home: Home, versions: Mapping[str, int]) -> int:
    """The day from which any transaction is known, of whatever account."""
    rows = _scanned(lake.files_as_of(home, "transactions", versions))
    first = rows.select(pl.col("known_on").min().cast(pl.Int32)).collect(engine="streaming").item()
    return FOREVER if first is None else int(first)


@dataclass(frozen=True, slots=True)
class Codes:
    """What repeats in the transactions of the lake, and is kept as numbers."""

    kinds: tuple[str, ...]
    """Kinds of counterparty in order of their code."""
    flags: dict[str, int]
    """By what stands in memo_flags, a bit a flag of the contract."""


def codes(home: Home, versions: Mapping[str, int]) -> Codes:
    """The kinds and flags that the lake holds."""
    rows = _scanned(lake.files_as_of(home, "transactions", versions))
    names = ("counterparty_kind", "memo_flags")
    kinds, flags = (
        rows.select(pl.col(name).unique()).collect(engine="streaming").to_series().drop_nulls().sort() for name in names
    )
    bits = {choice.code: 1 << place for place, choice in enumerate(MEMO_FLAGS)}
    return Codes(tuple(kinds), {text: sum(bits[flag] for flag in set(text.split())) for text in flags})


def stage(
    home: Home, versions: Mapping[str, int], held: Accounts, codes: Codes, folder: Path, progress: Progress
) -> list[Path]:
    """Bring the transactions of the lake to buckets, files of a folder, in order of their borrowers.

    Those whose account is not known yet are left out: they come in with it.
    """
    paths = lake.files_as_of(home, "transactions", versions)
    total = _scanned(paths).select(pl.len()).collect().item()
    buckets = min(total // ROWS + 1, MOST_BUCKETS)
    of_bucket = pl.col("borrower").cast(pl.Int64) * buckets // max(len(held.borrowers), 1)
    places = held.holdings.select("account_id", "borrower", "holding", bucket=of_bucket.cast(pl.UInt8)).lazy()
    for number, path in enumerate(paths):
        progress("flows", number, len(paths))
        by_bucket = pl.PartitionBy(folder, key="bucket", include_key=False, file_path_provider=_file_of(folder, number))
        rows = _scanned([path]).select(_columns(home, codes)).join(places, on="account_id").drop("account_id")
        rows.sink_ipc(by_bucket, compression="lz4", mkdir=True)
    progress("flows", len(paths), len(paths))
    return [folder / f"bucket={bucket}" for bucket in range(buckets)]


def _scanned(paths: list[Path]) -> pl.LazyFrame:
    """Transactions as they lie in the lake; columns that the contract did not have when a file was written are empty."""
    return pl.scan_parquet(paths, schema=TRANSACTIONS, missing_columns="insert")


def _file_of(folder: Path, number: int) -> Callable[[FileProviderArgs], str]:
    def name(args: FileProviderArgs) -> str:
        return str(folder / f"bucket={args.partition_keys.item()}" / f"{number:06d}.arrow")

    return name


def _columns(home: Home, codes: Codes) -> list[pl.Expr]:
    """What is kept of a transaction: its day in the home's zone, money in minor units, and numbers for whatever repeats."""
    step = 10 ** (money.SCALE - money.exponent(home.settings.base_currency))

    def minor(name: str) -> pl.Expr:
        units: pl.Expr = pl.col(name).cast(pl.Decimal(18, 4)).to_physical() // step
        return units.cast(pl.Int64)

    local = pl.col("booked_at").dt.convert_time_zone(home.settings.timezone)
    return [
        pl.col("account_id"), pl.col("txn_id"), pl.col("booked_at").to_physical().alias("time"),
        local.dt.date().cast(pl.Int32).alias("day"), pl.col("known_on").cast(pl.Int32),
        minor("amount").alias("amount"), minor("balance").fill_null(NO_AMOUNT).alias("balance"),
        pl.col("counterparty_token").hash().alias("payer"),
        pl.col("counterparty_token").is_null().alias("nobody"),
        _number("counterparty_kind", {kind: place for place, kind in enumerate(codes.kinds, UNSTATED + 1)}).alias("kind"),
        _number("memo_flags", codes.flags).alias("marks"),
        pl.col("loan_id").is_not_null().cast(pl.UInt8).alias("of_loan"),
        *(pl.col(name) for name in ARRIVAL),
    ]  # fmt: skip


def _number(name: str, numbers: Mapping[str, int]) -> pl.Expr:
    """A column of repeating texts as numbers, 0 where it is empty."""
    column = pl.col(name)
    return column.replace_strict(list(numbers), list(numbers.values()), default=0, return_dtype=pl.UInt16)


def flows_of(folder: Path) -> tuple[Array, Array] | None:
    """The flows of a bucket as records in their order, and the borrower of each; None of a bucket that nothing was brought to."""
    paths = sorted(folder.glob("*.arrow"))
    if not paths:
        return None
    rows = _beliefs(pl.scan_ipc(paths).collect()).sort("borrower", "time", "txn_id", "known_on")
    borrower, payer = rows["borrower"].to_numpy(), rows["payer"].to_numpy()
    records = _records(rows, FLOW, without=("payer", "earlier"))
    records["payer"], records["earlier"] = NOBODY, NOBODY
    named = np.flatnonzero(~rows["nobody"].to_numpy())
    records["payer"][named], records["earlier"][named] = _payers(borrower, payer[named], named)
    return records, borrower


def _beliefs(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with `until`, equal ones left out; hashes tell the few that need a look, at a fraction of what comparing ids costs."""
    again = rows["txn_id"].hash().is_duplicated()
    once = rows.filter(~again).with_columns(until=pl.lit(FOREVER, pl.Int32))
    several = rows.filter(again).with_columns(ix=pl.struct("borrower", "holding").hash())
    return pl.concat([once, events(several, "txn_id", list(VALUES)).drop("ix")]) if again.any() else once


def _payers(borrower: Array, payer: Array, at: Array) -> tuple[Array, Array]:
    """Of flows at some places of a bucket the number of the payer among those of their borrower, and the place of the payer's one before."""
    whose = borrower[at]
    order = np.lexsort((payer, whose))
    whose, payer, at = whose[order], payer[order], at[order]
    first_of_borrower = _begins(whose)
    first_of_payer = first_of_borrower | _begins(payer)
    number = np.cumsum(first_of_payer) - 1
    numbers, earlier = np.empty(len(at), np.int32), np.empty(len(at), np.int32)
    numbers[order] = number - np.maximum.accumulate(np.where(first_of_borrower, number, 0))
    starts = np.searchsorted(borrower, whose)  # flows stand in order of borrowers
    before = np.concatenate([[0], at[:-1]])
    earlier[order] = np.where(first_of_payer, NOBODY, before - starts)
    return numbers, earlier


def _begins(values: Array) -> Array:
    """Where a run of equal values begins."""
    return np.concatenate([np.ones(min(len(values), 1), np.bool_), values[1:] != values[:-1]])


def holdings(held: Accounts) -> Array:
    """The holdings as records."""
    return _records(held.holdings, HOLDING)


def offsets(of: Array, count: int) -> Array:
    """Where the rows of each of `count` borrowers start, by the borrower of each row in order; one more for the end."""
    return np.concatenate([[0], np.cumsum(np.bincount(of, minlength=count))]).astype(np.int64)


def _records(rows: pl.DataFrame, kind: np.dtype[Any], without: tuple[str, ...] = ()) -> Array:
    records = np.zeros(rows.height, kind)
    for name in kind.names or ():
        if name not in without:
            records[name] = rows[name].to_numpy()
    return records


def buckets(folders: list[Path], progress: Progress) -> Iterator[tuple[Array, Array]]:
    """The flows of every bucket in turn; what was staged for it is deleted."""
    for number, folder in enumerate(folders):
        progress("order", number, len(folders))
        found = flows_of(folder)
        if found is not None:
            yield found
        for path in folder.glob("*.arrow"):
            path.unlink()
    progress("order", len(folders), len(folders))
