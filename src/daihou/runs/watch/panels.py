"""Panels of thresholds from rows of measures: values as rules write them, who is watched and in the segment, and what group each is of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from daihou.runs.watch.answers import answered
from daihou.runs.watch.spine import SUBJECT
from daihou.warning.fold import TRUE, UNWATCHED, Codes
from daihou.warning.tally import Panel

if TYPE_CHECKING:
    from daihou.expressions import Expression, Field
    from daihou.runs.watch.asked import Understood
    from daihou.runs.watch.spine import Chunk
    from daihou.warning.candidates import Values


def loan_panel(chunk: Chunk, asked: Understood, base_unit: int) -> Panel:
    """The loans of a chunk, of a question about measures of loans alone."""
    values = chunk.spread(written(chunk.frame, asked.field, chunk.amount_unit, base_unit), np.nan)
    within = chunk.spread(inside(chunk.frame, asked.segment, chunk.amount_unit, base_unit), UNWATCHED)
    within[~chunk.watched] = UNWATCHED
    groups = None if asked.by is None else last_told(chunk.frame, SUBJECT, asked.by, chunk.watched.shape[1])
    return Panel(chunk.first, values, within, chunk.balance, chunk.outcomes, groups)


def written(rows: pl.DataFrame, field: Field, amount_unit: int | pl.Expr, base_unit: int) -> Values:
    """The values of a measure in the units a rule is written in; NaN where there is none."""
    stored = pl.col(field.name)
    if field.unit in ("amount", "base_amount"):
        stored = stored / (amount_unit if field.unit == "amount" else base_unit)
    found = rows.select(stored.cast(pl.Float64).fill_null(float("nan")).alias(field.name))
    return found[field.name].to_numpy()


def inside(rows: pl.DataFrame, segment: Expression | None, amount_unit: int | pl.Expr, base_unit: int) -> Codes:
    """Whether each row is in the segment."""
    if segment is None:
        return np.full(len(rows), TRUE, np.uint8)
    (found,) = answered(rows, [segment], amount_unit, base_unit)
    return found


def last_told(rows: pl.DataFrame, subject: str, name: str, count: int) -> tuple[str | None, ...]:
    """For each subject the text of a column on the last date that has one; rows are in order of date."""
    told = rows.select(subject, pl.col(name).cast(pl.String)).drop_nulls(name)
    last = told.group_by(subject).agg(pl.col(name).last())
    found: list[str | None] = [None] * count
    for place, text in last.iter_rows():
        found[place] = text
    return tuple(found)
