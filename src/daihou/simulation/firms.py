"""What a lender notes of the companies of a simulated book: industry, size and group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from daihou.simulation import columns
from daihou.simulation.people import TRADES, trades

if TYPE_CHECKING:
    import pyarrow as pa

    from daihou.simulation.shapes import Array

INDUSTRIES: Final = dict(
    zip(TRADES, ("C", "C", "C", "G", "F", "C", "C", "C", "A", "E", "D", "C", "C", "C", "N", "C", "C", "C", "C", "R"), strict=True)
)  # fmt: skip
"""The section of GB/T 4754-2017 of each trade that a company's name may tell."""
SIZES: Final = {"large": 0.02, "medium": 0.10, "small": 0.38, "micro": 0.50}
"""Size classes and how many companies are of each."""
STREAM: Final = 5
"""Beside those of loans, people, accounts, events and economy."""
LED: Final = 0.02
"""Share of companies that lead a group."""
TOGETHER: Final = 3
"""Companies of a group: the one that leads it, and those numbered next."""


def firms(borrowers: Array, seed: int, part: int) -> dict[str, pa.Array]:
    """The columns of the companies of a part; random numbers of their own, so that the rest of the book does not depend on them."""
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence((seed, part, STREAM))))
    numbers = borrowers["borrower"].astype(np.int64)
    size = random.choice(len(SIZES), len(numbers), p=list(SIZES.values()))
    return {
        "industry": columns.codes(trades(seed, part, len(numbers)), list(INDUSTRIES.values())),
        "size": columns.codes(size, list(SIZES)),
        "group_id": _groups(numbers, random.random(len(numbers)) < LED),
    }


def _groups(numbers: Array, leads: Array) -> pa.Array:
    """The group of each company, named after the one that leads it; of most none. A company that is in a group leads no other."""
    places = np.arange(len(numbers))
    leader = np.full(len(numbers), -1)
    for place in np.flatnonzero(leads):
        if leader[place] < 0:
            leader[place : place + TOGETHER] = place
    grouped = leader >= 0
    text = columns.id_bytes("G", numbers[np.where(grouped, leader, places)], 8)
    return columns.ids(text[grouped], grouped)
