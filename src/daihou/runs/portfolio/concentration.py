"""Concentration: how much of the balance of a date lies with the largest borrowers, orgs, products or regions."""

from __future__ import annotations

import polars as pl

from daihou.runs.portfolio.panel import BALANCE, LIVE


def concentration(panel: pl.LazyFrame, by: str, top: int = 10) -> pl.DataFrame:
    """By date: how many there are, the share of the `top` largest, and the Herfindahl-Hirschman index (sum of squared shares, 0 to 1).

    Both shares are empty where nothing is owed. Only live loans count, with balances in the base currency. Loans without `by` count together as one.
    """
    live = panel.filter(pl.col("state").cast(pl.String).is_in(LIVE))
    sums = live.group_by("as_of", by).agg(pl.col(BALANCE).sum().alias("balance"))
    whole = pl.col("balance").sum()
    share = pl.when(whole != 0).then(pl.col("balance") / whole)
    return (
        sums.group_by("as_of")
        .agg(
            pl.len().cast(pl.Int64).alias("count"),
            pl.col("balance").sum(),
            pl.when(whole != 0).then(share.sort(descending=True).head(top).sum()).alias("top_share"),
            pl.when(whole != 0).then((share**2).sum()).alias("hhi"),
        )
        .collect()
        .sort("as_of")
    )
