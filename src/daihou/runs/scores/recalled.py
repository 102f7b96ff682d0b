"""What runs noted of models, read again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from daihou.runs.scores.own_runs import OwnRuns
from daihou.runs.scores.tables import MODEL_WATCH, SCORES

if TYPE_CHECKING:
    import datetime as dt

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


def watched_of(home: Home, model_id: str, dates: list[dt.date]) -> pl.DataFrame:
    """The rows of `model_watch` of all versions of a model over dates, with `as_of`, in order of date."""
    runs = OwnRuns(home)
    frames = [
        pl.scan_parquet(paths).filter(pl.col("model_id") == model_id).with_columns(pl.lit(date).alias("as_of")).collect()
        for date in sorted(dates) if (paths := runs.files("model_watch", date))
    ]  # fmt: skip
    return pl.concat(frames) if frames else pl.DataFrame(MODEL_WATCH.empty_table()).drop("known_on")


def watched_over_time(home: Home, model: str, dates: list[dt.date]) -> pl.DataFrame:
    """The rows of `model_watch` of one version over dates, with `as_of`."""
    runs = OwnRuns(home)
    frames = [
        pl.scan_parquet(paths).filter(pl.col("model") == model).with_columns(pl.lit(date).alias("as_of")).collect()
        for date in dates if (paths := runs.files("model_watch", date))
    ]  # fmt: skip
    return pl.concat(frames) if frames else pl.DataFrame(MODEL_WATCH.empty_table()).drop("known_on")


def scores_of(home: Home, borrower_id: str, dates: list[dt.date]) -> pl.DataFrame:
    """What each run said of a borrower, of its loans too: rows of `scores` with `as_of`, in order of date."""
    runs = OwnRuns(home)
    frames = [
        pl.scan_parquet(paths).filter(pl.col("borrower_id") == borrower_id).with_columns(pl.lit(date).alias("as_of")).collect()
        for date in dates if (paths := runs.files("scores", date))
    ]  # fmt: skip
    return pl.concat(frames) if frames else pl.DataFrame(SCORES.empty_table()).drop("known_on")
