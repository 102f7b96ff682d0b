"""What the watches within a day ask of the book, and the rows that they are given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import polars as pl

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Mapping

TABLES: Final = ("events", "payments", "transactions", "loans", "draws", "instalments", "changes", "accounts")
"""Tables of the log that the watches look at."""
TIMED: Final = ("events", "payments", "transactions", "loans", "draws")
"""Those of them whose rows have a moment, and are kept for a while."""
WHOSE: Final = {
    "subject_id": pl.String, "subject": pl.String, "borrower_id": pl.String, "org_id": pl.String, "officer_id": pl.String, "currency": pl.String,
    "balance": pl.Int64,
}  # fmt: skip
"""A row a subject that is known: whether it is a loan or a borrower, and whose; `balance` in minor units of the base currency."""
OWED: Final = {"loan_id": pl.String, "due_on": pl.Date, "amount": pl.Int64, "currency": pl.String}
"""A row a loan of which something is still to be paid: what fell or falls due on `due_on`, in minor units of `currency`."""
NOON: Final = 12
MICROSECONDS: Final = 1_000_000
DAY: Final = 86_400 * MICROSECONDS


class Facts(Protocol):
    """The book as it is known at this moment: with the rows of a batch before the watches are given them."""

    def whose(self, ids: Collection[str]) -> pl.DataFrame:
        """The columns of WHOSE, of those of some subjects that are known and judged here."""

    def holders(self, accounts: Collection[str]) -> Mapping[str, set[str]]:
        """By account who holds it."""

    def due(self, day: dt.date) -> Collection[str]:
        """The loans of which the last night knew that something falls due on a day and is not paid."""

    def owed(self, loans: Collection[str], day: dt.date) -> pl.DataFrame:
        """The columns of OWED: of some loans what fell or falls due by a day, the oldest first due date of it, and is not paid; nothing of those that owe nothing."""


def plain(table: str, rows: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Rows of a table in the lake's schema, with `place`, as the watches read them: moments in microseconds, dates in days, amounts in ten-thousandths.

    Of every table `owner`, `id`, `at`, `known` and `place`. Payments happen at noon of their day, since that is all that is known of their hour.
    """
    stamped = (pl.col("known_on").to_physical().alias("known"), pl.col("place").cast(pl.Int64))
    match table:
        case "events":
            return rows.select(
                pl.col("subject_id").alias("owner"), pl.col("event_id").alias("id"), _moment("happened_at"), "kind",
                _amount("amount").fill_null(0), *stamped,
            )  # fmt: skip
        case "payments":
            return rows.select(
                pl.col("loan_id").alias("owner"), pl.col("payment_id").alias("id"), _noon("paid_on", zone), pl.col("purpose").alias("kind"),
                pl.col("reverses").is_not_null().alias("reversal"), _amount("amount"), *stamped,
            )  # fmt: skip
        case "transactions":
            return rows.select(
                pl.col("account_id").alias("owner"), pl.col("txn_id").alias("id"), _moment("booked_at"), pl.col("counterparty_kind").alias("kind"),
                pl.col("memo_flags").fill_null("").alias("flags"), pl.col("counterparty_token").alias("token"), "loan_id", _amount("amount"),
                *stamped,
            )  # fmt: skip
        case "loans":
            return rows.select(
                pl.col("loan_id").alias("owner"), pl.col("loan_id").alias("id"), _noon("disbursed_on", zone), "borrower_id",
                pl.col("disbursed_on").to_physical().alias("day"), _amount("principal").alias("amount"), *stamped,
            )  # fmt: skip
        case "draws":
            return rows.select(
                pl.col("loan_id").alias("owner"), pl.format("{} {}", "loan_id", "drawn_on").alias("id"), _noon("drawn_on", zone),
                pl.col("drawn_on").to_physical().alias("day"), _amount("amount"), *stamped,
            )  # fmt: skip
        case _:
            owner = "borrower_id" if table == "accounts" else "loan_id"
            return rows.select(pl.col(owner).alias("owner"))


def _moment(name: str) -> pl.Expr:
    return pl.col(name).dt.timestamp("us").alias("at")


def _noon(name: str, zone: str) -> pl.Expr:
    noon = pl.col(name).cast(pl.Datetime("us")).dt.offset_by(f"{NOON}h").dt.replace_time_zone(zone)
    return noon.dt.timestamp("us").alias("at")


def _amount(name: str) -> pl.Expr:
    return pl.col(name).to_physical().cast(pl.Int64).alias("amount")
