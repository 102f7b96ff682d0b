"""Scoring in a run: every subject that a model in force is for, from what the same run measured; and what that makes known of borrowers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from daihou.book.days import add_months
from daihou.monitoring.score.family import SCORE
from daihou.runs import store
from daihou.runs.borrowers.columns import SCHEMA as BORROWERS
from daihou.runs.scores import overlay, register
from daihou.runs.scores.asked import asked
from daihou.runs.scores.observing import fate_at_once
from daihou.runs.scores.told import rows

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from pathlib import Path

    from daihou.assessment.scores.inputs import Columns
    from daihou.assessment.scores.model import Model, Scored
    from daihou.runs.scores.asked import Asked
    from daihou.runs.scores.own_runs import OwnRuns
    from daihou.runs.scores.register import Role, Version
    from daihou.runs.scores.told import Told

ODDS: Final = pl.col("multiplier") * pl.col("pd") / (1 - pl.col("pd"))
"""Odds of default with the overlay: `assessment.scores.overlay.overlaid` in columns."""
OVERLAID: Final = pl.when(pl.col("multiplier") == 1).then("pd").otherwise(ODDS / (1 + ODDS))
NAMES: Final = tuple(measure.name for measure in SCORE.measures)
SHIFT_DAYS: Final = 31
"""A score of three months before is of a run so many days older at most."""
MONTHS: Final = 3


@dataclass(frozen=True)
class Said:
    """What one version says of a date."""

    version: Version
    role: Role
    model: Model
    asked: Asked
    told: Told
    """Those it is for."""
    columns: Columns
    """What the model is told of them."""
    scored: Scored
    segment: pl.Series | None
    multiplier: float

    def table(self) -> pl.DataFrame:
        """The rows of table `scores`, without the pair of dates."""
        there = pl.Series(self.scored.there)
        empty = pl.Series([None], dtype=pl.String).new_from_index(0, len(there))
        frame = pl.DataFrame(
            {
                "subject_id": self.told.ids.cast(pl.String), "borrower_id": self.told.borrowers.cast(pl.String),
                "segment": empty if self.segment is None else self.segment,
                "score": self.scored.score, "pd": self.scored.pd, "why": self.scored.why,
            }
        )  # fmt: skip
        return frame.with_columns(
            pl.when(there).then("score").cast(pl.Int32).alias("score"), pl.when(there).then("pd").alias("pd"),
            pl.lit(self.version.called).alias("model"), pl.lit(self.version.model_id).alias("model_id"),
            pl.lit(self.version.number, pl.Int32).alias("version"), pl.lit(self.role).alias("role"),
            pl.lit(self.model.design.subject).alias("subject"), pl.lit(self.multiplier).alias("multiplier"),
        )  # fmt: skip


def said_of(runs: OwnRuns, version: Version, role: Role, day: dt.date) -> Said | None:
    """What a version says of the subjects of a date; None of one that is told of tables, not of runs."""
    home = runs.home
    model = register.model(home, version)
    if model.design.runs is None:
        return None
    question = asked(model.design, version.called)
    names = {*question.at_first} | set(model.asked)
    _, told = fate_at_once(
        question,
        rows(home, model.design.subject, runs.files("snapshots", day), runs.files("borrower_snapshots", day), names),
    )
    columns, segment = told.columns(question.fields_of(model), day), told.segment(question.segment)
    return Said(
        version,
        role,
        model,
        question,
        told,
        columns,
        model.scored(columns, segment),
        segment,
        overlay.multiplier(home, version.model_id, day),
    )


def beside(runs: OwnRuns, day: dt.date, said: Sequence[Said]) -> pl.DataFrame:
    """The columns of the family score of each borrower with a score, by the champions; the first model by id speaks where several do."""
    frames = [
        one.table().filter(pl.col("score").is_not_null()).with_columns(pl.lit(at).alias("at"))
        for at, one in enumerate(sorted((one for one in said if one.role == "champion"), key=lambda one: one.version.model_id))
    ]  # fmt: skip
    if not frames:
        return pl.DataFrame(
            schema={
                "borrower_id": pl.String,
                **{name: pl.String if name == "score_model" else pl.Float64 for name in NAMES},
            }
        )
    whole = (
        pl.concat(frames)
        .sort("borrower_id", "at", "score", "subject_id")
        .unique("borrower_id", keep="first", maintain_order=True)
    )
    found = whole.select(
        "borrower_id", pl.col("score").cast(pl.Float64), pl.col("pd").alias("score_pd"),
        OVERLAID.alias("score_pd_overlaid"), pl.col("model").alias("score_model"),
    )  # fmt: skip
    before = _before(runs, day)
    changed = found.join(before, on="borrower_id", how="left", maintain_order="left")
    change = pl.when(pl.col("score_model") == pl.col("model_before")).then(pl.col("score") - pl.col("score_before"))
    return changed.select("borrower_id", *(change.alias(name) if name == "score_change_3m" else name for name in NAMES))


def _before(runs: OwnRuns, day: dt.date) -> pl.DataFrame:
    """What borrowers scored three months before a date."""
    then = add_months(day, -MONTHS)
    days = [date for date in runs.dates if date <= then]
    empty = pl.DataFrame(schema={"borrower_id": pl.String, "score_before": pl.Float64, "model_before": pl.String})
    if not days or (then - days[-1]).days > SHIFT_DAYS:
        return empty
    held = pl.scan_parquet(runs.files("borrower_snapshots", days[-1]))
    if "score" not in held.collect_schema().names():
        return empty
    return (
        held.filter(pl.col("score").is_not_null())
        .select("borrower_id", pl.col("score").alias("score_before"), pl.col("score_model").alias("model_before"))
        .collect()
    )


def widened(path: Path, told: pl.DataFrame) -> list[pa.Table]:
    """The rows of a file of borrowers with the family score put in, in parts."""
    parts = []
    file = pq.ParquetFile(path)
    for group in range(file.num_row_groups):
        held = pl.DataFrame(file.read_row_group(group)).drop(NAMES)
        wide = held.join(told, on="borrower_id", how="left", maintain_order="left")
        schema = pa.schema([field for field in BORROWERS if field.name not in store.PAIR])
        parts.append(wide.select(schema.names).to_arrow().cast(schema))
    return parts
