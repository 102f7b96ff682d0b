"""The family customer: the row of each borrower in force on a date, as known on another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from daihou.book import lake
from daihou.runs.borrowers.places import Places
from daihou.runs.borrowers.since import distinct, later
from daihou.runs.borrowers.versions import Versions, versions

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from daihou.book.home import Home

TABLE: Final = "borrowers"
KEY: Final = "borrower_id"
CODES: Final = ("borrower_kind", "industry", "size")
COLUMNS: Final = (
    pl.col(KEY), pl.col("kind").cast(pl.Categorical).alias("borrower_kind"), pl.col("industry", "size").cast(pl.Categorical), pl.col("group_id"),
    pl.col("effective_on", "known_on", "batch", "row"),
)  # fmt: skip
"""What is kept of a row; codes are categories."""


@dataclass(frozen=True, slots=True)
class Customer:
    """All versions of all borrowers, or of some."""

    held: Versions

    def among(self, ids: pl.Series, since: Mapping[str, pl.DataFrame] | None = None) -> Customer:
        """The same of some borrowers, with rows that came since."""
        ids, came = distinct(ids), (since or {}).get(TABLE)
        if came is not None:
            came = came[Places(ids).rows_of(came[KEY])[0]]
        if came is None or came.is_empty():
            return Customer(self.held.among(ids))
        return Customer(self.held.among(ids, later(came).select(COLUMNS)))

    def on(self, as_of: dt.date, known_on: dt.date) -> pl.DataFrame:
        """`borrower_id` and the columns of the family, one row a borrower known; codes are categories."""
        return self.held.in_force(as_of, known_on)


def read(home: Home, lake_versions: Mapping[str, int]) -> Customer | None:
    """The borrowers of a home at the lake's versions; None where none was ever sent."""
    return begun(home, lake_versions) if lake.files_as_of(home, TABLE, lake_versions) else None


def begun(home: Home, lake_versions: Mapping[str, int]) -> Customer:
    """The same also where none was ever sent: nobody, to put among them who comes."""
    files = lake.files_as_of(home, TABLE, lake_versions)
    rows = pl.scan_parquet(files) if files else pl.LazyFrame(lake.schema(TABLE).empty_table())
    return Customer(versions(rows.select(COLUMNS).collect(), KEY))
