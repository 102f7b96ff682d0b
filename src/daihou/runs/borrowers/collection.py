"""The family collection: what people did about borrowers and what these promised, for any pair of dates.

The facts are contacts, promises and decisions, as the desk or another system of the lender sends them. Their subject is a borrower. A later row of the same
subject, kind and moment takes the place of the one known before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from daihou.book import lake
from daihou.book.days import add_months, date_of, day_of
from daihou.book.ledger import beliefs
from daihou.monitoring.collection import family as of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from daihou.book.home import Home

TABLES: Final = ("contacts", "promises", "decisions")
KEY: Final = "borrower_id"
COUNTS: Final = ("contacts_30d", "conversations_30d", "promises_6m", "promises_kept_6m", "promises_broken_6m")
"""0, not empty, where a borrower has none and others have."""
DEBTOR: Final = "debtor"
"""With whom a contact was, where it does not say."""


@dataclass(frozen=True, slots=True)
class Collected:
    """All versions of all contacts, promises and decisions: `subject_id`, `kind`, `at`, `day`, `known_on`, `until`; days as counts, in order of `at`."""

    contacts: pl.DataFrame
    """Beside these `spoke`: whether somebody spoke to the debtor."""
    promises: pl.DataFrame
    """Beside these `promise`: what names it."""
    decisions: pl.DataFrame
    """Beside these `matter`: what names the circumstance it is about; empty where nothing does."""
    first_known_on: dt.date

    def begun(self, known_on: dt.date) -> bool:
        """Whether anything of the kind was known by then: before, no count says anything."""
        return self.first_known_on <= known_on

    def on(self, as_of: dt.date, known_on: dt.date) -> pl.DataFrame:
        """`borrower_id` and the columns of the family, one row a borrower of whom anything is known up to the date."""
        day, known = day_of(as_of), day_of(known_on)
        found = [
            _of_contacts(_seen(self.contacts, day, known), day),
            _of_promises(_seen(self.promises, day, known), as_of),
            _of_decisions(_seen(self.decisions, day, known)),
        ]
        told = pl.concat(found, how="align_full")
        flags = [pl.col(name).fill_null(value=False) for name in of.OPEN]
        return told.with_columns(pl.col(COUNTS).fill_null(0), *flags).rename({"subject_id": KEY})


def read(home: Home, lake_versions: Mapping[str, int]) -> Collected | None:
    """What a home knows at the lake's versions; None where nothing of the kind was ever sent."""
    read = {table: _rows(home, table, lake_versions) for table in TABLES}
    known = [rows["known_on"].min() for rows in read.values() if rows.height]
    if not known:
        return None
    party = pl.col("value").str.extract(r'"party": ?"(\w+)"').fill_null(DEBTOR)
    spoke = pl.col("kind").str.ends_with(f"_{of.CONVERSATION}") & (party == DEBTOR)
    number = pl.col("value").str.extract(r'"promise": ?(\d+)')
    contacts = read["contacts"].with_columns(spoke.alias("spoke")).drop("value")
    promises = read["promises"].with_columns(number.fill_null(pl.col("at").cast(pl.String)).alias("promise"))
    first: int = min(known)  # type: ignore[type-var,assignment]  # columns of whole numbers
    matter = pl.col("value").str.extract(r'"circumstance": ?(\d+)').fill_null("")
    decisions = read["decisions"].with_columns(matter.alias("matter")).drop("value")
    return Collected(contacts, promises.drop("value"), decisions, date_of(first))


def _rows(home: Home, table: str, lake_versions: Mapping[str, int]) -> pl.DataFrame:
    """The rows of a table in order of their moment, with until when each counts."""
    files = lake.files_as_of(home, table, lake_versions)
    rows = pl.scan_parquet(files) if files else pl.LazyFrame(lake.schema(table).empty_table())
    at = pl.col("happened_at").dt.convert_time_zone(home.settings.timezone)
    found = rows.select(
        "subject_id", pl.col("kind").cast(pl.String), pl.col("value").cast(pl.String).fill_null(""), at.to_physical().alias("at"),
        at.dt.date().to_physical().alias("day"), pl.col("known_on").to_physical(), "batch", "row",
        ix=pl.lit(0, pl.Int32), key=pl.concat_str("subject_id", pl.col("kind").cast(pl.String), at.to_physical(), separator="\0"),
    ).collect()  # fmt: skip
    settled = beliefs.events(found, "key", ["subject_id", "kind", "value", "at", "day"])
    return settled.select("subject_id", "kind", "value", "at", "day", "known_on", "until").sort(
        "at", maintain_order=True
    )


def _seen(rows: pl.DataFrame, day: int, known: int) -> pl.DataFrame:
    """What happened up to a day, by the version known on another."""
    return rows.filter(pl.col("day") <= day, pl.col("known_on") <= known, pl.col("until") > known)


def _of_contacts(seen: pl.DataFrame, day: int) -> pl.DataFrame:
    lately = pl.col("day") > day - of.CONTACTS_DAYS
    return seen.group_by("subject_id").agg(
        lately.sum().cast(pl.Int32).alias("contacts_30d"),
        (lately & pl.col("spoke")).sum().cast(pl.Int32).alias("conversations_30d"),
        (day - pl.col("day").filter("spoke").max()).cast(pl.Int32).alias("days_since_conversation"),
    )


def _of_promises(seen: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """Each promise by its last word; rows are in order of their moment."""
    day, since = day_of(as_of), day_of(add_months(as_of, -of.PROMISES_MONTHS))
    one = seen.group_by("subject_id", "promise").agg(
        pl.col("day").filter(pl.col("kind") == of.MADE).first().alias("made"),
        pl.col("kind").last().alias("word"),
        pl.col("day").last().alias("said"),
    )
    broken = pl.col("word") == of.BROKEN
    lately = pl.col("said") > since
    made = (pl.col("made") > since) & (pl.col("word") != of.WITHDRAWN)
    return one.group_by("subject_id").agg(
        made.fill_null(value=False).sum().cast(pl.Int32).alias("promises_6m"),
        (pl.col("word").is_in(list(of.KEPT)) & lately).sum().cast(pl.Int32).alias("promises_kept_6m"),
        (broken & lately).sum().cast(pl.Int32).alias("promises_broken_6m"),
        (day - pl.col("said").filter(broken).max()).cast(pl.Int32).alias("days_since_broken_promise"),
    )


def _of_decisions(seen: pl.DataFrame) -> pl.DataFrame:
    """Whether something holds still: of two disputes, one that was settled leaves the other."""
    flags = []
    for name, kind in of.OPEN.items():
        word = pl.col("kind").filter(pl.col("kind").is_in([kind, kind + of.LIFTED])).last()
        flags.append((word == kind).fill_null(value=False).alias(name))
    each = seen.group_by("subject_id", "matter").agg(flags)
    return each.group_by("subject_id").agg(pl.col(name).any() for name in of.OPEN)
