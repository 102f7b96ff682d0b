"""Ageing: the book by bucket of arrears, on each date."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from daihou.runs.portfolio.panel import COUNTS, standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.policies.buckets import Buckets


def ageing(panel: pl.LazyFrame, scheme: Buckets, by: Sequence[str] = ()) -> pl.DataFrame:
    """Loans and balance by date, whatever `by` names, and standing (bucket of a live loan, or state).

    `loans_share` and `balance_share` are of the live loans of the date and group; empty for what is not live.
    """
    group = ["as_of", *by]
    live = pl.col("standing").to_physical() < len(scheme.labels)
    found = panel.with_columns(standing=standing(scheme)).group_by(*group, "standing").agg(COUNTS).collect()
    return found.with_columns(_share(name, live).over(group) for name in ("loans", "balance")).sort(*group, "standing")


def _share(name: str, live: pl.Expr) -> pl.Expr:
    total = pl.col(name).filter(live).sum()
    return pl.when(live & (total != 0)).then(pl.col(name) / total).alias(f"{name}_share")
