"""The family events: what happened to borrowers and to their loans outside the book, counted for any pair of dates.

An event's subject is a borrower or a loan. That of a loan counts for who owes it on the date asked, as known then. Where an id is both
a borrower's and a loan's, it is the borrower's. The day of an event is that of the home's time zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from daihou.book import lake, money
from daihou.book.days import add_months, date_of, day_of
from daihou.book.ledger import beliefs
from daihou.book.ledger.layout import FOREVER
from daihou.monitoring.events.family import CLAIM_MONTHS, CLAIMS, COUNTS, WITHDRAWN
from daihou.runs import few
from daihou.runs.borrowers import subjects as whom
from daihou.runs.borrowers.places import Places
from daihou.runs.borrowers.since import NEVER, believed, distinct, first_known, those
from daihou.runs.borrowers.subjects import NOBODY

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Mapping

    from daihou.book.home import Home, Settings
    from daihou.runs.borrowers.owing import Owing
    from daihou.runs.borrowers.subjects import Ragged, Subjects

    Whole = np.ndarray[Any, np.dtype[np.int32]]

TABLE: Final = "events"
KINDS: Final = tuple(dict.fromkeys([*(kind for kind, _ in COUNTS.values()), *CLAIMS, "other", WITHDRAWN]))
"""Kinds that are counted apart, all others, and that which says that it never was."""
GONE: Final = KINDS.index(WITHDRAWN)
CLAIM_KINDS: Final = tuple(KINDS.index(kind) for kind in CLAIMS)
NO_DAY: Final = np.iinfo(np.int32).min
AMOUNT: Final = "claim_amount_12m"
LAST: Final = "days_since_event"
SCHEMA: Final[dict[str, Any]] = {
    "borrower_id": pl.String, **dict.fromkeys(COUNTS, pl.Int32), AMOUNT: pl.Int64, LAST: pl.Int32,
}  # fmt: skip


@dataclass(frozen=True)
class Events:
    """All versions of all events, or of those of some borrowers, and whom they concern."""

    rows: pl.DataFrame
    """In order of `day`: `subject` (its place in `ids`), `day`, `kind` (its place in KINDS), `amount` in minor units of the base
    currency, `stated` (whether there is one), `known_on`, `until`, `event` (a hash of its id); days as counts."""
    subjects: Subjects
    """Whom they concern."""
    first_known_on: dt.date
    settings: Settings

    def begun(self, known_on: dt.date) -> bool:
        """Whether any event was known by then: before, no count says anything."""
        return self.first_known_on <= known_on

    @cached_property
    def by_subject(self) -> Ragged:
        """Where the rows of each subject are."""
        return self.subjects.starting(self.rows)

    def ready(self) -> None:
        """Read and build what finds the events of some borrowers."""
        _ = self.by_subject
        self.subjects.ready()

    def among(self, ids: pl.Series, since: Mapping[str, pl.DataFrame] | None = None) -> Events:
        """The same of some borrowers, with rows of events, loans and borrowers that came since."""
        came = since or {}
        ids = distinct(ids)
        subjects = distinct(pl.concat([ids, self.subjects.owing.loans_of(ids, came.get("loans"))]))
        rows = self.subjects.about(self.rows, self.by_subject, subjects)
        if TABLE in came:
            which, at = Places(subjects).rows_of(came[TABLE]["subject_id"])
            if len(which):
                new = (
                    came[TABLE][which]
                    .lazy()
                    .select(_columns(self.settings))
                    .with_columns(_kind(), until=pl.lit(FOREVER, pl.Int32))
                )
                told = (
                    few.collected(new, len(which)).with_columns(pl.Series("subject", at, pl.Int32)).select(rows.columns)
                )
                rows = believed(rows, told, ["subject", "event"], "event").sort("day", maintain_order=True)
        first = first_known(came.get(TABLE), self.first_known_on)
        there = np.unique(rows["subject"].to_numpy())
        return Events(rows, self.subjects.among(subjects, len(ids), there, came), first, self.settings)

    def on(self, as_of: dt.date, known_on: dt.date, names: Collection[str] | None = None) -> pl.DataFrame:
        """`borrower_id` and columns of the family, all or those with some names, one row a borrower to whom anything happened up to the date."""
        known = day_of(known_on)
        asked = [name for name in SCHEMA if names is None or name in names or name == "borrower_id"]
        if self.rows.is_empty():
            return pl.DataFrame(schema={name: SCHEMA[name] for name in asked})
        rows = self.rows
        seen = those(
            rows, rows["day"] <= day_of(as_of), rows["known_on"] <= known, rows["until"] > known, rows["kind"] != GONE
        )
        who = self.subjects.whom(as_of, known_on)[seen["subject"].to_numpy()]
        if (who == NOBODY).any():
            seen, who = seen.filter(pl.Series(who != NOBODY)), who[who != NOBODY]
        day, kind, amount = (seen[name].to_numpy() for name in ("day", "kind", "amount"))
        newest = np.full(len(self.subjects.ids), NO_DAY, np.int32)
        newest[who] = day  # in order of day, so that the last stays
        told = np.flatnonzero(newest[: self.subjects.asked] != NO_DAY)

        def counted(those: np.ndarray[Any, np.dtype[np.bool_]]) -> Whole:
            return np.bincount(who[those], minlength=len(newest))[told].astype(np.int32)

        def claims() -> pl.Series:
            claim = np.isin(kind, CLAIM_KINDS) & (day > day_of(add_months(as_of, -CLAIM_MONTHS)))
            claimed = np.zeros(len(newest), np.int64)
            np.add.at(claimed, who[claim], np.maximum(amount[claim], 0))
            silent = (counted(claim) > 0) & (counted(claim & seen["stated"].to_numpy()) == 0)
            return pl.Series(claimed[told]).set(pl.Series(silent), None)

        found: dict[str, Any] = {"borrower_id": self.subjects.ids.gather(told)}
        for name in asked[1:]:
            if name == AMOUNT:
                found[name] = claims()
            elif name == LAST:
                found[name] = day_of(as_of) - newest[told]
            else:
                of, months = COUNTS[name]
                found[name] = counted((kind == KINDS.index(of)) & (day > day_of(add_months(as_of, -months))))
        return pl.DataFrame(found)


def read(home: Home, lake_versions: Mapping[str, int], owing: Owing) -> Events | None:
    """The events of a home at the lake's versions; None where none was ever sent."""
    return begun(home, lake_versions, owing) if lake.files_as_of(home, TABLE, lake_versions) else None


def begun(home: Home, lake_versions: Mapping[str, int], owing: Owing) -> Events:
    """The same also where none was ever sent: none, to put among them what comes."""
    files = lake.files_as_of(home, TABLE, lake_versions)
    scanned = pl.scan_parquet(files) if files else pl.LazyFrame(lake.schema(TABLE).empty_table())
    arrival = ("batch", "row", pl.lit(0, pl.Int32).alias("ix"))
    rows = scanned.select("event_id", "subject_id", *_columns(home.settings), *arrival).collect()
    first: int | None = rows["known_on"].min()  # type: ignore[assignment]  # a column of whole numbers
    rows = beliefs.events(rows, "event_id", ["known_on"])  # equal versions stay: another may come between them
    subjects = whom.read(home, lake_versions, rows["subject_id"], owing)
    places = pl.DataFrame({"subject_id": subjects.ids}).with_row_index("at").with_columns(pl.col("at").cast(pl.Int32))
    rows = rows.join(places, on="subject_id").select(
        pl.col("at").alias("subject"), "day", _kind(), "amount", "stated", "known_on", "until", "event",
    )  # fmt: skip
    return Events(rows.sort("day"), subjects, NEVER if first is None else date_of(first), home.settings)


def _columns(settings: Settings) -> list[pl.Expr]:
    """What is kept of an event beside its subject: money in minor units, days as counts, its kind still as a text."""
    step = 10 ** (money.SCALE - money.exponent(settings.base_currency))
    amount = pl.col("amount").to_physical().cast(pl.Int64) // step
    return [
        pl.col("kind").cast(pl.Categorical),
        pl.col("happened_at").dt.convert_time_zone(settings.timezone).dt.date().to_physical().alias("day"),
        amount.fill_null(0).alias("amount"), amount.is_not_null().alias("stated"), pl.col("known_on").to_physical(),
        pl.col("event_id").hash(0).alias("event"),
    ]  # fmt: skip


def _kind() -> pl.Expr:
    """The place of a kind in KINDS."""
    kind = pl.col("kind").cast(pl.String)
    return kind.replace_strict(list(KINDS), range(len(KINDS)), default=KINDS.index("other"), return_dtype=pl.Int8)
