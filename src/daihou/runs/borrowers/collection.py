"""The family collection: what people did about borrowers and what these promised, for any pair of dates.

The facts are contacts, promises and decisions, as the desk or another system of the lender sends them. Their subject is a borrower. A later row of the same
subject, kind and moment takes the place of the one known before.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from daihou.book import lake
from daihou.book.days import add_months, date_of, day_of
from daihou.book.ledger import beliefs
from daihou.book.ledger.layout import FOREVER
from daihou.monitoring.collection import family as of
from daihou.runs import few
from daihou.runs.borrowers.places import Places
from daihou.runs.borrowers.since import NEVER, believed, distinct, first_known, later, those

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Collection, Mapping

    from daihou.book.home import Home

TABLES: Final = ("contacts", "promises", "decisions")
KEY: Final = "borrower_id"
MEASURES: Final = {
    "contacts": frozenset({"contacts_30d", "conversations_30d", "days_since_conversation"}),
    "promises": frozenset({"promises_6m", "promises_kept_6m", "promises_broken_6m", "days_since_broken_promise"}),
    "decisions": frozenset(of.OPEN),
}
"""What is told from each table."""
SCHEMA: Final[dict[str, Any]] = {
    "subject_id": pl.String, "contacts_30d": pl.Int32, "conversations_30d": pl.Int32, "days_since_conversation": pl.Int32,
    "promises_6m": pl.Int32, "promises_kept_6m": pl.Int32, "promises_broken_6m": pl.Int32, "days_since_broken_promise": pl.Int32,
    **dict.fromkeys(of.OPEN, pl.Boolean),
}  # fmt: skip
COUNTS: Final = ("contacts_30d", "conversations_30d", "promises_6m", "promises_kept_6m", "promises_broken_6m")
"""0, not empty, where a borrower has none and others have."""
DEBTOR: Final = "debtor"
"""With whom a contact was, where it does not say."""


@dataclass(frozen=True)
class Collected:
    """All versions of all contacts, promises and decisions, or of those of some borrowers: `subject_id`, `kind`, `at`, `day`, `known_on`, `until`; days as counts.

    In order of `at`, and of one moment in the order in which they came.
    """

    contacts: pl.DataFrame
    """Beside these `spoke`: whether somebody spoke to the debtor."""
    promises: pl.DataFrame
    """Beside these `promise`: what names it."""
    decisions: pl.DataFrame
    """Beside these `matter`: what names the circumstance it is about; empty where nothing does."""
    first_known_on: dt.date
    timezone: str

    def begun(self, known_on: dt.date) -> bool:
        """Whether anything of the kind was known by then: before, no count says anything."""
        return self.first_known_on <= known_on

    @cached_property
    def places(self) -> dict[str, Places]:
        """By table its rows by subject."""
        return {table: Places(getattr(self, table)["subject_id"]) for table in TABLES}

    def among(self, ids: pl.Series, since: Mapping[str, pl.DataFrame] | None = None) -> Collected:
        """The same of some borrowers, with rows that came since."""
        ids, came = distinct(ids), since or {}
        first = self.first_known_on
        for table in TABLES:
            first = first_known(came.get(table), first)
        some = {table: self._some(table, ids, came.get(table)) for table in TABLES}
        return Collected(**some, first_known_on=first, timezone=self.timezone)

    def _some(self, table: str, ids: pl.Series, came: pl.DataFrame | None) -> pl.DataFrame:
        whole: pl.DataFrame = getattr(self, table)
        at = self.places[table].rows_of(ids)[1]
        rows = whole[at] if len(at) else whole.clear()
        if came is None:
            return rows
        came = came[Places(ids).rows_of(came["subject_id"])[0]]
        if came.is_empty():
            return rows
        told = few.collected(later(came).lazy().select(_columns(table, self.timezone)), came.height).with_columns(
            until=pl.lit(FOREVER, pl.Int32)
        )
        old = rows.with_row_index("order")
        new = told.select(rows.columns).with_row_index("order", offset=rows.height)
        return believed(old, new, ["subject_id", "kind", "at"], "at").sort("at", "order").drop("order")

    def on(self, as_of: dt.date, known_on: dt.date, names: Collection[str] | None = None) -> pl.DataFrame:
        """`borrower_id` and columns of the family, all or those with some names, one row a borrower of whom anything is known up to the date."""
        day, known = day_of(as_of), day_of(known_on)
        makers: dict[str, Callable[[pl.LazyFrame], pl.LazyFrame]] = {
            "contacts": lambda seen: _of_contacts(seen, day),
            "promises": lambda seen: _of_promises(seen, as_of),
            "decisions": _of_decisions,
        }
        chosen = [name for name in SCHEMA if names is None or name in names or name == "subject_id"]
        found, there = [], []
        for table, maker in makers.items():
            rows: pl.DataFrame = getattr(self, table)
            if rows.height and (names is None or not MEASURES[table].isdisjoint(names)):
                there.append(table)
                found.append(maker(_seen(rows, day, known).lazy()))
        if not found:
            return pl.DataFrame(schema={KEY: pl.String, **{name: SCHEMA[name] for name in chosen[1:]}})
        told = found[0]
        for other in found[1:]:
            told = told.join(other, on="subject_id", how="full", coalesce=True)
        told = told.rename({"subject_id": KEY}).sort(KEY)
        told = told.select(KEY, *(column for name, column in _told(there).items() if name in chosen))
        return few.collected(told, max(getattr(self, table).height for table in there))


def read(home: Home, lake_versions: Mapping[str, int]) -> Collected | None:
    """What a home knows at the lake's versions; None where nothing of the kind was ever sent."""
    found = begun(home, lake_versions)
    return found if found.first_known_on != NEVER else None


def begun(home: Home, lake_versions: Mapping[str, int]) -> Collected:
    """The same also where nothing was ever sent: nothing, to put among it what comes."""
    read = {table: _rows(home, table, lake_versions) for table in TABLES}
    known = [rows["known_on"].min() for rows in read.values() if rows.height]
    first: int | None = min(known, default=None)  # type: ignore[type-var,assignment]  # columns of whole numbers
    return Collected(**read, first_known_on=NEVER if first is None else date_of(first), timezone=home.settings.timezone)


def _columns(table: str, timezone: str) -> list[pl.Expr]:
    """What is kept of a row, and what its value says."""
    at = pl.col("happened_at").dt.convert_time_zone(timezone)
    value = pl.col("value").cast(pl.String).fill_null("")
    kind = pl.col("kind").cast(pl.String)
    party = value.str.extract(r'"party": ?"(\w+)"').fill_null(DEBTOR)
    told = {
        "contacts": (kind.str.ends_with(f"_{of.CONVERSATION}") & (party == DEBTOR)).alias("spoke"),
        "promises": value.str.extract(r'"promise": ?(\d+)')
        .fill_null(at.to_physical().cast(pl.String))
        .alias("promise"),
        "decisions": value.str.extract(r'"circumstance": ?(\d+)').fill_null("").alias("matter"),
    }
    return [
        pl.col("subject_id"), kind.alias("kind"), at.to_physical().alias("at"), at.dt.date().to_physical().alias("day"),
        pl.col("known_on").to_physical(), told[table],
    ]  # fmt: skip


def _rows(home: Home, table: str, lake_versions: Mapping[str, int]) -> pl.DataFrame:
    """The rows of a table in order of their moment, with until when each counts. Equal versions stay: another may come between them."""
    files = lake.files_as_of(home, table, lake_versions)
    rows = pl.scan_parquet(files) if files else pl.LazyFrame(lake.schema(table).empty_table())
    key = pl.concat_str(
        "subject_id", pl.col("kind").cast(pl.String), pl.col("happened_at").to_physical(), separator="\0"
    )
    found = rows.select(
        *_columns(table, home.settings.timezone), "batch", "row", ix=pl.lit(0, pl.Int32), key=key
    ).collect()
    settled = beliefs.events(found, "key", ["known_on"])
    return settled.sort("at", "batch", "row").drop("ix", "key", "batch", "row")


def _seen(rows: pl.DataFrame, day: int, known: int) -> pl.DataFrame:
    """What happened up to a day, by the version known on another."""
    return those(rows, rows["day"] <= day, rows["known_on"] <= known, rows["until"] > known)


def _told(there: Collection[str]) -> dict[str, pl.Expr]:
    """The measures: of a borrower without a row in some table its counts are 0, and its flags not set."""
    told = {}
    for table, names in MEASURES.items():
        for name in names:
            column = pl.col(name) if table in there else pl.lit(None, SCHEMA[name]).alias(name)
            if name in COUNTS:
                column = column.fill_null(0)
            elif name in of.OPEN:
                column = column.fill_null(value=False)
            told[name] = column
    return {name: told[name] for name in SCHEMA if name in told}


def _of_contacts(seen: pl.LazyFrame, day: int) -> pl.LazyFrame:
    lately = pl.col("day") > day - of.CONTACTS_DAYS
    return seen.group_by("subject_id").agg(
        lately.sum().cast(pl.Int32).alias("contacts_30d"),
        (lately & pl.col("spoke")).sum().cast(pl.Int32).alias("conversations_30d"),
        (day - pl.col("day").filter("spoke").max()).cast(pl.Int32).alias("days_since_conversation"),
    )


def _of_promises(seen: pl.LazyFrame, as_of: dt.date) -> pl.LazyFrame:
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


def _of_decisions(seen: pl.LazyFrame) -> pl.LazyFrame:
    """Whether something holds still: of two disputes, one that was settled leaves the other."""
    flags = []
    for name, kind in of.OPEN.items():
        word = pl.col("kind").filter(pl.col("kind").is_in([kind, kind + of.LIFTED])).last()
        flags.append((word == kind).fill_null(value=False).alias(name))
    each = seen.group_by("subject_id", "matter").agg(flags)
    return each.group_by("subject_id").agg(pl.col(name).any() for name in of.OPEN)
