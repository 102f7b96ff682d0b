"""Roll rates: a bucket of one month end over the bucket before it, a month earlier."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import polars as pl

from daihou.runs.portfolio.panel import COUNTS, dates_of, month_before, standing, whole_months

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from daihou.policies.buckets import Buckets


def rolls(panel: pl.LazyFrame, scheme: Buckets, run: Sequence[dt.date] | None = None) -> pl.DataFrame:
    """For each month (its last date run; not the running one) and each two buckets that follow: what stands in the later over what stood in the earlier a month before.

    Columns: as_of, from, to, `loans` and `balance` of the later bucket, `loans_before` and `balance_before` of the earlier one,
    and their ratios `loans_rate`, `balance_rate`; empty where there was nothing, or where the month before was not run, so that a
    gap is never bridged. Rates may exceed one: a bucket also holds what comes from elsewhere, and the last one what stays. A bucket
    must be as wide as the step: one cycle. Stages of 30 days come out uneven, since months differ in length. `run` are the dates that
    were run where the panel may hold no loan of some: such a date is empty, and no gap.
    """
    labels = list(scheme.labels)
    now = (
        panel.with_columns(standing=standing(scheme).cast(pl.String))
        .filter(pl.col("standing").is_in(labels))
        .group_by("as_of", "standing")
        .agg(COUNTS)
        .drop("without_balance")
        .collect()
    )
    dates = whole_months(dates_of(panel) if run is None else run)
    steps = pl.DataFrame(
        [(day, month_before(day, dates), earlier, later) for day in dates for earlier, later in itertools.pairwise(labels)],
        schema={"as_of": pl.Date, "before": pl.Date, "from": pl.String, "to": pl.String}, orient="row",
    )  # fmt: skip
    was = now.rename({"as_of": "before", "standing": "from", "loans": "loans_before", "balance": "balance_before"})
    found = steps.join(now.rename({"standing": "to"}), on=["as_of", "to"], how="left", maintain_order="left")
    found = found.join(was, on=["before", "from"], how="left", maintain_order="left")
    found = found.with_columns(pl.col("loans", "balance").fill_null(0))
    known = pl.col("before").is_not_null()
    found = found.with_columns(
        pl.when(known).then(pl.col(name).fill_null(0)) for name in ("loans_before", "balance_before")
    )
    rates = [
        pl.when(pl.col(f"{name}_before") != 0).then(pl.col(name) / pl.col(f"{name}_before")).alias(f"{name}_rate")
        for name in ("loans", "balance")
    ]
    return found.with_columns(rates).drop("before")
