"""How often a column has no value in the book of the newest run: of loans that are live, of borrowers who have one, or of models that score."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import polars as pl
from django.conf import settings

from daihou.desk.governance import newest
from daihou.runs import store
from daihou.runs.watch.rows import LIVE

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.book.home import Home
    from daihou.desk.governance.checks import Examined, Named

TABLES: Final = {
    "snapshots": pl.col("state").cast(pl.String).is_in(LIVE),
    "borrower_snapshots": pl.col("loans") + pl.col("loans_unmeasured") > 0,
    "model_snapshots": pl.lit(value=True),
}
"""The tables in which a column is looked for, in order, and which of their rows are watched."""


def beside(examined: Examined) -> list[tuple[Named, float | None]]:
    """The columns that a rule names, each with the share of its rows that have no value; None where no run tells."""
    home: Home = settings.HOME
    stamp = newest.stamp(home)
    return [(column, _missing(home, stamp, column.field.name)) for column in examined.named]


@lru_cache(maxsize=512)
def _missing(home: Home, _stamp: str, name: str) -> float | None:
    pair = newest.pair(home)
    for table, watched in TABLES.items():
        paths = store.files(home, table, *pair) if pair else []
        found = _share(paths, name, watched) if paths else None
        if found is not None:
            return found
    return None


def _share(paths: list[Path], name: str, watched: pl.Expr) -> float | None:
    """The share of watched rows without a value; None where there is no such column, or no such row."""
    rows = pl.scan_parquet(paths)
    if name not in rows.collect_schema():
        return None
    share: float | None = rows.filter(watched).select(pl.col(name).is_null().mean()).collect().item()
    return share
