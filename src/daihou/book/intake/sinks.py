"""Where rows go that the lake may not hold: to a sink that the command line hands in, such as the vault."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    import polars as pl

ROWS: Final = 1_000
"""Rows handed to a sink at once."""
HIDDEN: Final = "•••"
"""What stands in quarantine instead of a value."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a sink did with rows; `refused` are the keys of those that it may not keep, as they were erased."""

    new: int = 0
    unchanged: int = 0
    refused: frozenset[str] = frozenset()


class Sink(Protocol):
    """Keeps the rows of one table."""

    def put(self, rows: pl.DataFrame) -> Kept:
        """Keep rows: the columns of the table and `known_on`. Putting the same again changes nothing; once it returns they are on the disk."""
        ...
