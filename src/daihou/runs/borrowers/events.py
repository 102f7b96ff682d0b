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
from daihou.runs.borrowers.owing import LOANS, Owing
from daihou.runs.borrowers.places import Places
from daihou.runs.borrowers.since import NEVER, believed, distinct, first_known, those
from daihou.runs.borrowers.spans import spans, starts
from daihou.runs.borrowers.versions import Versions, versions

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Mapping

    import numpy.typing as npt

    from daihou.book.home import Home, Settings

    Whole = np.ndarray[Any, np.dtype[np.int32]]
    Ragged = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]

TABLE: Final = "events"
KINDS: Final = tuple(dict.fromkeys([*(kind for kind, _ in COUNTS.values()), *CLAIMS, "other", WITHDRAWN]))
"""Kinds that are counted apart, all others, and that which says that it never was."""
GONE: Final = KINDS.index(WITHDRAWN)
CLAIM_KINDS: Final = tuple(KINDS.index(kind) for kind in CLAIMS)
NOBODY: Final = -1
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
    ids: pl.Series
    """Subjects of events, and who ever owed those of them that are loans."""
    loans: Versions
    """Of the subjects that are loans: `subject` and `who` owes it, both places in `ids`, version by version."""
    named: Whole
    """The place of each of these loans in `ids`."""
    named_on: Whole
    """The day from which a borrower was known by its id too; FOREVER: never."""
    first_known_on: dt.date
    owing: Owing
    """Who owes any loan, for events that come."""
    settings: Settings
    asked: int | None = None
    """So many of the ids, the first, are told of; None: all."""

    def begun(self, known_on: dt.date) -> bool:
        """Whether any event was known by then: before, no count says anything."""
        return self.first_known_on <= known_on

    @cached_property
    def places(self) -> Places:
        """Places of ids."""
        return Places(self.ids)

    @cached_property
    def by_subject(self) -> Ragged:
        """Where the rows of each subject start in the second array, which holds their places in order of subject."""
        subject = self.rows["subject"].to_numpy()
        return starts(np.bincount(subject, minlength=len(self.ids))), np.argsort(subject, kind="stable")

    def ready(self) -> None:
        """Read and build what finds the events of some borrowers."""
        _ = self.places, self.by_subject
        self.owing.ready()

    def among(self, ids: pl.Series, since: Mapping[str, pl.DataFrame] | None = None) -> Events:
        """The same of some borrowers, with rows of events, loans and borrowers that came since."""
        came = since or {}
        ids = distinct(ids)
        subjects = distinct(pl.concat([ids, self.owing.loans_of(ids, came.get("loans"))]))
        rows = self._about(subjects)
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
        return Events(
            rows, subjects, *self._owed(rows, subjects, ids, came), first, self.owing, self.settings, len(ids)
        )

    def _about(self, subjects: pl.Series) -> pl.DataFrame:
        """The rows about some subjects, each by its place among these."""
        at, places = self.places.rows_of(subjects)
        start, order = self.by_subject
        which, found = spans(start, places)
        if not len(found):
            return self.rows.clear()
        rows = order[found]
        by_day = np.argsort(rows)
        return self.rows[rows[by_day]].with_columns(subject=pl.Series(at[which][by_day], dtype=pl.Int32))

    def _owed(
        self, rows: pl.DataFrame, subjects: pl.Series, ids: pl.Series, came: Mapping[str, pl.DataFrame]
    ) -> tuple[Versions, Whole, Whole]:
        """Of the subjects of rows those that are loans, who of some borrowers owes them (nobody, where it is another), and when borrowers bore their ids."""
        if rows.is_empty():
            nobody = np.zeros(0, np.int32)
            return versions(self.loans.rows.clear(), "subject", "disbursed_on"), nobody, nobody
        there = np.unique(rows["subject"].to_numpy())
        of = subjects[there]
        found = self.owing.versions_of(of, came.get("loans"))
        at = Places(of).rows_of(found["loan_id"])[1]
        who = np.full(found.height, NOBODY, np.int32)
        which, whose = Places(ids).rows_of(found["borrower_id"])
        who[which] = whose
        kept = [found.get_column(name) for name in found.columns if name not in ("loan_id", "borrower_id")]
        held = pl.DataFrame([pl.Series("subject", there[at], pl.Int32), pl.Series("who", who, pl.Int32), *kept])
        loans = np.unique(at)
        named_on = self.owing.named_on(of[loans], came)
        return versions(held, "subject", "disbursed_on"), there[loans].astype(np.int32), named_on

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
        who = self._owing(as_of, known_on)[seen["subject"].to_numpy()]
        if (who == NOBODY).any():
            seen, who = seen.filter(pl.Series(who != NOBODY)), who[who != NOBODY]
        day, kind, amount = (seen[name].to_numpy() for name in ("day", "kind", "amount"))
        newest = np.full(len(self.ids), NO_DAY, np.int32)
        newest[who] = day  # in order of day, so that the last stays
        told = np.flatnonzero(newest[: self.asked] != NO_DAY)

        def counted(those: np.ndarray[Any, np.dtype[np.bool_]]) -> Whole:
            return np.bincount(who[those], minlength=len(newest))[told].astype(np.int32)

        def claims() -> pl.Series:
            claim = np.isin(kind, CLAIM_KINDS) & (day > day_of(add_months(as_of, -CLAIM_MONTHS)))
            claimed = np.zeros(len(newest), np.int64)
            np.add.at(claimed, who[claim], np.maximum(amount[claim], 0))
            silent = (counted(claim) > 0) & (counted(claim & seen["stated"].to_numpy()) == 0)
            return pl.Series(claimed[told]).set(pl.Series(silent), None)

        found: dict[str, Any] = {"borrower_id": self.ids.gather(told)}
        for name in asked[1:]:
            if name == AMOUNT:
                found[name] = claims()
            elif name == LAST:
                found[name] = day_of(as_of) - newest[told]
            else:
                of, months = COUNTS[name]
                found[name] = counted((kind == KINDS.index(of)) & (day > day_of(add_months(as_of, -months))))
        return pl.DataFrame(found)

    def _owing(self, as_of: dt.date, known_on: dt.date) -> Whole:
        """By place of a subject that of the borrower it concerns; NOBODY for a loan that is not known yet."""
        owing = np.arange(len(self.ids), dtype=np.int32)
        if not len(self.named):
            return owing
        owing[self.named[self.named_on > day_of(known_on)]] = NOBODY
        owed = self.loans.in_force(as_of, known_on)
        subject, who = owed["subject"].to_numpy(), owed["who"].to_numpy()
        still = owing[subject] == NOBODY
        owing[subject[still]] = who[still]
        return owing


def read(home: Home, lake_versions: Mapping[str, int]) -> Events | None:
    """The events of a home at the lake's versions; None where none was ever sent."""
    return begun(home, lake_versions) if lake.files_as_of(home, TABLE, lake_versions) else None


def begun(home: Home, lake_versions: Mapping[str, int]) -> Events:
    """The same also where none was ever sent: none, to put among them what comes."""
    files = lake.files_as_of(home, TABLE, lake_versions)
    scanned = pl.scan_parquet(files) if files else pl.LazyFrame(lake.schema(TABLE).empty_table())
    arrival = ("batch", "row", pl.lit(0, pl.Int32).alias("ix"))
    rows = scanned.select("event_id", "subject_id", *_columns(home.settings), *arrival).collect()
    first: int | None = rows["known_on"].min()  # type: ignore[assignment]  # a column of whole numbers
    rows = beliefs.events(rows, "event_id", ["known_on"])  # equal versions stay: another may come between them
    subjects = rows["subject_id"].unique()
    loans = _read_loans(home, lake_versions, subjects)
    ids = pl.concat([subjects, loans["borrower_id"]]).unique(maintain_order=True)
    places = pl.DataFrame({"id": ids}).with_row_index("at").with_columns(pl.col("at").cast(pl.Int32))
    rows = rows.join(places, left_on="subject_id", right_on="id").select(
        pl.col("at").alias("subject"), "day", _kind(), "amount", "stated", "known_on", "until", "event",
    )  # fmt: skip
    loans = loans.join(places, left_on="loan_id", right_on="id").rename({"at": "subject"})
    loans = loans.join(places, left_on="borrower_id", right_on="id").rename({"at": "who"})
    named = _named(home, lake_versions, loans.select("subject", "loan_id").unique())
    named_on = named["named_on"].to_physical().fill_null(FOREVER).to_numpy()
    held = versions(loans.drop("loan_id", "borrower_id"), "subject", "disbursed_on")
    return Events(
        rows.sort("day"), ids, held, named["subject"].to_numpy(), named_on, NEVER if first is None else date_of(first), Owing(home, lake_versions), home.settings
    )  # fmt: skip


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


def _read_loans(home: Home, lake_versions: Mapping[str, int], subjects: pl.Series) -> pl.DataFrame:
    """All versions of the loans among the subjects."""
    rows = _naming(home, lake_versions, "loans", "loan_id", subjects)
    return rows.select(LOANS).collect(engine="streaming")


def _named(home: Home, lake_versions: Mapping[str, int], loans: pl.DataFrame) -> pl.DataFrame:
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
