"""The book in hand of the stream, as the watches within a day ask it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from daihou.monitoring.snapshot import fields
from daihou.runs import store
from daihou.runs.stream.between.facts import OWED, WHOSE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from daihou.book.home import Home
    from daihou.runs.stream.hot import Hot

OLDEST_RUN: Final = 7
"""Days: of a run older than that nobody says what falls due today."""
LOAN: Final = ("loan_id", "borrower_id", "org_id", "officer_id", "currency", "principal_outstanding_base")
PLAN: Final = ("loan_id", "currency", "oldest_unpaid_due_on", "overdue_amount", "next_due_on", "next_due_amount")


@dataclass
class BookFacts:
    """Facts of a home by its book in hand; `mine` are those of some borrowers that are judged here."""

    home: Home
    hot: Callable[[], Hot]
    """The book as it is now: it is opened anew when there is another ledger."""
    mine: Callable[[Collection[str]], set[str]] = set

    def whose(self, ids: Collection[str]) -> pl.DataFrame:
        """Of an id that is a borrower's and a loan's, the borrower."""
        hot = self.hot()
        people = {one for one in ids if hot.knows(one)}
        rows = hot.loans([one for one in ids if one not in people], fields(LOAN)).select(
            pl.col(LOAN[:-1]).cast(pl.String), pl.col(LOAN[-1]).alias("balance")
        )
        of_loans = rows.rename({"loan_id": "subject_id"}).with_columns(subject=pl.lit("loan"))
        found = pl.concat([of_loans.select(list(WHOSE)), self._people(people)])
        mine = self.mine(found["borrower_id"].drop_nulls().to_list())
        return found.filter(pl.col("borrower_id").is_in(list(mine)))

    def holders(self, accounts: Collection[str]) -> Mapping[str, set[str]]:
        """By account who holds it, or ever held it."""
        return self.hot().since.owners(accounts)

    def due(self, day: dt.date) -> Collection[str]:
        """By the newest run before the day."""
        runs = [a for a, k in store.pairs(self.home) if a == k and day - dt.timedelta(days=OLDEST_RUN) <= a < day]
        files = store.files(self.home, "snapshots", max(runs), max(runs)) if runs else []
        if not files:
            return ()
        falls = pl.col("next_due_on").is_between(max(runs), day) & (pl.col("next_due_amount") > 0)
        found = (
            pl.scan_parquet(files, hive_partitioning=False)
            .filter(falls)
            .select(pl.col("loan_id").cast(pl.String))
            .collect()
        )
        return found["loan_id"].to_list()

    def owed(self, loans: Collection[str], day: dt.date) -> pl.DataFrame:
        """What is overdue since the day or before; on the day itself what falls due on it."""
        hot = self.hot()
        if (few := hot.lately(loans)) is not None:
            return pl.DataFrame([row for one in few if (row := _owed(one, day, hot.as_of))], OWED, orient="row")
        rows = hot.loans(loans, fields(PLAN))
        overdue = (pl.col("oldest_unpaid_due_on") <= day) & (pl.col("overdue_amount") > 0) & pl.lit(day < hot.as_of)
        falls = (pl.col("next_due_on") == day) & (pl.col("next_due_amount") > 0)
        found = rows.select(
            pl.col("loan_id").cast(pl.String),
            pl.when(overdue).then("oldest_unpaid_due_on").when(falls).then("next_due_on").alias("due_on"),
            pl.when(overdue).then("overdue_amount").when(falls).then("next_due_amount").alias("amount"),
            pl.col("currency").cast(pl.String),
        )
        return found.filter(pl.col("amount").is_not_null()).cast(pl.Schema(OWED))

    def _people(self, people: Collection[str]) -> pl.DataFrame:
        """Borrowers with the org and the officer of their largest loan, in the base currency."""
        if not people:
            return pl.DataFrame(schema=WHOSE)
        rows = (
            self.hot().rows(people).loans.select(pl.col(LOAN[:-1]).cast(pl.String), pl.col(LOAN[-1]).alias("balance"))
        )
        largest = rows.sort(pl.col("balance").fill_null(-1), "loan_id", descending=[True, False])
        found = largest.group_by("borrower_id", maintain_order=True).agg(
            pl.col("org_id", "officer_id").first(), pl.col("balance").sum()
        )
        return (
            found.with_columns(
                subject_id=pl.col("borrower_id"),
                subject=pl.lit("borrower"),
                currency=pl.lit(self.home.settings.base_currency),
            )
            .select(list(WHOSE))
            .cast(pl.Schema(WHOSE))
        )


def _owed(row: Mapping[str, Any], day: dt.date, as_of: dt.date) -> tuple[Any, ...] | None:
    """What `BookFacts.owed` says of one loan by its row."""
    since, overdue = row["oldest_unpaid_due_on"], row["overdue_amount"]
    if day < as_of and since is not None and since <= day and (overdue or 0) > 0:
        return row["loan_id"], since, overdue, row["currency"]
    if row["next_due_on"] == day and (row["next_due_amount"] or 0) > 0:
        return row["loan_id"], day, row["next_due_amount"], row["currency"]
    return None
