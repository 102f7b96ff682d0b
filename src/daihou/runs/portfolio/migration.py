"""Migration: where the loans of one date stand on another; and the matrix that many pairs of following dates estimate together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from daihou.runs.portfolio.panel import BALANCE, standing, standings

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from daihou.policies.buckets import Buckets

ABSENT: Final = "absent"
"""Not in the snapshot of a date: not known yet."""


def migration(panel: pl.LazyFrame, scheme: Buckets, first: dt.date, second: dt.date) -> pl.DataFrame:
    """Loans by where they stood on the first date (`from`) and on the second (`to`).

    `balance_before` is that of the first date, `balance` that of the second; `loans_share` and `balance_share` are of the row, so
    that each row's sum to one (the balance's where the row had any). `absent` is from or to outside the snapshot. Summed over
    `from`, loans and `balance` are the ageing of the second date.
    """
    kind = pl.Enum([*standings(scheme), ABSENT])
    rows = panel.select("loan_id", "as_of", pl.col(BALANCE).alias("balance"), standing=standing(scheme).cast(pl.String))
    before = rows.filter(pl.col("as_of") == first).select(
        "loan_id", pl.col("standing").alias("from"), pl.col("balance").alias("balance_before")
    )
    after = rows.filter(pl.col("as_of") == second).select("loan_id", pl.col("standing").alias("to"), "balance")
    both = before.join(after, on="loan_id", how="full", coalesce=True).with_columns(
        pl.col("from", "to").fill_null(ABSENT).cast(kind)
    )
    found = both.group_by("from", "to").agg(
        pl.len().cast(pl.Int64).alias("loans"), pl.col("balance_before").sum(), pl.col("balance").sum()
    )
    return _shares(found).collect().sort("from", "to")


def pooled(panel: pl.LazyFrame, scheme: Buckets, steps: Sequence[tuple[dt.date, dt.date]]) -> pl.DataFrame:
    """The migrations of many pairs of dates added up: the cohort estimator p_ij = n_ij / n_i (Lando and Skødeberg 2002).

    The steps must be equally long for the shares to mean anything: a month each, say, and none across a gap.
    """
    found = [migration(panel, scheme, *step) for step in steps]
    if not found:
        raise ValueError("a migration needs two dates")
    kind = found[0].schema["from"]
    added = pl.concat(found).lazy().group_by("from", "to").agg(pl.col("loans", "balance_before", "balance").sum())
    return _shares(added).collect().with_columns(pl.col("from", "to").cast(kind)).sort("from", "to")


def _shares(found: pl.LazyFrame) -> pl.LazyFrame:
    row = pl.col("balance_before").sum().over("from")
    return found.with_columns(
        loans_share=pl.col("loans") / pl.col("loans").sum().over("from"),
        balance_share=pl.when(row != 0).then(pl.col("balance_before") / row),
    )
