"""Pictures of how a book moves, as Matplotlib figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

SIZE: Final = (10, 5)
COLOURS: Final = ("#2f7d5b", "#9db84a", "#e3b23c", "#e0803a", "#c9462f", "#8f2a35", "#5b2340", "#3a1a33")
"""From good to bad, as many as schemes have buckets; more repeat the last."""


def ageing_chart(found: pl.DataFrame, labels: Sequence[str], title: str = "Share of live balance past due") -> Figure:
    """Share of the live balance past due by bucket, over time; of an ageing without further groups."""
    figure, axes = _axes(title)
    late = list(labels)[1:]
    wide = found.filter(pl.col("standing").cast(pl.String).is_in(late)).select(
        "as_of", pl.col("standing").cast(pl.String), "balance_share"
    )
    dates = found.select(pl.col("as_of").unique().sort())["as_of"].to_list()
    shares = [_over(wide.filter(pl.col("standing") == label), dates) for label in late]
    axes.stackplot(dates, shares, labels=late, colors=[_colour(place + 1) for place in range(len(late))])
    axes.legend(loc="upper left", frameon=False)
    return figure


def roll_chart(found: pl.DataFrame, title: str = "Roll rate by balance, month to month") -> Figure:
    """Roll rates by balance, a line for each step from bucket to bucket."""
    figure, axes = _axes(title)
    steps = found.select("from", "to").unique(maintain_order=True).rows()
    for place, (earlier, later) in enumerate(steps):
        step = found.filter((pl.col("from") == earlier) & (pl.col("to") == later))
        axes.plot(
            step["as_of"].to_list(),
            step["balance_rate"].to_list(),
            label=f"{earlier} → {later}",
            color=_colour(place + 1),
        )
    axes.legend(loc="upper left", frameon=False, ncols=2)
    return figure


def vintage_chart(found: pl.DataFrame, title: str = "Ever bad, share of loans, by months on book") -> Figure:
    """Cumulative share of loans ever bad by months on book, a line a cohort, older cohorts darker."""
    figure, axes = _axes(title)
    cohorts = found.select("cohort", "currency").unique().sort("cohort", "currency").rows()
    several = found["currency"].n_unique() > 1
    for place, (cohort, currency) in enumerate(cohorts):
        line = found.filter((pl.col("cohort") == cohort) & (pl.col("currency") == currency)).sort("months_on_book")
        shade = str(0.75 * place / max(len(cohorts) - 1, 1))
        label = f"{cohort:%Y-%m} {currency}" if several else f"{cohort:%Y-%m}"
        axes.plot(line["months_on_book"].to_list(), line["bad_share"].to_list(), label=label, color=shade)
    axes.legend(loc="upper left", frameon=False, ncols=2)
    return figure


def _axes(title: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.subplots()
    axes.set_title(title, loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    axes.yaxis.set_major_formatter(
        lambda share, _place: f"{share:.0%}" if share == 0 or share >= 0.01 else f"{share:.1%}"
    )
    return figure, axes


def _over(shares: pl.DataFrame, dates: list[object]) -> list[float]:
    given = dict(shares.select("as_of", "balance_share").rows())
    return [given.get(day) or 0.0 for day in dates]


def _colour(place: int) -> str:
    return COLOURS[min(place, len(COLOURS) - 1)]
