"""Rows of the families of borrowers that came since the lake was read, found by whom they are about."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from daihou.runs.stream.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    import polars as pl
    import pyarrow as pa

ABOUT: Final = {
    "borrowers": "borrower_id", "accounts": "account_id", "transactions": "account_id", "events": "subject_id", "contacts": "subject_id",
    "promises": "subject_id", "decisions": "subject_id", "findings": "subject_id", "bureau_reports": "borrower_id",
    "bureau_lines": "report_id", "loans": "loan_id", "macro": "series",
}  # fmt: skip
"""By table the column that says whom a row is about. A row of an account is about all who hold it or ever held it, not the one alone whom it names;
one of a report is about the one borrower of that report."""


@dataclass
class Beside:
    """The rows of all these tables."""

    holders: Callable[[Collection[str]], Mapping[str, set[str]]]
    """By account who holds it, or ever held it, by what the lake says."""
    reported: Callable[[Collection[str]], Mapping[str, str]]
    """By credit report whom it is about, by what the lake says."""
    _tables: dict[str, Kept] = field(default_factory=dict)
    _accounts: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """By borrower the accounts with rows that came since, of their own or of their transactions."""
    _held: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """By account who holds it, by rows that came since."""

    _reports: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """By borrower the reports with rows that came since, of their own or of their lines."""
    _whom: dict[str, str] = field(default_factory=dict)
    """By report whom it is about, by rows that came since."""

    def add(self, table: str, rows: pa.Table) -> None:
        """Take rows of the lake's schema with `place`."""
        if table not in self._tables:
            self._tables[table] = Kept(ABOUT[table])
        about = self._tables[table].add(rows)
        if table == "accounts":
            for account, borrower in zip(about, rows.column("borrower_id").to_pylist(), strict=True):
                self._held[account].add(borrower)
        if table == "bureau_reports":
            for report, borrower in zip(rows.column("report_id").to_pylist(), about, strict=True):
                self._whom[report] = borrower
                self._reports[borrower].add(report)
        if ABOUT[table] == "report_id":
            for report, borrower in self.whom(set(about)).items():
                self._reports[borrower].add(report)
        if ABOUT[table] == "account_id":
            for account, people in self.owners(set(about)).items():
                for borrower in people:
                    self._accounts[borrower].add(account)

    def of(self, ids: Collection[str]) -> dict[str, pl.DataFrame]:
        """By table the rows about some borrowers or loans, and the first row of all: that anything of the kind is known says something of everybody."""
        accounts = {account for one in ids for account in self._accounts.get(one, ())}
        reports = {report for one in ids for report in self._reports.get(one, ())}
        found = {}
        for table, kept in self._tables.items():
            about = {"account_id": accounts, "report_id": reports}.get(kept.about, ids)
            rows = kept.of(about, and_first=True)
            if rows is not None:
                found[table] = rows.drop("place")
        return found

    def owners(self, accounts: Collection[str]) -> dict[str, set[str]]:
        """By account who holds it, or ever held it."""
        known = self.holders(accounts)
        return {one: known.get(one, set()) | self._held.get(one, set()) for one in accounts}

    def whom(self, reports: Collection[str]) -> dict[str, str]:
        """By credit report whom it is about; nothing of one that is not known yet."""
        return {**self.reported(reports), **{one: self._whom[one] for one in reports if one in self._whom}}
