"""A matrix of moves as a table of shades: what got worse, what stayed, what got better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import ngettext, pgettext

from daihou.desk.portfolio.columns import code_label
from daihou.runs.portfolio.migration import ABSENT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from daihou.desk.portfolio.moves import Cell

ENDS: Final = ("closed", "transferred", "written_off", "unmeasured", ABSENT)
WORSE, SAME, BETTER = "w", "hs", "g"
STEPS: Final = {WORSE: (0.05, 0.2, 0.4, 0.6), SAME: (0.05, 0.15, 0.4, 0.75), BETTER: (0.1, 0.35)}
"""Shares from which the next stronger shade begins."""


@dataclass(frozen=True, slots=True)
class Shade:
    """A cell: its share of the row by balance (by count where the row has no balance), its loans, its colour, and its loans' address."""

    share: float | None
    loans: int
    balance: int
    colour: str
    url: str | None
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Heat:
    """The matrix: headings and rows."""

    heads: list[str]
    rows: list[tuple[str, int, list[Shade]]]


def place_name(place: str, labels: Sequence[str], *, compact: bool = False) -> str:
    """What a place is called: a live bucket by the due dates unpaid, else the state."""
    if place == labels[0]:
        return pgettext("loan", "Current")
    if place in labels and compact:
        return place
    if place in labels:
        return ngettext("%(n)s due", "%(n)s due", 1 if place == "1" else 2) % {"n": place}
    if place == ABSENT:
        return pgettext("loan", "Not known")
    return code_label("state", place)


def heat(
    cells: Sequence[Cell], labels: Sequence[str], link: Callable[[str, str], str | None], *, compact: bool = False
) -> Heat:
    """The matrix of moves; rows are where loans stood, columns where they stand. A compact one has rows of live buckets alone, and short names."""
    by = {(cell.was, cell.now): cell for cell in cells}
    order = [*labels, "not_started", *ENDS]
    ends = [place for place in order if any(cell.now == place for cell in cells)]
    starts = [
        place for place in order if any(cell.was == place for cell in cells) and place not in ("closed", "transferred")
    ]
    if compact:
        starts = [place for place in starts if place in labels]
        ends = [place for place in ends if any(cell.was in starts and cell.now == place for cell in cells)]
    rows = []
    for was in starts:
        row = [cell for cell in cells if cell.was == was]
        whole, count = sum(cell.balance_before for cell in row), sum(cell.loans for cell in row)
        shades = []
        for now in ends:
            cell = by.get((was, now))
            if cell is None:
                shades.append(Shade(None, 0, 0, "z", None, was, now))
                continue
            share = cell.balance_before / whole if whole else cell.loans / count
            shades.append(
                Shade(share, cell.loans, cell.balance, _colour(was, now, share, labels), link(was, now), was, now)
            )
        rows.append((place_name(was, labels, compact=compact), count, shades))
    return Heat([place_name(now, labels, compact=compact) for now in ends], rows)


def _colour(was: str, now: str, share: float, labels: Sequence[str]) -> str:
    if was not in labels:
        return "hs1"
    if now in labels:
        way = SAME if now == was else WORSE if labels.index(now) > labels.index(was) else BETTER
    else:
        way = WORSE if now in ("written_off", "unmeasured", ABSENT) else BETTER
    return f"{way}{1 + sum(share >= step for step in STEPS[way])}"
