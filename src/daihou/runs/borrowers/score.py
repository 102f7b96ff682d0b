"""The family score of any date: what the last run before it, by its own knowledge, wrote of borrowers, as long as that stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

import polars as pl

from daihou.monitoring.score.family import SCORE
from daihou.runs.borrowers.places import Places
from daihou.runs.borrowers.since import distinct
from daihou.runs.scores.own_runs import that_stands

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from daihou.policies.dated import Dated
    from daihou.policies.scores import Scores
    from daihou.runs.scores.own_runs import OwnRuns

KEY: Final = "borrower_id"
NAMES: Final = tuple(measure.name for measure in SCORE.measures)
KINDS: Final = {KEY: pl.String, **{name: pl.String if name == "score_model" else pl.Float64 for name in NAMES}}


@dataclass(frozen=True)
class Said:
    """What one run said of those it scored, read when first asked for."""

    runs: OwnRuns
    date: dt.date

    @cached_property
    def frame(self) -> pl.DataFrame:
        """The key and the columns of the family."""
        paths = self.runs.files("borrower_snapshots", self.date)
        rows = pl.scan_parquet(paths) if paths else pl.LazyFrame(schema=KINDS)
        if not set(NAMES) <= set(rows.collect_schema().names()):
            return pl.DataFrame(schema=KINDS)
        return rows.filter(pl.col("score").is_not_null()).select(KEY, *NAMES).collect()

    @cached_property
    def places(self) -> Places:
        """Where each borrower stands in it."""
        return Places(self.frame[KEY])


@dataclass(frozen=True)
class ScoredBefore:
    """The runs of a home that may have scored, by date; or what they said of some borrowers."""

    by_date: Mapping[dt.date, Said]
    holds: Dated[Scores]
    ids: pl.Series | None = field(default=None)

    def among(self, ids: pl.Series) -> ScoredBefore:
        """The same of some borrowers."""
        return ScoredBefore(self.by_date, self.holds, distinct(ids))

    def on(self, as_of: dt.date, known_on: dt.date) -> pl.DataFrame:
        """The key and the columns of the family, a row a borrower that has a score."""
        last = that_stands(self.by_date, as_of, known_on, self.holds)
        if last is None:
            return pl.DataFrame(schema=KINDS)
        said = self.by_date[last]
        return said.frame if self.ids is None else said.frame[said.places.rows_of(self.ids)[1]]


def before(runs: OwnRuns, holds: Dated[Scores]) -> ScoredBefore | None:
    """What runs said; None where there is none of its own knowledge. Only the files of dates that are asked for are looked up."""
    return ScoredBefore({date: Said(runs, date) for date in runs.dates}, holds) if runs.dates else None
