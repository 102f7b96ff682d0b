"""Who owes any loan of a home: an index over all versions of all loans, read when it is first asked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from daihou.book import lake
from daihou.book.ledger.layout import FOREVER
from daihou.runs.borrowers.places import Places
from daihou.runs.borrowers.since import later

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from daihou.book.home import Home

LOANS: Final = ("loan_id", "borrower_id", "disbursed_on", "effective_on", "known_on", "batch", "row")
PEOPLE: Final = ("borrower_id", "known_on")


@dataclass(frozen=True)
class Owing:
    """The loans and the borrowers of a home at some versions of the lake."""

    home: Home
    lake_versions: Mapping[str, int]

    @cached_property
    def loans(self) -> pl.DataFrame:
        """All versions of all loans."""
        return self._read("loans", LOANS)

    @cached_property
    def people(self) -> pl.DataFrame:
        """When each row of borrowers was known."""
        return self._read("borrowers", PEOPLE)

    def ready(self) -> None:
        """Read it and build its indexes."""
        _ = self._by_loan, self._by_borrower, self._by_person, self._both

    @cached_property
    def _by_loan(self) -> Places:
        return Places(self.loans["loan_id"])

    @cached_property
    def _by_borrower(self) -> Places:
        return Places(self.loans["borrower_id"])

    @cached_property
    def _by_person(self) -> Places:
        return Places(self.people["borrower_id"])

    def _read(self, table: str, names: tuple[str, ...]) -> pl.DataFrame:
        files = lake.files_as_of(self.home, table, self.lake_versions)
        rows = pl.scan_parquet(files) if files else pl.LazyFrame(lake.schema(table).empty_table())
        return rows.select(names).collect()

    @cached_property
    def _both(self) -> Places:
        """Ids that are both a loan's and a borrower's: mostly none."""
        people = pl.concat([self.loans["borrower_id"], self.people["borrower_id"]])
        loans = self.loans.select(id="loan_id").unique()
        return Places(loans.join(people.to_frame("id"), on="id", how="semi")["id"])

    def loans_of(self, people: pl.Series, came: pl.DataFrame | None) -> pl.Series:
        """The loans that some borrowers ever owed, with rows of loans that came since."""
        found = self.loans["loan_id"][self._by_borrower.rows_of(people)[1]]
        if came is None:
            return found
        return pl.concat([found, came["loan_id"][Places(people).rows_of(came["borrower_id"])[0]]])

    def versions_of(self, loans: pl.Series, came: pl.DataFrame | None) -> pl.DataFrame:
        """All versions of some loans."""
        found = self.loans[self._by_loan.rows_of(loans)[1]]
        if came is None:
            return found
        return pl.concat([found, later(came[Places(loans).rows_of(came["loan_id"])[0]]).select(LOANS)])

    def named_on(self, ids: pl.Series, came: Mapping[str, pl.DataFrame]) -> npt.NDArray[np.int32]:
        """The day from which a borrower was known by each of some ids too, with rows of loans and borrowers that came since; FOREVER: never."""
        found = np.full(len(ids), FOREVER, np.int32)
        which = self._both.rows_of(ids)[0]
        if "loans" in came:
            which = np.concatenate([which, Places(ids).rows_of(came["loans"]["loan_id"])[1]])
        asked = np.unique(which)
        for rows, places in ((self.loans, self._by_borrower), (self.people, self._by_person)):
            at, row = places.rows_of(ids[asked])
            np.minimum.at(found, asked[at], rows["known_on"][row].to_physical().to_numpy())
        for table in came.keys() & {"loans", "borrowers"}:
            row, which = Places(ids).rows_of(came[table]["borrower_id"])
            np.minimum.at(found, which, came[table]["known_on"][row].to_physical().to_numpy())
        return found
