"""What the log holds and a ledger has not got yet: rows by the loan they belong to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import polars as pl

from daihou.book import contracts
from daihou.book.ledger.stage import BY_BORROWER, staged_columns
from daihou.book.ledger.staged import COLUMNS
from daihou.runs.stream.kept import Kept
from daihou.runs.stream.paid import Paid

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa

LATER: Final = 2**40
"""The batch of rows that have none yet: they came after all that have one."""


@dataclass
class Overlay:
    """The rows of all tables of the ledger."""

    rows: dict[str, Kept] = field(
        default_factory=lambda: {table: Kept("borrower_id" if table == BY_BORROWER else "loan_id") for table in COLUMNS}
    )
    knotty: set[str] = field(default_factory=set)
    """Loans that came new or have rows which cannot be put in: they are built anew."""
    paid: Paid = field(default_factory=Paid)
    """The payments once more, ready to be put in."""

    def add(self, table: str, rows: pa.Table) -> list[str]:
        """Take rows of the lake's schema with `place`; whom each is about: a loan, or a borrower."""
        about = self.rows[table].add(rows)
        if table == "payments":
            self.paid.add(about, rows)
        elif table != BY_BORROWER:
            self.knotty.update(about)
        return about

    def staged(self, table: str, owners: Iterable[str]) -> pl.DataFrame | None:
        """The rows of a table about some loans, or borrowers, as the ledger stages them; None where there are none."""
        rows = self.rows[table].of(owners)
        if rows is None:
            return None
        return rows.with_columns(batch=pl.lit(LATER, pl.Int64), row=pl.col("place")).select(staged_columns(table))


def settled(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Staged rows of an event table as the lake will hold them: of two with one key and one date of knowledge the first stands."""
    declared = contracts.table(table)
    if declared.kind != "event":
        return rows
    keys = [name for name in dict.fromkeys(("loan_id", *declared.key, "known_on")) if name in rows.columns]
    return rows.sort("batch", "row").unique(keys, keep="first", maintain_order=True)
