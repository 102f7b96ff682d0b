"""How the demo's book moves: from each cycle past due, what share of loans does better, stays, does worse or leaves; and two pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from daihou.runs.portfolio.charts import roll_chart, vintage_chart
from daihou.runs.portfolio.figure import figure
from daihou.runs.portfolio.fonts import chinese_font
from daihou.runs.portfolio.portfolio import portfolio

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.book.home import Home

LATE: Final = 60
"""Days from which a loan counts as bad in the vintages."""
STEPS: Final = 3
"""Steps from cycle to cycle that are drawn; later ones hold few loans."""


@dataclass(frozen=True, slots=True)
class Moves:
    """Where the loans that were so many cycles past due stood a month later: loan-months, and shares of them."""

    cycle: str
    loans: int
    better: float
    same: float
    worse: float
    closed: float
    written_off: float


def moves(home: Home) -> list[Moves]:
    """The pooled migration of all months, by cycle."""
    book = portfolio(home)
    cycles = book.scheme("buckets_cycles").labels
    place = {label: number for number, label in enumerate(cycles)}
    found = book.migration().with_columns(pl.col("from", "to").cast(pl.String))
    told = []
    for cycle in cycles:
        row = dict(found.filter(pl.col("from") == cycle).select("to", "loans").rows())
        whole = sum(row.values())
        if not whole:
            continue
        better, same, worse = (
            sum(count for to, count in row.items() if to in place and _sign(place[to] - place[cycle]) == way)
            for way in (-1, 0, 1)
        )
        parts = (better, same, worse, row.get("closed", 0), row.get("written_off", 0))
        told.append(Moves(cycle, whole, *(part / whole for part in parts)))
    return told


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


def draw_moves(home: Home, rolls: Path, vintages: Path, *, chinese: bool) -> None:
    """Draw roll rates and vintages; in Chinese where wanted and a font for it is installed."""
    book = portfolio(home)
    spoken = chinese and chinese_font() is not None
    cycles = book.scheme("buckets_cycles").labels[:STEPS]
    found = book.rolls().filter(pl.col("from").is_in(cycles))
    figure(roll_chart(found, chinese=spoken)).savefig(rolls, dpi=110)
    cohorts = book.vintages(LATE, "quarter")
    figure(vintage_chart(cohorts, LATE, cohort="quarter", chinese=spoken)).savefig(vintages, dpi=110)
