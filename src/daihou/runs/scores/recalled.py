"""What runs noted of models, read again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from daihou.runs.scores.own_runs import OwnRuns
from daihou.runs.scores.tables import MODEL_WATCH, SCORES

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    import pyarrow as pa

    from daihou.book.home import Home


def figures_on(home: Home, day: dt.date, model_id: str | None = None) -> list[dict[str, object]]:
    """The rows of `model_watch` of a date, of all models or of one, in the order in which they were noted."""
    paths = OwnRuns(home).files("model_watch", day)
    if not paths:
        return []
    found = pl.scan_parquet(paths)
    if model_id is not None:
        found = found.filter(pl.col("model_id") == model_id)
    return found.collect().to_dicts()


def watched_of(home: Home, model_id: str, dates: Iterable[dt.date]) -> pl.DataFrame:
    """The rows of `model_watch` of all versions of a model over dates, with `as_of`, in order of date."""
    return _over(home, "model_watch", MODEL_WATCH, pl.col("model_id") == model_id, dates)


def scores_of(home: Home, borrower_id: str, dates: Iterable[dt.date]) -> pl.DataFrame:
    """What each run said of a borrower, of its loans too: rows of `scores` with `as_of`, in order of date."""
    return _over(home, "scores", SCORES, pl.col("borrower_id") == borrower_id, dates)


def _over(home: Home, table: str, schema: pa.Schema, which: pl.Expr, dates: Iterable[dt.date]) -> pl.DataFrame:
    runs = OwnRuns(home)
    frames = [
        pl.scan_parquet(paths).filter(which).with_columns(pl.lit(date).alias("as_of")).collect()
        for date in sorted(dates)
        if (paths := runs.files(table, date))
    ]
    return pl.concat(frames) if frames else pl.DataFrame(schema.empty_table()).drop("known_on")
