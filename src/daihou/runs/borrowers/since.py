"""Rows that came since the lake was read, beside those of the lake."""

from __future__ import annotations

import datetime as dt
from typing import Final

import numpy as np
import polars as pl

from daihou.book.ledger.layout import FOREVER
from daihou.runs import few

LATER: Final = 2**40
"""The batch of rows that have none yet: they came after all that have one."""
FEW: Final = 64
"""Ids that are quicker looked at one by one than by a query."""
NEVER: Final = dt.date.max
"""When something is known first that was never sent."""


def later(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of the lake's schema as those that came after all of the lake's, in their order."""
    return rows.with_columns(batch=pl.lit(LATER, pl.Int64), row=pl.int_range(pl.len(), dtype=pl.Int64))


def first_known(rows: pl.DataFrame | None, first: dt.date) -> dt.date:
    """The day from which anything was known, with rows that came since."""
    if rows is None or rows.is_empty():
        return first
    found: dt.date = rows["known_on"].min()  # type: ignore[assignment]  # a column of dates
    return min(first, found)


def believed(held: pl.DataFrame, came: pl.DataFrame, key: list[str], mark: str) -> pl.DataFrame:
    """Versions of keys with those that came put behind them and `until` told anew: the day from which a later one counts instead.

    Of two of one `known_on` the first stands. Keys that differ in the column `mark`, a whole number, are told apart by it: the others need no look.
    """
    again = np.isin(held[mark].to_numpy(), came[mark].to_numpy())
    if not again.any() and came[mark].n_unique() == came.height:
        return pl.concat([held, came])
    rows = pl.concat([held.filter(pl.Series(again)), came])
    first = (
        rows.lazy().unique([*key, "known_on"], keep="first", maintain_order=True).sort("known_on", maintain_order=True)
    )
    following = pl.col("known_on").shift(-1).over(key)
    told = few.collected(first.with_columns(until=following.fill_null(FOREVER).cast(pl.Int32)), rows.height)
    return pl.concat([held.filter(pl.Series(~again)), told])


def those(rows: pl.DataFrame, *masks: pl.Series) -> pl.DataFrame:
    """The rows that all masks mark. Masks of columns cost a tenth of a query for a few rows, and mostly mark them all."""
    mask = masks[0]
    for other in masks[1:]:
        mask = mask & other
    return rows if mask.all() else rows.filter(mask)


def distinct(ids: pl.Series) -> pl.Series:
    """Ids without repeats, in the order in which they come first."""
    if len(ids) > FEW:
        return ids.unique(maintain_order=True)
    return pl.Series(ids.name, list(dict.fromkeys(ids.to_list())), pl.String)
