"""Rows of one table that came since, in the order in which they came, found by whom they are about."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING, Final

import polars as pl
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterable

FEW: Final = 256
"""So many rows are taken piece by piece; for more all pieces are laid together once."""


class Kept:
    """Rows of the lake's schema with `place`; those about somebody are found without looking at others."""

    def __init__(self, about: str) -> None:
        self.about = about
        """The column that says whom a row is about."""
        self.count = 0
        self._pieces: list[pa.Table] = []
        self._starts: list[int] = []
        self._of: dict[str, list[int]] = defaultdict(list)

    def add(self, rows: pa.Table) -> list[str]:
        """Take rows; whom each is about."""
        owners: list[str] = rows.column(self.about).to_pylist()
        for number, owner in enumerate(owners, self.count):
            self._of[owner].append(number)
        self._starts.append(self.count)
        self._pieces.append(rows)
        self.count += rows.num_rows
        return owners

    def __contains__(self, owner: object) -> bool:
        return owner in self._of

    def of(self, owners: Iterable[str], *, and_first: bool = False) -> pl.DataFrame | None:
        """The rows about some, and the very first row if asked for; None where there are none."""
        found = {row for owner in owners for row in self._of.get(owner, ())}
        if and_first and self.count:
            found.add(0)
        if not found:
            return None
        rows = sorted(found)
        if len(rows) > FEW:
            return pl.DataFrame(pl.from_arrow(self._together().take(pa.array(rows))))
        slices = []
        for row in rows:
            piece = bisect_right(self._starts, row) - 1
            slices.append(self._pieces[piece].slice(row - self._starts[piece], 1))
        return pl.DataFrame(pl.from_arrow(pa.concat_tables(slices)))

    def _together(self) -> pa.Table:
        if len(self._pieces) > 1:
            self._pieces, self._starts = [pa.concat_tables(self._pieces).combine_chunks()], [0]
        return self._pieces[0]
