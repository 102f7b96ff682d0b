"""Money that left any account lately, in columns: looked up by account when it turns out that a loan was paid out to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Collection

COLUMNS: Final = ("owner", "id", "at", "known", "place", "amount", "of", "token", "loan_id")
MOST_FRAMES: Final = 64
"""So many batches are put together when a further one comes: each look goes through all of them."""


@dataclass
class Recent:
    """Rows in the order in which they came."""

    _frames: list[pl.DataFrame] = field(default_factory=list)

    def add(self, rows: pl.DataFrame) -> None:
        """Take plain rows of transactions with the class of their counterparty as `of`."""
        if rows.is_empty():
            return
        self._frames.append(rows.select(COLUMNS))
        if len(self._frames) > MOST_FRAMES:
            self._frames = [pl.concat(self._frames)]

    def of(self, accounts: Collection[str]) -> pl.DataFrame | None:
        """Those of some accounts; None where there are none."""
        wanted = pl.col("owner").is_in(list(accounts))
        found = [rows for frame in self._frames if (rows := frame.filter(wanted)).height]
        return pl.concat(found) if found else None

    def evict(self, before: int) -> None:
        """Forget what happened before a moment."""
        left = [rows for frame in self._frames if (rows := frame.filter(pl.col("at") >= before)).height]
        self._frames = [pl.concat(left)] if left else []

    def __len__(self) -> int:
        """How many rows are kept."""
        return sum(frame.height for frame in self._frames)
