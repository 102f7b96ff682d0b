"""Rows of the families of borrowers that came since the lake was read, found by whom they are about."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

ABOUT: Final = {
    "borrowers": "borrower_id", "accounts": "borrower_id", "transactions": "account_id", "events": "subject_id", "contacts": "subject_id",
    "promises": "subject_id", "decisions": "subject_id", "loans": "loan_id", "macro": "series",
}  # fmt: skip
"""By table the column that says whom a row is about."""


@dataclass
class _Kept:
    """Rows of one table in the order in which they came."""

    about: str
    frames: list[pl.DataFrame] = field(default_factory=list)
    of: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    count: int = 0

    def add(self, rows: pl.DataFrame) -> None:
        for number, whom in enumerate(rows[self.about].to_list(), self.count):
            self.of[whom].append(number)
        self.frames.append(rows)
        self.count += rows.height

    def whole(self) -> pl.DataFrame:
        if len(self.frames) > 1:
            self.frames = [pl.concat(self.frames)]
        return self.frames[0]


@dataclass
class Beside:
    """The rows of all these tables."""

    holders: Callable[[Collection[str]], Mapping[str, set[str]]]
    """By account who holds it, or ever held it, by what the lake says."""
    _tables: dict[str, _Kept] = field(default_factory=dict)
    _accounts: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """By borrower the accounts with rows that came since."""
    _held: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """By account who holds it, by rows that came since."""

    def add(self, table: str, rows: pl.DataFrame) -> None:
        """Take rows of the lake's schema with `place`."""
        if table not in self._tables:
            self._tables[table] = _Kept(ABOUT[table])
        self._tables[table].add(rows)
        if table == "accounts":
            for account, borrower in rows.select("account_id", "borrower_id").iter_rows():
                self._held[account].add(borrower)
                self._accounts[borrower].add(account)
        elif table == "transactions":
            for account, people in self.owners(rows["account_id"].unique().to_list()).items():
                for borrower in people:
                    self._accounts[borrower].add(account)

    def of(self, ids: pl.Series) -> dict[str, pl.DataFrame]:
        """By table the rows about some borrowers or loans, and the first row of all: that anything of the kind is known says something of everybody."""
        wanted = ids.to_list()
        accounts = {account for one in wanted for account in self._accounts.get(one, ())}
        found = {}
        for table, kept in self._tables.items():
            about = accounts if kept.about == "account_id" else wanted
            rows = sorted({row for one in about for row in kept.of.get(one, ())} | {0})
            found[table] = kept.whole()[rows].drop("place")
        return found

    def owners(self, accounts: Collection[str]) -> dict[str, set[str]]:
        """By account who holds it, or ever held it."""
        known = self.holders(accounts)
        return {one: known.get(one, set()) | self._held.get(one, set()) for one in accounts}

    def without(self, places: Collection[int]) -> None:
        """Forget rows by their place in the log."""
        for table, kept in list(self._tables.items()):
            rows = kept.whole().filter(~pl.col("place").is_in(list(places)))
            del self._tables[table]
            if rows.height:
                self.add(table, rows)
