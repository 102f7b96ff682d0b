"""Building the flows from the lake: transactions brought to buckets of borrowers in one streaming pass, then each bucket put in order.

A bucket at a time bounds the memory. Buckets are runs of borrowers in order of their id, so that what is written one after the other is in order.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from daihou.book import lake, money
from daihou.book.contracts.accounts import MEMO_FLAGS
from daihou.book.flows.layout import FLOW, FOREVER, HOLDING, KEY, NO_AMOUNT, NOBODY, UNSTATED, VERSION
from daihou.book.ledger.beliefs import ARRIVAL, events, versioned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from polars.io.partition import FileProviderArgs

    from daihou.book.home import Home, Settings

    Progress = Callable[[str, int, int], None]

ROWS: Final = 1_000_000
"""Transactions of a bucket, about."""
MOST_BUCKETS: Final = 250
LEFT: Final = 255
"""The bucket of transactions whose account is not known yet."""

TRANSACTIONS: Final = pl.Schema(lake.schema("transactions"))

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Accounts:
    """Whose every account is: `borrowers` in order of id, `versions` as records, `holdings` a row each borrower and account."""

    borrowers: pl.Series
    versions: Array
    holdings: pl.DataFrame
    """By (borrower, account): account_id, borrower, holding (its place among the borrower's), first, end."""


def account_rows(home: Home, versions: Mapping[str, int]) -> pl.DataFrame:
    """The rows of accounts as they were sent: `account_columns`."""
    paths = lake.files_as_of(home, "accounts", versions)
    rows = pl.scan_parquet(paths) if paths else pl.LazyFrame(lake.schema("accounts").empty_table())
    return rows.select(account_columns()).collect()


def account_columns() -> list[pl.Expr]:
    """What is kept of a row of accounts; days as counts."""
    known = pl.col("known_on").cast(pl.Int32)
    effective = pl.col("effective_on").cast(pl.Int32).fill_null(known).alias("effective_on")
    return [
        *(pl.col(name) for name in ("account_id", "borrower_id")),
        effective,
        known,
        *(pl.col(name) for name in ARRIVAL),
    ]


def arranged(rows: pl.DataFrame) -> Accounts:
    """Whose each of some accounts is, from all their rows."""
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
    flags: tuple[tuple[str, int], ...]
    """By what stands in memo_flags, a bit a flag of the contract."""


def codes(home: Home, versions: Mapping[str, int]) -> Codes:
    """The kinds and flags that the lake holds."""
    rows = _scanned(lake.files_as_of(home, "transactions", versions))
    names = ("counterparty_kind", "memo_flags")
    kinds, flags = (
        rows.select(pl.col(name).unique()).collect(engine="streaming").to_series().drop_nulls().sort() for name in names
    )
    return Codes(tuple(kinds), bits(flags))


def bits(flags: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """By what may stand in memo_flags, a bit a flag of the contract."""
    of = {choice.code: 1 << place for place, choice in enumerate(MEMO_FLAGS)}
    return tuple((text, sum(of[flag] for flag in set(text.split()))) for text in flags)


def stage(
    home: Home, versions: Mapping[str, int], held: Accounts, codes: Codes, folder: Path, progress: Progress
) -> list[Path]:
    """Bring the transactions of the lake to buckets, files of a folder, in order of their borrowers.

    Those whose account is not known yet lie in a bucket of their own, which is not among those told: they come in with it.
    """
    paths = lake.files_as_of(home, "transactions", versions)
    total = _scanned(paths).select(pl.len()).collect().item()
    buckets = min(total // ROWS + 1, MOST_BUCKETS)
    of_bucket = pl.col("borrower").cast(pl.Int64) * buckets // max(len(held.borrowers), 1)
    places = held.holdings.select("account_id", "borrower", "holding", bucket=of_bucket.cast(pl.UInt8)).lazy()
    for number, path in enumerate(paths):
        progress("flows", number, len(paths))
        by_bucket = pl.PartitionBy(folder, key="bucket", include_key=False, file_path_provider=_file_of(folder, number))
        rows = _scanned([path]).select(columns(home.settings, codes)).join(places, on="account_id", how="left")
        unknown = pl.when(pl.col("bucket").is_null()).then("account_id")
        rows = rows.with_columns(unknown, pl.col("bucket").fill_null(LEFT))
        rows.sink_ipc(by_bucket, compression="lz4", mkdir=True)
    progress("flows", len(paths), len(paths))
    return [folder / f"bucket={bucket}" for bucket in range(buckets)]


def left(folder: Path) -> list[Path]:
    """The files of staged transactions whose account is not known yet; only they say their `account_id`."""
    return sorted((folder / f"bucket={LEFT}").glob("*.arrow"))


def _scanned(paths: list[Path]) -> pl.LazyFrame:
    """Transactions as they lie in the lake; columns that the contract did not have when a file was written are empty."""
    if not paths:
        return pl.LazyFrame(schema=TRANSACTIONS)
    return pl.scan_parquet(paths, schema=TRANSACTIONS, missing_columns="insert")


def _file_of(folder: Path, number: int) -> Callable[[FileProviderArgs], str]:
    def name(args: FileProviderArgs) -> str:
        return str(folder / f"bucket={args.partition_keys.item()}" / f"{number:06d}.arrow")

    return name


@lru_cache(64)
def columns(settings: Settings, codes: Codes) -> tuple[pl.Expr, ...]:
    """What is kept of a transaction: its day in the home's zone, money in minor units, and numbers for whatever repeats."""
    step = 10 ** (money.SCALE - money.exponent(settings.base_currency))

    def minor(name: str) -> pl.Expr:
        units: pl.Expr = pl.col(name).cast(pl.Decimal(18, 4)).to_physical() // step
        return units.cast(pl.Int64)

    local = pl.col("booked_at").dt.convert_time_zone(settings.timezone)
    return (
        pl.col("account_id"), pl.col("txn_id"), pl.col("booked_at").to_physical().alias("time"),
        local.dt.date().cast(pl.Int32).alias("day"), pl.col("known_on").cast(pl.Int32),
        minor("amount").alias("amount"), minor("balance").fill_null(NO_AMOUNT).alias("balance"),
        pl.col("counterparty_token").hash().alias("payer"),
        pl.col("counterparty_token").is_null().alias("nobody"),
        _number("counterparty_kind", {kind: place for place, kind in enumerate(codes.kinds, UNSTATED + 1)}).alias("kind"),
        _number("memo_flags", dict(codes.flags)).alias("marks"),
        pl.col("loan_id").is_not_null().cast(pl.UInt8).alias("of_loan"),
        *(pl.col(name) for name in ARRIVAL),
    )  # fmt: skip


def _number(name: str, numbers: Mapping[str, int]) -> pl.Expr:
    """A column of repeating texts as numbers, 0 where it is empty."""
    column = pl.col(name)
    return column.replace_strict(list(numbers), list(numbers.values()), default=0, return_dtype=pl.UInt16)


@dataclass(frozen=True, slots=True)
class Ordered:
    """Flows in their order: records, the key of each, its id and its borrower."""

    flows: Array
    keys: Array
    ids: pl.Series
    borrower: Array


def ordered(rows: pl.DataFrame) -> Ordered:
    """Staged rows, each with the `borrower` and the `holding` it counts for, as flows."""
    rows = _beliefs(rows.with_columns(id=pl.col("txn_id").hash())).sort("borrower", "time", "txn_id", "known_on")
    borrower, payer = rows["borrower"].to_numpy(), rows["payer"].to_numpy()
    records = _records(rows, FLOW, without=("payer", "earlier"))
    records["payer"], records["earlier"] = NOBODY, NOBODY
    named = np.flatnonzero(~rows["nobody"].to_numpy())
    records["payer"][named], records["earlier"][named] = _payers(borrower, payer[named], named)
    return Ordered(records, _records(rows, KEY), rows["txn_id"], borrower)


def _beliefs(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with `until`; hashes tell the few that need a look, at a fraction of what comparing ids costs.

    Equal versions stay: another that becomes known later may come between them.
    """
    again = rows["id"].is_duplicated()
    once = rows.filter(~again).with_columns(until=pl.lit(FOREVER, pl.Int32))
    several = rows.filter(again).with_columns(ix=pl.struct("borrower", "holding").hash())
    return pl.concat([once, events(several, "txn_id", ["known_on"]).drop("ix")]) if again.any() else once


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


def holdings(held: pl.DataFrame) -> Array:
    """Holdings as records."""
    return _records(held, HOLDING)


def offsets(of: Array, count: int) -> Array:
    """Where the rows of each of `count` borrowers start, by the borrower of each row in order; one more for the end."""
    return np.concatenate([[0], np.cumsum(np.bincount(of, minlength=count))]).astype(np.int64)


def _records(rows: pl.DataFrame, kind: np.dtype[Any], without: tuple[str, ...] = ()) -> Array:
    records = np.zeros(rows.height, kind)
    for name in kind.names or ():
        if name not in without:
            records[name] = rows[name].to_numpy()
    return records


def buckets(folders: list[Path], progress: Progress) -> Iterator[Ordered]:
    """The flows of every bucket in turn that anything was brought to; what was staged for it is deleted."""
    for number, folder in enumerate(folders):
        progress("order", number, len(folders))
        paths = sorted(folder.glob("*.arrow"))
        if paths:
            yield ordered(pl.scan_ipc(paths).drop("account_id").collect())
        for path in paths:
            path.unlink()
    progress("order", len(folders), len(folders))
