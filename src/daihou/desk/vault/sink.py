"""Where intake puts the rows of the table people: into the vault, each as a person or a company by what the lake says of the borrower."""

from __future__ import annotations

from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

import polars as pl

from daihou.book import lake
from daihou.book.intake import Kept
from daihou.desk.vault import people
from daihou.desk.vault.models import Kind, Person
from daihou.vault.person import from_row

if TYPE_CHECKING:
    from daihou.book.home import Home


class PeopleSink:
    """Seals people as they come; a borrower whom the lake does not know yet is taken for a person, whose name is masked."""

    def __init__(self, home: Home) -> None:
        self._home = home

    @cached_property
    def _kinds(self) -> pl.DataFrame:
        return kinds(self._home)

    def put(self, rows: pl.DataFrame) -> Kept:
        """Seal rows of the table people."""
        known = rows.join(self._kinds, on="borrower_id", how="left", maintain_order="left").with_columns(
            pl.col("kind").fill_null(Kind.PERSON.value)
        )
        taken = people.put(
            (row["borrower_id"], row["kind"], from_row(row), row["known_on"]) for row in known.iter_rows(named=True)
        )
        return Kept(taken.new + taken.changed, taken.unchanged, frozenset(taken.refused))


def kinds(home: Home) -> pl.DataFrame:
    """What each borrower is, by the version known last: borrower_id, kind."""
    paths = lake.files(home, "borrowers")
    if not paths:
        return pl.DataFrame(schema={"borrower_id": pl.String, "kind": pl.String})
    versions = pl.scan_parquet(paths).select("borrower_id", "kind", "effective_on", "known_on", "batch", "row")
    newest = versions.sort("effective_on", "known_on", "batch", "row").unique(
        "borrower_id", keep="last", maintain_order=True
    )
    return newest.select("borrower_id", "kind").collect()


def relearn_kinds(home: Home) -> int:
    """Correct who is a person and who a company, after borrowers were delivered; how many were wrong."""
    stood = pl.DataFrame(
        list(Person.objects.values_list("borrower_id", "kind")),
        schema={"borrower_id": pl.String, "stood": pl.String},
        orient="row",
    )
    wrong = stood.join(kinds(home), on="borrower_id").filter(pl.col("kind") != pl.col("stood")).sort("kind")
    for kind, rows in groupby(wrong.iter_rows(named=True), key=lambda row: row["kind"]):
        people.set_kind(kind, [row["borrower_id"] for row in rows])
    return wrong.height
