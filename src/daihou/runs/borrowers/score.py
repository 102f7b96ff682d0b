"""The family score of any date: what the last run before it, by its own knowledge, wrote of borrowers, as long as that stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

import polars as pl

from daihou.monitoring.score.family import SCORE
from daihou.runs.borrowers.places import Places
from daihou.runs.borrowers.since import distinct

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from daihou.policies.dated import Dated
    from daihou.policies.scores import Scores

KEY: Final = "borrower_id"
NAMES: Final = tuple(measure.name for measure in SCORE.measures)
KINDS: Final = {KEY: pl.String, **{name: pl.String if name == "score_model" else pl.Float64 for name in NAMES}}


@dataclass(frozen=True)
class Said:
    """What one run said of those it scored, read when first asked for."""

    files: tuple[Path, ...]

    @cached_property
    def frame(self) -> pl.DataFrame:
        """The key and the columns of the family."""
        rows = pl.scan_parquet(list(self.files))
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
        days = self.holds.on(as_of).values.holds_days
        last = max((day for day in self.by_date if day <= min(as_of, known_on)), default=None)
        if last is None or (as_of - last).days > days:
            return pl.DataFrame(schema=KINDS)
        said = self.by_date[last]
        return said.frame if self.ids is None else said.frame[said.places.rows_of(self.ids)[1]]


def before(files: Mapping[tuple[dt.date, dt.date], Sequence[Path]], holds: Dated[Scores]) -> ScoredBefore | None:
    """What runs said, from the files of their borrowers by pair of dates; None where none is of its own knowledge."""
    own = {as_of: Said(tuple(paths)) for (as_of, known_on), paths in files.items() if as_of == known_on and paths}
    return ScoredBefore(own, holds) if own else None
