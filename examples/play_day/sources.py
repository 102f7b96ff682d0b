"""The books whose days are played: one that `daihou simulate` made, and the real short loans, read from a folder of the user's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl
from examples.play_day.book import CLOCK, Book

from daihou.simulation.book import ORDER

if TYPE_CHECKING:
    from pathlib import Path

SHORT_LOANS: Final = "past_loans.csv"
EVERY_DAYS: Final = 30
"""From one due date of a short loan to the next: the file tells the first alone."""


def book(folder: Path) -> Book:
    """The book in a folder, whichever of the two it is."""
    return short_loans(folder) if (folder / SHORT_LOANS).is_file() else simulated(folder)


def simulated(folder: Path) -> Book:
    """A simulated book: its rows say themselves when they were known."""
    tables = {name: sorted(folder.glob(f"{name}-*.parquet")) for name in ORDER}
    return Book({name: pl.read_parquet(files) for name, files in tables.items() if files}, "Asia/Shanghai", "CNY")


def short_loans(folder: Path) -> Book:
    """Short consumer loans of Nigeria, of 15 to 90 days.

    The file tells of each loan when it was approved, first due, first repaid and closed, and what was lent and due. Supposed here: a due date every
    30 days from the first, equal parts; the last money on the day the loan was closed, and of an earlier first repayment that it was a part as well.
    """
    stamps = ("approveddate", "firstduedate", "firstrepaiddate", "closeddate")
    loans = (
        pl.read_csv(folder / SHORT_LOANS, infer_schema=False)
        .with_columns(pl.col(name).str.to_datetime("%Y-%m-%d %H:%M:%S%.f") for name in stamps)
        .with_columns(
            _cents("loanamount"),
            _cents("totaldue"),
            parts=pl.max_horizontal(pl.col("termdays").cast(pl.Int64) // EVERY_DAYS, 1),
            loan_id="N" + pl.col("systemloanid"),
        )
    )
    tables = {
        "borrowers": _borrowers(loans),
        "loans": _loans(loans),
        "instalments": _instalments(loans),
        "payments": _payments(loans),
    }
    return Book(tables, "Africa/Lagos", "NGN")


def _cents(name: str) -> pl.Expr:
    """An amount written with at most two decimals, in cents."""
    whole, part = pl.col(name).str.extract(r"^(\d+)"), pl.col(name).str.extract(r"\.(\d{1,2})0*$").str.pad_end(2, "0")
    return (whole.cast(pl.Int64) * 100 + part.cast(pl.Int64).fill_null(0)).alias(name)


def _money(cents: pl.Expr) -> pl.Expr:
    return pl.format("{}.{}", cents // 100, (cents % 100).cast(pl.String).str.zfill(2)).cast(pl.Decimal(18, 2))


def _known(stamp: pl.Expr) -> list[pl.Expr]:
    """When a row was known: the day, and the time of the day; a midnight stands for a day alone."""
    clock = stamp.dt.time()
    return [stamp.dt.date().alias("known_on"), pl.when(clock != pl.time(0, 0)).then(clock).alias(CLOCK)]


def _borrowers(loans: pl.DataFrame) -> pl.DataFrame:
    first = loans.sort("approveddate").unique("customerid", keep="first", maintain_order=True)
    return first.select(
        pl.col("customerid").alias("borrower_id"), pl.lit("person").alias("kind"), *_known(pl.col("approveddate"))
    )


def _loans(loans: pl.DataFrame) -> pl.DataFrame:
    approved = pl.col("approveddate")
    last = pl.col("firstduedate").dt.date() + pl.duration(days=(pl.col("parts") - 1) * EVERY_DAYS)
    return loans.select(
        "loan_id",
        pl.col("customerid").alias("borrower_id"),
        pl.lit("short_loan").alias("product"),
        _money(pl.col("loanamount")).alias("principal"),
        approved.dt.date().alias("disbursed_on"),
        last.alias("matures_on"),
        pl.lit("NGN").alias("currency"),
        pl.lit("personal").alias("asset_class"),
        *_known(approved),
    )


def _instalments(loans: pl.DataFrame) -> pl.DataFrame:
    """Equal parts; the last takes what is left of the cents."""
    rows = loans.with_columns(seq=pl.int_ranges(1, pl.col("parts") + 1)).explode("seq")
    last = pl.col("seq") == pl.col("parts")
    part = {}
    for name in ("loanamount", "totaldue"):
        equal = pl.col(name) // pl.col("parts")
        part[name] = pl.when(last).then(pl.col(name) - equal * (pl.col("parts") - 1)).otherwise(equal)
    return rows.select(
        "loan_id",
        pl.col("seq"),
        (pl.col("firstduedate").dt.date() + pl.duration(days=(pl.col("seq") - 1) * EVERY_DAYS)).alias("due_on"),
        _money(part["loanamount"]).alias("principal"),
        _money(part["totaldue"] - part["loanamount"]).alias("interest"),
        *_known(pl.col("approveddate")),
    )


def _payments(loans: pl.DataFrame) -> pl.DataFrame:
    """One payment on the day the loan was closed; before it, where money came on an earlier day, the first of its parts, or half of the only one."""
    twice = pl.col("firstrepaiddate").dt.date() < pl.col("closeddate").dt.date()
    first = pl.col("totaldue") // pl.max_horizontal(pl.col("parts"), 2)
    early = loans.filter(twice).select(
        "loan_id", _money(first).alias("amount"), pl.col("firstrepaiddate").alias("at"), pl.lit("-1").alias("mark")
    )
    rest = pl.when(twice).then(pl.col("totaldue") - first).otherwise(pl.col("totaldue"))
    last = loans.select(
        "loan_id", _money(rest).alias("amount"), pl.col("closeddate").alias("at"), pl.lit("-2").alias("mark")
    )
    return pl.concat([early, last]).select(
        (pl.col("loan_id") + pl.col("mark")).alias("payment_id"),
        "loan_id",
        pl.col("at").dt.date().alias("paid_on"),
        "amount",
        *_known(pl.col("at")),
    )
