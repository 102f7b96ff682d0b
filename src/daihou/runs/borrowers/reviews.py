"""The family reviews: what reviews found about borrowers and their loans, for any pair of dates.

The facts are findings, as the desk or another system of the lender sends them: that a review was finished, how it rates a borrower, what it found and what was
settled. A later row of the same subject, kind and moment takes the place of the one known before. Kinds that are none of these, and values that
do not say what their kind does, count for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from daihou.book import lake
from daihou.book.days import add_months, day_of
from daihou.book.ledger import beliefs
from daihou.book.ledger.layout import FOREVER
from daihou.monitoring.reviews import family as of
from daihou.runs import few
from daihou.runs.borrowers import subjects
from daihou.runs.borrowers.places import Places
from daihou.runs.borrowers.since import NEVER, believed, distinct, first_known, those
from daihou.runs.borrowers.subjects import NOBODY, Subjects

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Collection, Mapping

    import numpy.typing as npt

    from daihou.book.home import Home
    from daihou.runs.borrowers.owing import Owing
    from daihou.runs.borrowers.subjects import Ragged

    Whole = np.ndarray[Any, np.dtype[np.int32]]
    Long = npt.NDArray[np.int64]

TABLE: Final = "findings"
SCHEMA: Final[dict[str, Any]] = {
    "borrower_id": pl.String, "days_since_review": pl.Int32, "days_since_onsite": pl.Int32, "reviews_12m": pl.Int32,
    "willingness": pl.Int32, "willingness_change": pl.Int32, "ability": pl.Int32, "ability_change": pl.Int32,
    "findings_open": pl.Int32, **dict.fromkeys(of.COUNTED, pl.Int32), "days_since_finding": pl.Int32,
}  # fmt: skip
COUNTS: Final = ("reviews_12m", "findings_open", *of.COUNTED)
"""0, not empty, where a borrower has none and others have."""
KINDS: Final = (of.DONE, *of.RATINGS.values(), of.FOUND, of.SETTLED)
"""What a row says; of findings their code is apart."""
DONE, FOUND, SETTLED = (KINDS.index(kind) for kind in (of.DONE, of.FOUND, of.SETTLED))
NONE: Final = -1


@dataclass(frozen=True)
class Reviewed:
    """All versions of all findings, or of those about some borrowers, and whom they concern."""

    rows: pl.DataFrame
    """In order of `at`, and of one moment in the order in which they came: `subject` (its place among the subjects), `at`, `day`, `kind` (its place in KINDS),
    `code` (a hash of a finding's), `said`, `known_on`, `until`; days as counts.

    `said` is of a review whether it was on site, of a rating the rating, of a finding the place of its level, and empty where the value does not say it.
    """
    subjects: Subjects
    first_known_on: dt.date
    timezone: str

    def begun(self, known_on: dt.date) -> bool:
        """Whether any finding was known by then: before, no count says anything."""
        return self.first_known_on <= known_on

    @cached_property
    def by_subject(self) -> Ragged:
        """Where the rows of each subject are."""
        return self.subjects.starting(self.rows)

    def ready(self) -> None:
        """Read and build what finds the findings about some borrowers."""
        _ = self.by_subject
        self.subjects.ready()

    def among(self, ids: pl.Series, since: Mapping[str, pl.DataFrame] | None = None) -> Reviewed:
        """The same of some borrowers, with rows of findings, loans and borrowers that came since."""
        came = since or {}
        ids = distinct(ids)
        about = distinct(pl.concat([ids, self.subjects.owing.loans_of(ids, came.get("loans"))]))
        rows = self.subjects.about(self.rows, self.by_subject, about)
        if TABLE in came:
            which, at = Places(about).rows_of(came[TABLE]["subject_id"])
            if len(which):
                new = came[TABLE][which].with_columns(pl.Series("subject", at, pl.Int32)).lazy()
                told = few.collected(
                    _known(new, self.timezone, pl.col("subject")).with_columns(until=pl.lit(FOREVER, pl.Int32)),
                    len(which),
                )
                held = rows.with_row_index("order")
                put = told.select(rows.columns).with_row_index("order", offset=rows.height)
                rows = believed(held, put, ["subject", "kind", "code", "at"], "at").sort("at", "order").drop("order")
        there = np.unique(rows["subject"].to_numpy())
        first = first_known(came.get(TABLE), self.first_known_on)
        return Reviewed(rows, self.subjects.among(about, len(ids), there, came), first, self.timezone)

    def on(self, as_of: dt.date, known_on: dt.date, names: Collection[str] | None = None) -> pl.DataFrame:
        """`borrower_id` and columns of the family, all or those with some names, one row a borrower of whom anything was found up to the date."""
        known = day_of(known_on)
        asked = [name for name in SCHEMA if names is None or name in names or name == "borrower_id"]
        rows = self.rows
        if rows.is_empty():
            return pl.DataFrame(schema={name: SCHEMA[name] for name in asked})
        seen = those(
            rows, rows["day"] <= day_of(as_of), rows["known_on"] <= known, rows["until"] > known, rows["said"].is_not_null()
        )  # fmt: skip
        who = self.subjects.whom(as_of, known_on)[seen["subject"].to_numpy()]
        if (who == NOBODY).any():
            seen, who = seen.filter(pl.Series(who != NOBODY)), who[who != NOBODY]
        found = _Found(seen, who, len(self.subjects.ids), self.subjects.asked, as_of)
        columns = found.columns()
        return pl.DataFrame(
            {"borrower_id": self.subjects.ids.gather(found.told), **{name: columns[name]() for name in asked[1:]}},
            schema={name: SCHEMA[name] for name in asked},
        )


class _Found:
    """Rows that count on a date, in order of their moment, each with the place of the borrower it concerns."""

    def __init__(self, seen: pl.DataFrame, who: Whole, people: int, asked: int | None, as_of: dt.date) -> None:
        self.day, self.kind, self.code, self.said = (seen[name].to_numpy() for name in ("day", "kind", "code", "said"))
        self.who, self.people, self.as_of = who, people, as_of
        self.told: Long = np.flatnonzero(self._newest(np.arange(len(who)))[:asked] != NONE)
        """The places of borrowers of whom there is a row: those that are told of."""

    def columns(self) -> dict[str, Callable[[], pl.Series]]:
        """What makes each measure of those told of."""
        done, found = self.kind == DONE, self.kind == FOUND
        lately = self.day > day_of(add_months(self.as_of, -of.REVIEWS_MONTHS))
        made: dict[str, Callable[[], pl.Series]] = {
            "days_since_review": lambda: self._days(done),
            "days_since_onsite": lambda: self._days(done & (self.said == 1)),
            "reviews_12m": lambda: self._count(np.flatnonzero(done & lately)),
            "findings_open": lambda: self._count(self._open),
            **{name: partial(self._at_level, level) for name, level in of.COUNTED.items()},
            "days_since_finding": lambda: self._days(found),
        }
        for name, kind in of.RATINGS.items():
            made |= {name: partial(self._rating, kind), f"{name}_change": partial(self._change, kind)}
        return made

    def _newest(self, rows: Long) -> Long:
        """By place of a borrower the last of some rows that concerns it; NONE where none does."""
        found = np.full(self.people, NONE, np.int64)
        found[self.who[rows]] = rows  # in order of their moment, so that the last stays
        return found

    @cached_property
    def _open(self) -> Long:
        """Rows of findings that stand: the last word of a borrower's code, where it is not that it was settled."""
        rows: Long = np.flatnonzero((self.kind == FOUND) | (self.kind == SETTLED))[::-1]
        codes = np.unique(self.code[rows], return_inverse=True)[1].astype(np.int64)
        of_whom = self.who[rows].astype(np.int64) * len(rows) + codes
        last: Long = rows[np.unique(of_whom, return_index=True)[1]]
        standing: Long = last[self.kind[last] == FOUND]
        return standing

    def _days(self, marked: np.ndarray[Any, np.dtype[np.bool_]]) -> pl.Series:
        last = self._newest(np.flatnonzero(marked))[self.told]
        return _where(last != NONE, day_of(self.as_of) - self.day[last])

    def _count(self, rows: Long) -> pl.Series:
        return pl.Series(np.bincount(self.who[rows], minlength=self.people)[self.told].astype(np.int32))

    def _at_level(self, level: str) -> pl.Series:
        return self._count(self._open[self.said[self._open] == of.LEVELS.index(level)])

    def _rating(self, kind: str) -> pl.Series:
        last = self._newest(np.flatnonzero(self.kind == KINDS.index(kind)))[self.told]
        return _where(last != NONE, self.said[last])

    def _change(self, kind: str) -> pl.Series:
        """The last rating less the one before."""
        rated = np.flatnonzero(self.kind == KINDS.index(kind))
        last = self._newest(rated)
        before = self._newest(rated[last[self.who[rated]] != rated])[self.told]
        return _where(before != NONE, self.said[last[self.told]] - self.said[before])


def read(home: Home, lake_versions: Mapping[str, int], owing: Owing) -> Reviewed | None:
    """What reviews of a home found at the lake's versions; None where nothing of the kind was ever sent."""
    return begun(home, lake_versions, owing) if lake.files_as_of(home, TABLE, lake_versions) else None


def begun(home: Home, lake_versions: Mapping[str, int], owing: Owing) -> Reviewed:
    """The same also where nothing was ever sent: nothing, to put among it what comes."""
    timezone = home.settings.timezone
    files = lake.files_as_of(home, TABLE, lake_versions)
    scanned = pl.scan_parquet(files) if files else pl.LazyFrame(lake.schema(TABLE).empty_table())
    first: dt.date | None = scanned.select(pl.col("known_on").min()).collect().item()
    moment = pl.col("happened_at").to_physical()
    key = pl.concat_str("subject_id", pl.col("kind").cast(pl.String), moment, separator="\0")
    arrival = (pl.col("batch"), pl.col("row"), pl.lit(0, pl.Int32).alias("ix"))
    rows = _known(scanned, timezone, pl.col("subject_id"), key.alias("key"), *arrival).collect(engine="streaming")
    settled = beliefs.events(rows, "key", ["known_on"])  # equal versions stay: another may come between them
    settled = settled.drop("key", "ix").sort("at", "batch", "row").drop("batch", "row")
    about = subjects.read(home, lake_versions, settled["subject_id"], owing)
    places = (
        pl.DataFrame({"subject_id": about.ids}).with_row_index("subject").with_columns(pl.col("subject").cast(pl.Int32))
    )
    held = settled.join(places, on="subject_id", maintain_order="left").drop("subject_id")
    return Reviewed(held, about, NEVER if first is None else first, timezone)


def _known(rows: pl.LazyFrame, timezone: str, *beside: pl.Expr) -> pl.LazyFrame:
    """Rows of the kinds that say something, and what is kept of each: days and moments as counts."""
    at = pl.col("happened_at").dt.convert_time_zone(timezone)
    kept = rows.select(
        *beside, at.to_physical().alias("at"), at.dt.date().to_physical().alias("day"), pl.col("known_on").to_physical(),
        pl.col("kind").cast(pl.String).alias("name"), pl.col("value").cast(pl.String),
    )  # fmt: skip
    name, code = pl.col("name"), pl.col("name").str.extract(f"^(?:{of.FOUND}|{of.SETTLED})(.+)$")
    plain = [kind for kind in KINDS if kind not in (of.FOUND, of.SETTLED)]
    kind = name.replace_strict(plain, [KINDS.index(one) for one in plain], default=None, return_dtype=pl.Int8)
    finding = pl.when(name.str.starts_with(of.FOUND)).then(FOUND).otherwise(SETTLED).cast(pl.Int8)
    told = kept.with_columns(
        kind=pl.when(code.is_not_null()).then(finding).otherwise(kind), code=code.fill_null("").hash(0)
    ).filter(pl.col("kind").is_not_null())
    return told.with_columns(said=_said(pl.col("value").str.json_path_match("$"))).drop("name", "value")


def _said(value: pl.Expr) -> pl.Expr:
    """What the value of a row of each kind says, from its JSON without spaces; empty where it is none, or says something else."""
    level = value.str.extract(r'"level":"(\w+)"')
    rating = value.str.extract(rf'"rating":([{of.LEAST}-{of.MOST}])[,}}]').cast(pl.Int8)
    says = {
        DONE: value.str.extract(r'"onsite":(true|false)[,}]') == "true",
        FOUND: level.replace_strict(list(of.LEVELS), range(len(of.LEVELS)), default=None, return_dtype=pl.Int8),
        SETTLED: pl.lit(0),
    }
    told = rating
    for kind, said in says.items():
        told = pl.when(pl.col("kind") == kind).then(said.cast(pl.Int8)).otherwise(told)
    return pl.when(value.str.starts_with("{")).then(told)


def _where(there: np.ndarray[Any, np.dtype[np.bool_]], values: np.ndarray[Any, Any]) -> pl.Series:
    """Some values; empty where there is none."""
    return pl.Series(values.astype(np.int32)).set(pl.Series(~there), None)
