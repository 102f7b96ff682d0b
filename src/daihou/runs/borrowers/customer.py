"""The family customer: the row of each borrower in force on a date, as known on another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from daihou.book import lake
from daihou.runs.borrowers.versions import Versions, versions

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from daihou.book.home import Home

TABLE: Final = "borrowers"
CODES: Final = ("borrower_kind", "industry", "size")


@dataclass(frozen=True, slots=True)
class Customer:
    """All versions of all borrowers."""

    held: Versions

    def on(self, as_of: dt.date, known_on: dt.date) -> pl.DataFrame:
        """`borrower_id` and the columns of the family, one row a borrower known; codes are categories."""
        return self.held.in_force(as_of, known_on)


def read(home: Home, lake_versions: Mapping[str, int]) -> Customer | None:
    """The borrowers of a home at the lake's versions; None where none was ever sent."""
    files = lake.files_as_of(home, TABLE, lake_versions)
    if not files:
        return None
    rows = (
        pl.scan_parquet(files)
        .select(
            "borrower_id", pl.col("kind").alias("borrower_kind"), "industry", "size", "group_id",
            "effective_on", "known_on", "batch", "row",
        )
        .with_columns(pl.col(CODES).cast(pl.Categorical))
        .collect()
    )  # fmt: skip
    return Customer(versions(rows, "borrower_id"))
