"""The family bureau: what credit reports say of borrowers, for any pair of dates.

A later row of the same report takes the place of the one known before. Lines have no key: all that are known of a report count, from the day each was known.
The report fetched last is the newest; of one day, that which came last.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from daihou.book import lake, money
from daihou.book.days import day_of
from daihou.book.ledger import beliefs
from daihou.book.ledger.layout import FOREVER
from daihou.runs import few
from daihou.runs.borrowers.places import Places
from daihou.runs.borrowers.since import NEVER, believed, distinct, first_known, those
from daihou.runs.borrowers.spans import spans, spans_of, starts

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Mapping

    import numpy.typing as npt

    from daihou.book.home import Home, Settings

    Long = npt.NDArray[np.int64]

REPORTS, LINES = TABLES = ("bureau_reports", "bureau_lines")
OF_REPORTS: Final = (
    "bureau_score",
    "bureau_score_change",
    "days_since_report",
    "bureau_inquiries_3m",
    "bureau_inquiries_change",
)
"""What the report itself says; all else its lines do."""
SCHEMA: Final[dict[str, Any]] = {
    "borrower_id": pl.String, **dict.fromkeys(OF_REPORTS, pl.Int32), "bureau_lenders": pl.Int32, "bureau_new_lenders": pl.Int32,
    "bureau_balance": pl.Int64, "bureau_balance_change": pl.Float64, "bureau_overdue_lines": pl.Int32, "bureau_new_overdue": pl.Int32,
    "bureau_max_dpd": pl.Int32,
}  # fmt: skip
NONE: Final = -1
UNSAID: Final = -1
"""The days past due of a line that does not say them: fewer than those of any other."""


@dataclass(frozen=True)
class Bureau:
    """All versions of all reports and all their lines, or of those of some borrowers."""

    reports: pl.DataFrame
    """In order of `day`, and of one day in the order in which they came: `who` (the place of the borrower in `ids`), `report` (a hash of its id), `day` it was
    fetched, `score`, `inquiries`, `known_on`, `until`; days as counts."""
    lines: pl.DataFrame
    """In order of `report`: `lender`, `line` (hashes: of the lender, and of what makes it the same line in another report), `balance` in minor units of the
    base currency, `dpd`, `known_on`. `lender` and `balance` are empty where it does not say them."""
    ids: pl.Series
    first_line_known_on: dt.date
    settings: Settings

    @cached_property
    def places(self) -> Places:
        """Places of ids."""
        return Places(self.ids)

    @cached_property
    def by_borrower(self) -> tuple[Long, Long]:
        """Where the reports of each borrower start in the second array, which holds their places in order of borrower."""
        who = self.reports["who"].to_numpy()
        return starts(np.bincount(who, minlength=len(self.ids))), np.argsort(who, kind="stable")

    def ready(self) -> None:
        """Build what finds the reports of some borrowers."""
        _ = self.places, self.by_borrower

    def among(self, ids: pl.Series, since: Mapping[str, pl.DataFrame] | None = None) -> Bureau:
        """The same of some borrowers, with rows that came since."""
        ids, came = distinct(ids), since or {}
        reports = self._of(ids)
        if REPORTS in came:
            which, at = Places(ids).rows_of(came[REPORTS]["borrower_id"])
            if len(which):
                new = came[REPORTS][which].with_columns(pl.Series("who", at, pl.Int32)).lazy()
                columns = [pl.col("who"), *_of_report(), pl.lit(FOREVER, pl.Int32).alias("until")]
                told = few.collected(new.select(columns), len(which)).select(reports.columns)
                held = reports.with_row_index("order")
                put = told.with_row_index("order", offset=reports.height)
                reports = believed(held, put, ["report"], "report").sort("day", "order").drop("order")
        wanted = np.unique(reports["report"].to_numpy())
        lines = self.lines[self._lines_of(wanted)[1]]
        if LINES in came:
            new = came[LINES].lazy().select(_of_line(self.settings))
            told = few.collected(new, came[LINES].height)
            told = told.filter(pl.Series(np.isin(told["report"].to_numpy(), wanted), dtype=pl.Boolean))
            lines = pl.concat([lines, told.select(lines.columns)]).sort("report", maintain_order=True)
        first = first_known(came.get(LINES), self.first_line_known_on)
        return Bureau(reports, lines, ids, first, self.settings)

    def _of(self, ids: pl.Series) -> pl.DataFrame:
        """The reports of some borrowers, each with the place of its borrower among these."""
        at, places = self.places.rows_of(ids)
        start, order = self.by_borrower
        which, found = spans(start, places)
        if not len(found):
            return self.reports.clear()
        rows = order[found]
        in_order = np.argsort(rows)
        return self.reports[rows[in_order]].with_columns(who=pl.Series(at[which][in_order], dtype=pl.Int32))

    def _lines_of(self, reports: npt.NDArray[np.uint64]) -> tuple[Long, Long]:
        """Of the lines of some reports the place of each one's report among these, and its own. They are looked up in order, which spares the memory's caches."""
        held, order = self.lines["report"].to_numpy(), np.argsort(reports)
        wanted = reports[order]
        first, end = np.zeros((2, len(reports)), np.int64)
        first[order], end[order] = np.searchsorted(held, wanted), np.searchsorted(held, wanted, side="right")
        return spans_of(first, end - first)

    def on(self, as_of: dt.date, known_on: dt.date, names: Collection[str] | None = None) -> pl.DataFrame:
        """`borrower_id` and columns of the family, all or those with some names, one row a borrower with a report fetched up to the date."""
        day, known = day_of(as_of), day_of(known_on)
        asked = [name for name in SCHEMA if names is None or name in names or name == "borrower_id"]
        rows = self.reports
        seen = those(rows, rows["day"] <= day, rows["known_on"] <= known, rows["until"] > known)
        if seen.is_empty():
            return pl.DataFrame(schema={name: SCHEMA[name] for name in asked})
        who, order = seen["who"].to_numpy(), np.arange(seen.height, dtype=np.int64)
        newest, before = np.full((2, len(self.ids)), NONE, np.int64)
        newest[who] = order  # in order of their day, so that the last stays
        earlier = order[newest[who] != order]
        before[who[earlier]] = earlier
        told = np.flatnonzero(newest != NONE)
        now, then = newest[told], pl.Series(before[told])
        then = then.set(then == NONE, None)
        score, inquiries, fetched = (seen[name] for name in ("score", "inquiries", "day"))
        found: dict[str, Any] = {
            "borrower_id": self.ids.gather(told),
            "bureau_score": score.gather(now),
            "bureau_score_change": score.gather(now) - score.gather(then),
            "days_since_report": day - fetched.gather(now),
            "bureau_inquiries_3m": inquiries.gather(now),
            "bureau_inquiries_change": inquiries.gather(now) - inquiries.gather(then),
        }
        if any(name not in OF_REPORTS for name in asked[1:]):
            found |= self._told_by_lines(seen["report"], now, then, known)
        return pl.DataFrame({name: found[name] for name in asked}, schema={name: SCHEMA[name] for name in asked})

    def _told_by_lines(self, reports: pl.Series, now: Long, then: pl.Series, known: int) -> dict[str, pl.Series]:
        """What the lines say of the newest report of each borrower and of the one before, which some do not have."""
        if day_of(self.first_line_known_on) > known:
            silent = [name for name in SCHEMA if name not in OF_REPORTS and name != "borrower_id"]
            return {name: pl.Series([None], dtype=SCHEMA[name]).new_from_index(0, len(now)) for name in silent}
        count, twice = len(now), np.flatnonzero(then.is_not_null().to_numpy())
        newest = self._listed(reports.gather(now), np.arange(count), known)
        before = self._listed(reports.gather(then.gather(twice)), twice, known)
        once = np.ones(count, bool)
        once[twice] = False
        lenders, others = (_lenders(lines) for lines in (newest, before))
        owed, owed_before = (_balances(lines, count) for lines in (newest, before))
        overdue = newest.filter(pl.col("dpd") > 0)
        again = pl.col("len").cast(pl.Int64) - pl.col("before").fill_null(0)
        lately = (
            overdue.group_by("who", "line").len()
            .join(before.filter(pl.col("dpd") > 0).group_by("who", "line").agg(before=pl.len().cast(pl.Int64)), on=["who", "line"], how="left")
            .select("who", more=pl.max_horizontal(again, 0))
        )  # fmt: skip
        newly = np.zeros(count, np.int64)
        np.add.at(newly, lately["who"].to_numpy(), lately["more"].to_numpy())
        most = np.full(count, UNSAID, np.int32)
        np.maximum.at(most, newest["who"].to_numpy(), newest["dpd"].to_numpy())
        listed = _count(newest, count).to_numpy()
        return {
            "bureau_lenders": _count(lenders, count),
            "bureau_new_lenders": _but(_count(lenders.join(others, on=["who", "lender"], how="anti"), count), once),
            "bureau_balance": owed,
            "bureau_balance_change": _but(owed / owed_before.set(owed_before == 0, None) - 1, once),
            "bureau_overdue_lines": _count(overdue, count),
            "bureau_new_overdue": _but(pl.Series(newly), once),
            "bureau_max_dpd": _but(pl.Series(np.maximum(most, 0)), (most == UNSAID) & (listed > 0)),
        }

    def _listed(self, reports: pl.Series, who: Long, known: int) -> pl.DataFrame:
        """The lines of some reports that were known by a day, each with the place of whom its report is about."""
        which, at = self._lines_of(reports.to_numpy())
        lines = self.lines[at].with_columns(who=pl.Series(who[which], dtype=pl.Int64))
        return those(lines, lines["known_on"] <= known)


def read(home: Home, lake_versions: Mapping[str, int]) -> Bureau | None:
    """What a home knows at the lake's versions; None where no report was ever sent."""
    return begun(home, lake_versions) if lake.files_as_of(home, REPORTS, lake_versions) else None


def begun(home: Home, lake_versions: Mapping[str, int]) -> Bureau:
    """The same also where none was ever sent: none, to put among them what comes."""
    arrival = (pl.col("batch"), pl.col("row"), pl.lit(0, pl.Int32).alias("ix"))
    found = _scanned(home, REPORTS, lake_versions)
    rows = found.select("borrower_id", pl.col("report_id").alias("key"), *_of_report(), *arrival).collect()
    rows = beliefs.events(rows, "key", ["known_on"]).sort(
        "day", "batch", "row"
    )  # equal versions stay: another may come between them
    ids = rows["borrower_id"].unique()
    places = pl.DataFrame({"borrower_id": ids}).with_row_index("who").with_columns(pl.col("who").cast(pl.Int32))
    rows = rows.join(places, on="borrower_id", maintain_order="left").drop("borrower_id", "key", "batch", "row", "ix")
    lines = _scanned(home, LINES, lake_versions)
    first: dt.date | None = lines.select(pl.col("known_on").min()).collect().item()
    held = lines.select(_of_line(home.settings)).collect(engine="streaming").sort("report")
    return Bureau(rows, held, ids, NEVER if first is None else first, home.settings)


def _scanned(home: Home, table: str, lake_versions: Mapping[str, int]) -> pl.LazyFrame:
    files = lake.files_as_of(home, table, lake_versions)
    return pl.scan_parquet(files) if files else pl.LazyFrame(lake.schema(table).empty_table())


def _of_report() -> list[pl.Expr]:
    """What is kept of a report beside whom it is about: days as counts."""
    return [
        pl.col("report_id").hash(0).alias("report"), pl.col("queried_on").to_physical().alias("day"), pl.col("score").cast(pl.Int32, strict=False),
        pl.col("inquiries_3m").cast(pl.Int32, strict=False).alias("inquiries"), pl.col("known_on").to_physical(),
    ]  # fmt: skip


def _of_line(settings: Settings) -> list[pl.Expr]:
    """What is kept of a line: money in minor units, days as counts."""
    step = 10 ** (money.SCALE - money.exponent(settings.base_currency))
    lender, opened_on = pl.col("lender").cast(pl.String), pl.col("opened_on").to_physical().cast(pl.String)
    key = [part.fill_null("\0") for part in (lender, pl.col("product").cast(pl.String), opened_on)]
    return [
        pl.col("report_id").hash(0).alias("report"), pl.when(lender.is_not_null()).then(lender.hash(0)).alias("lender"),
        pl.concat_str(key, separator="\1").hash(0).alias("line"), (pl.col("balance").to_physical().cast(pl.Int64) // step).alias("balance"),
        pl.col("dpd").clip(0).cast(pl.Int32, strict=False).fill_null(UNSAID), pl.col("known_on").to_physical(),
    ]  # fmt: skip


def _lenders(lines: pl.DataFrame) -> pl.DataFrame:
    """Each lender of each report once; lines that name nobody are nobody's."""
    return lines.select("who", "lender").drop_nulls().unique()


def _balances(lines: pl.DataFrame, count: int) -> pl.Series:
    """What the lines of each come to; empty where there are some but none says so."""
    stated = lines.filter(pl.col("balance").is_not_null())
    owed = np.zeros(count, np.int64)
    np.add.at(owed, stated["who"].to_numpy(), stated["balance"].to_numpy())
    silent = (_count(lines, count) > 0) & (_count(stated, count) == 0)
    return pl.Series(owed).set(silent, None)


def _count(rows: pl.DataFrame, count: int) -> pl.Series:
    """How many rows each has."""
    return pl.Series(np.bincount(rows["who"].to_numpy(), minlength=count).astype(np.int32))


def _but(values: pl.Series, empty: np.ndarray[Any, np.dtype[np.bool_]]) -> pl.Series:
    """Some values, empty where they are not to be told."""
    return values.set(pl.Series(empty), None)
