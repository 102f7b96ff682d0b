"""The family events: what happened to borrowers and to their loans outside the book, counted for any pair of dates.

An event's subject is a borrower or a loan. That of a loan counts for who owes it on the date asked, as known then. Where an id is both
a borrower's and a loan's, it is the borrower's. The day of an event is that of the home's time zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from daihou.book import lake, money
from daihou.book.days import add_months, date_of, day_of
from daihou.book.ledger import beliefs
from daihou.monitoring.events.family import CLAIM_MONTHS, CLAIMS, COUNTS, WITHDRAWN
from daihou.runs.borrowers.versions import Versions, versions

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from daihou.book.home import Home

    Whole = np.ndarray[Any, np.dtype[np.int32]]

TABLE: Final = "events"
KINDS: Final = tuple(dict.fromkeys([*(kind for kind, _ in COUNTS.values()), *CLAIMS, "other"]))
"""Kinds that are counted apart, and all others."""
LOANS: Final = ("loan_id", "borrower_id", "disbursed_on", "effective_on", "known_on", "batch", "row")
NOBODY: Final = -1
NO_DAY: Final = np.iinfo(np.int32).min


@dataclass(frozen=True, slots=True)
class Events:
    """All versions of all events, and whom they concern."""

    rows: pl.DataFrame
    """In order of `day`: `subject` (its place in `ids`), `day`, `kind` (its place in KINDS), `amount` in minor units of the base
    currency, `stated` (whether there is one), `known_on`, `until`; days as counts."""
    ids: pl.Series
    """Subjects of events, and who ever owed those of them that are loans."""
    loans: Versions
    """Of the subjects that are loans: `subject` and `who` owes it, both places in `ids`, version by version."""
    named: pl.DataFrame
    """`subject` of each of these loans, and `named_on`, when a borrower was first known by this id too; empty if never."""
    first_known_on: dt.date

    def begun(self, known_on: dt.date) -> bool:
        """Whether any event was known by then: before, no count says anything."""
        return self.first_known_on <= known_on

    def on(self, as_of: dt.date, known_on: dt.date) -> pl.DataFrame:
        """`borrower_id` and the columns of the family, one row a borrower to whom anything happened up to the date."""
        known = day_of(known_on)
        seen = self.rows.filter(pl.col("day") <= day_of(as_of), pl.col("known_on") <= known, pl.col("until") > known)
        who = self._owing(as_of, known_on)[seen["subject"].to_numpy()]
        if (who == NOBODY).any():
            seen, who = seen.filter(pl.Series(who != NOBODY)), who[who != NOBODY]
        day, kind, amount = (seen[name].to_numpy() for name in ("day", "kind", "amount"))
        newest = np.full(len(self.ids), NO_DAY, np.int32)
        newest[who] = day  # in order of day, so that the last stays
        told = np.flatnonzero(newest != NO_DAY)

        def counted(those: np.ndarray[Any, np.dtype[np.bool_]]) -> Whole:
            return np.bincount(who[those], minlength=len(newest))[told].astype(np.int32)

        counts = {
            name: counted((kind == KINDS.index(of)) & (day > day_of(add_months(as_of, -months))))
            for name, (of, months) in COUNTS.items()
        }
        claim = np.isin(kind, [KINDS.index(of) for of in CLAIMS]) & (day > day_of(add_months(as_of, -CLAIM_MONTHS)))
        claimed = np.zeros(len(newest), np.int64)
        np.add.at(claimed, who[claim], np.maximum(amount[claim], 0))
        silent = (counted(claim) > 0) & (counted(claim & seen["stated"].to_numpy()) == 0)
        return pl.DataFrame({
            "borrower_id": self.ids.gather(told), **counts,
            "claim_amount_12m": pl.Series(claimed[told]).set(pl.Series(silent), None), "days_since_event": day_of(as_of) - newest[told],
        })  # fmt: skip

    def _owing(self, as_of: dt.date, known_on: dt.date) -> Whole:
        """By place of a subject that of the borrower it concerns; NOBODY for a loan that is not known yet."""
        owing = np.arange(len(self.ids), dtype=np.int32)
        loans = self.named.filter(pl.col("named_on").is_null() | (pl.col("named_on") > known_on))
        owing[loans["subject"].to_numpy()] = NOBODY
        owed = self.loans.in_force(as_of, known_on).join(loans, on="subject", how="semi")
        owing[owed["subject"].to_numpy()] = owed["who"].to_numpy()
        return owing


def read(home: Home, lake_versions: Mapping[str, int]) -> Events | None:
    """The events of a home at the lake's versions; None where none was ever sent."""
    files = lake.files_as_of(home, TABLE, lake_versions)
    if not files:
        return None
    step = 10 ** (money.SCALE - money.exponent(home.settings.base_currency))
    rows = (
        pl.scan_parquet(files)
        .select(
            "event_id", "subject_id", pl.col("kind").cast(pl.Categorical),
            pl.col("happened_at").dt.convert_time_zone(home.settings.timezone).dt.date().to_physical().alias("day"),
            (pl.col("amount").to_physical().cast(pl.Int64) // step).alias("amount"),
            pl.col("known_on").to_physical(), "batch", "row", ix=pl.lit(0, pl.Int32),
        )
        .collect()
    )  # fmt: skip
    first_known_on = date_of(int(rows["known_on"].min()))  # type: ignore[arg-type]  # a column of whole numbers
    rows = beliefs.events(rows, "event_id", ["day", "kind", "amount"])
    rows = rows.filter(pl.col("kind") != WITHDRAWN)
    subjects = rows["subject_id"].unique()
    loans = _read_loans(home, lake_versions, subjects)
    ids = pl.concat([subjects, loans["borrower_id"]]).unique(maintain_order=True)
    places = pl.DataFrame({"id": ids}).with_row_index("at").with_columns(pl.col("at").cast(pl.Int32))
    rows = rows.join(places, left_on="subject_id", right_on="id").select(
        pl.col("at").alias("subject"), "day",
        pl.col("kind").cast(pl.String).replace_strict(list(KINDS), range(len(KINDS)), default=KINDS.index("other"), return_dtype=pl.Int8),
        pl.col("amount").fill_null(0), pl.col("amount").is_not_null().alias("stated"), "known_on", "until",
    )  # fmt: skip
    loans = loans.join(places, left_on="loan_id", right_on="id").rename({"at": "subject"})
    loans = loans.join(places, left_on="borrower_id", right_on="id").rename({"at": "who"})
    named = _named(home, lake_versions, loans.select("subject", "loan_id").unique())
    held = versions(loans.drop("loan_id", "borrower_id"), "subject", "disbursed_on")
    return Events(rows.sort("day"), ids, held, named, first_known_on)


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
