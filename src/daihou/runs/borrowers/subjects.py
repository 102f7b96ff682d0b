"""Whom facts concern whose subject is a borrower or a loan.

That of a loan counts for who owes it on the date asked, as known then. Where an id is both a borrower's and a loan's, it is the borrower's.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from daihou.book import lake
from daihou.book.days import day_of
from daihou.book.ledger.layout import FOREVER
from daihou.runs.borrowers.owing import LOANS
from daihou.runs.borrowers.places import Places
from daihou.runs.borrowers.spans import spans, starts
from daihou.runs.borrowers.versions import Versions, versions

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    import numpy.typing as npt

    from daihou.book.home import Home
    from daihou.runs.borrowers.owing import Owing

    Whole = np.ndarray[Any, np.dtype[np.int32]]
    Ragged = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]

NOBODY: Final = -1


@dataclass(frozen=True)
class Subjects:
    """Subjects of facts, and who ever owed those of them that are loans."""

    ids: pl.Series
    """Subjects, and who owes them; facts name both by their place here."""
    loans: Versions
    """Of the subjects that are loans: `subject` and `who` owes it, both places in `ids`, version by version."""
    named: Whole
    """The place of each of these loans in `ids`."""
    named_on: Whole
    """The day from which a borrower was known by its id too; FOREVER: never."""
    owing: Owing
    """Who owes any loan, for facts that come."""
    asked: int | None = None
    """So many of the ids, the first, are told of; None: all."""

    @cached_property
    def places(self) -> Places:
        """Places of ids."""
        return Places(self.ids)

    def ready(self) -> None:
        """Read and build what finds some borrowers."""
        _ = self.places
        self.owing.ready()

    def starting(self, rows: pl.DataFrame) -> Ragged:
        """Where the rows of each subject start in the second array, which holds their places in order of subject."""
        subject = rows["subject"].to_numpy()
        return starts(np.bincount(subject, minlength=len(self.ids))), np.argsort(subject, kind="stable")

    def about(self, rows: pl.DataFrame, starting: Ragged, subjects: pl.Series) -> pl.DataFrame:
        """The rows about some subjects in their order, each by its place among these; `starting` of all rows."""
        at, places = self.places.rows_of(subjects)
        start, order = starting
        which, found = spans(start, places)
        if not len(found):
            return rows.clear()
        those = order[found]
        in_order = np.argsort(those)
        return rows[those[in_order]].with_columns(subject=pl.Series(at[which][in_order], dtype=pl.Int32))

    def among(self, subjects: pl.Series, asked: int, there: Whole, came: Mapping[str, pl.DataFrame]) -> Subjects:
        """Some subjects, the first `asked` of them the borrowers that are told of, with rows of loans and borrowers that came since.

        `there` are the places of those with facts: of the others nobody asks who owes them. A loan that another owes concerns nobody.
        """
        if not len(there):
            nobody = np.zeros(0, np.int32)
            none = versions(self.loans.rows.clear(), "subject", "disbursed_on")
            return Subjects(subjects, none, nobody, nobody, self.owing, asked)
        of = subjects[there]
        found = self.owing.versions_of(of, came.get("loans"))
        at = Places(of).rows_of(found["loan_id"])[1]
        who = np.full(found.height, NOBODY, np.int32)
        which, whose = Places(subjects[:asked]).rows_of(found["borrower_id"])
        who[which] = whose
        kept = [found.get_column(name) for name in found.columns if name not in ("loan_id", "borrower_id")]
        held = pl.DataFrame([pl.Series("subject", there[at], pl.Int32), pl.Series("who", who, pl.Int32), *kept])
        loans = np.unique(at)
        named_on = self.owing.named_on(of[loans], came)
        arranged = versions(held, "subject", "disbursed_on")
        return Subjects(subjects, arranged, there[loans].astype(np.int32), named_on, self.owing, asked)

    def whom(self, as_of: dt.date, known_on: dt.date) -> Whole:
        """By place of a subject that of the borrower it concerns; NOBODY for a loan that is not known yet."""
        found = np.arange(len(self.ids), dtype=np.int32)
        if not len(self.named):
            return found
        found[self.named[self.named_on > day_of(known_on)]] = NOBODY
        owed = self.loans.in_force(as_of, known_on)
        subject, who = owed["subject"].to_numpy(), owed["who"].to_numpy()
        still = found[subject] == NOBODY
        found[subject[still]] = who[still]
        return found


def read(home: Home, lake_versions: Mapping[str, int], named: pl.Series, owing: Owing) -> Subjects:
    """The subjects that facts name, at the lake's versions of loans and borrowers."""
    named = named.unique()
    loans = _naming(home, lake_versions, "loans", "loan_id", named).select(LOANS).collect(engine="streaming")
    ids = pl.concat([named, loans["borrower_id"]]).unique(maintain_order=True)
    places = pl.DataFrame({"id": ids}).with_row_index("at").with_columns(pl.col("at").cast(pl.Int32))
    loans = loans.join(places, left_on="loan_id", right_on="id").rename({"at": "subject"})
    loans = loans.join(places, left_on="borrower_id", right_on="id").rename({"at": "who"})
    known = _named_on(home, lake_versions, loans.select("subject", "loan_id").unique())
    return Subjects(
        ids,
        versions(loans.drop("loan_id", "borrower_id"), "subject", "disbursed_on"),
        known["subject"].to_numpy(),
        known["named_on"].to_physical().fill_null(FOREVER).to_numpy(),
        owing,
    )


def _named_on(home: Home, lake_versions: Mapping[str, int], loans: pl.DataFrame) -> pl.DataFrame:
    """When a borrower was first known by the id of each loan; empty if never."""
    if loans.is_empty():
        return loans.select("subject", named_on=pl.lit(None, pl.Date))
    named = (_naming(home, lake_versions, table, "borrower_id", loans["loan_id"]) for table in ("loans", "borrowers"))
    rows = pl.concat([rows.select("borrower_id", "known_on") for rows in named])
    first = rows.group_by("borrower_id").agg(named_on=pl.col("known_on").min()).collect(engine="streaming")
    return loans.join(first, left_on="loan_id", right_on="borrower_id", how="left").select("subject", "named_on")


def _naming(home: Home, lake_versions: Mapping[str, int], table: str, column: str, ids: pl.Series) -> pl.LazyFrame:
    """The rows of a table that name one of the ids in a column."""
    files = lake.files_as_of(home, table, lake_versions)
    rows = pl.scan_parquet(files) if files else pl.LazyFrame(lake.schema(table).empty_table())
    return rows.join(pl.LazyFrame({column: ids}), on=column, how="semi")
