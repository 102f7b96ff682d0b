"""The family events: what happened to borrowers and to their loans outside the book, counted for any pair of dates.

An event's subject is a borrower or a loan. That of a loan counts for who owes it on the date asked, as known then. Where an id is both
a borrower's and a loan's, it is the borrower's. The day of an event is that of the home's time zone.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from daihou.book import lake, money
from daihou.book.days import add_months, date_of, day_of
from daihou.book.ledger import beliefs
from daihou.monitoring.events.family import CLAIM_MONTHS, CLAIMS, COUNTS, WITHDRAWN
from daihou.runs.borrowers.versions import Versions, versions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from daihou.book.home import Home

TABLE: Final = "events"
OTHER: Final = "other"
KINDS: Final = pl.Enum(["litigation", "enforcement", "tax", "licence", "news", "address_change", "device_change", "application", OTHER])
"""Kinds that are counted apart, and all others."""  # fmt: skip
NEVER: Final = pl.lit(dt.date.max)


@dataclass(frozen=True, slots=True)
class Events:
    """All versions of all events, and whom they concern."""

    rows: pl.DataFrame
    """`subject` (place in `subjects`), `day`, `kind`, `amount` in minor units of the base currency, `known_on`, `until`; days as counts."""
    subjects: pl.Series
    """Ids that events name."""
    loans: Versions
    """Of the subjects that are loans: `loan_id` and `borrower_id`, version by version."""
    named_on: pl.DataFrame
    """Of the subjects that are loans: `subject_id`, and `named_on`, when it was first known that a borrower has this id too."""
    first_known_on: dt.date

    def begun(self, known_on: dt.date) -> bool:
        """Whether any event was known by then: before, no count says anything."""
        return self.first_known_on <= known_on

    def on(self, as_of: dt.date, known_on: dt.date) -> pl.DataFrame:
        """`borrower_id` and the columns of the family, one row a borrower to whom anything happened up to the date."""
        last, known = day_of(as_of), day_of(known_on)
        seen = self.rows.filter(
            pl.col("day") <= last, pl.col("known_on") <= known, pl.col("until") > known
        )
        borrowers, of_subject = self._owing(as_of, known_on)
        seen = seen.with_columns(who=of_subject.gather(seen["subject"])).filter(pl.col("who").is_not_null())
        found = seen.group_by("who").agg(*_counts(as_of), *_claims(as_of), days_since_event=last - pl.col("day").max())
        claimed = pl.when((pl.col("claims") == 0) | (pl.col("stated") > 0)).then("claimed")
        return found.select(
            borrowers.gather(found["who"]).alias("borrower_id"), *COUNTS, claimed.alias("claim_amount_12m"), "days_since_event"
        )

    def _owing(self, as_of: dt.date, known_on: dt.date) -> tuple[pl.Series, pl.Series]:
        """Ids of borrowers, and by subject the place of its borrower among them; none for a loan that is not known yet."""
        subject = pl.int_range(len(self.subjects), dtype=pl.UInt32, eager=True)
        if self.named_on.is_empty():
            return self.subjects, subject
        owed = self.loans.in_force(as_of, known_on)
        borrower = self.named_on.filter(pl.col("named_on") <= known_on).select("subject_id")
        ids = pl.concat([self.subjects, owed["borrower_id"]]).unique(maintain_order=True)
        places = pl.DataFrame({"borrower_id": ids}).with_row_index("who")
        of_loans = (
            self.named_on.select("subject_id")
            .join(borrower, on="subject_id", how="anti")
            .join(owed, left_on="subject_id", right_on="loan_id", how="left")
            .join(places, on="borrower_id", how="left")
        )
        at = pl.DataFrame({"subject_id": self.subjects, "own": subject}).join(
            of_loans.with_columns(loan=pl.lit(value=True)), on="subject_id", how="left", maintain_order="left"
        )
        return ids, at.select(pl.when("loan").then("who").otherwise("own")).to_series()


def _since(as_of: dt.date, months: int) -> pl.Expr:
    """Whether an event lies in the months up to the date."""
    return pl.col("day") > day_of(add_months(as_of, -months))


def _counts(as_of: dt.date) -> list[pl.Expr]:
    return [
        ((pl.col("kind") == pl.lit(kind, KINDS)) & _since(as_of, months)).sum().cast(pl.Int32).alias(name)
        for name, (kind, months) in COUNTS.items()
    ]


def _claims(as_of: dt.date) -> list[pl.Expr]:
    claim = pl.col("kind").is_in(pl.lit(list(CLAIMS), pl.List(KINDS))) & _since(as_of, CLAIM_MONTHS)
    amount = pl.col("amount")
    return [
        claim.sum().alias("claims"),
        (claim & amount.is_not_null()).sum().alias("stated"),
        pl.when(claim & (amount > 0)).then(amount).otherwise(0).sum().alias("claimed"),
    ]


def read(home: Home, lake_versions: Mapping[str, int]) -> Events | None:
    """The events of a home at the lake's versions; None where none was ever sent."""
    files = lake.files_as_of(home, TABLE, lake_versions)
    if not files:
        return None
    step = 10 ** (money.SCALE - money.exponent(home.settings.base_currency))
    zone = home.settings.timezone
    rows = (
        pl.scan_parquet(files)
        .select(
            "event_id", "subject_id",
            pl.col("happened_at").dt.convert_time_zone(zone).dt.date().to_physical().alias("day"),
            pl.col("kind").cast(pl.Categorical),
            (pl.col("amount").to_physical().cast(pl.Int64) // step).alias("amount"),
            pl.col("known_on").to_physical(), "batch", "row", ix=pl.lit(0, pl.Int32),
        )
        .collect()
    )  # fmt: skip
    first_known_on = date_of(int(rows["known_on"].min()))  # type: ignore[arg-type]  # a column of whole numbers
    rows = beliefs.events(rows, "event_id", ["subject_id", "day", "kind", "amount"])
    rows = rows.filter(pl.col("kind").cast(pl.String) != WITHDRAWN)
    subjects = rows["subject_id"].unique(maintain_order=True)
    places = pl.DataFrame({"subject_id": subjects}).with_row_index("subject")
    rows = rows.join(places, on="subject_id", how="left", maintain_order="left").select(
        "subject", "day", pl.col("kind").cast(pl.String).cast(KINDS, strict=False).fill_null(OTHER), "amount", "known_on", "until"
    )
    loans, named_on = _of_loans(home, lake_versions, subjects)
    return Events(rows, subjects, loans, named_on, first_known_on)
