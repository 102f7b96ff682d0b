"""An index over ids: the rows at which some ids stand, found without looking at all of them."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt
    import polars as pl

FEW: Final = 64
"""Ids up to which they are looked at one by one."""
SLICE: Final = 100_000
"""Ids that are taken in hand as objects at once."""


class Places:
    """Where each id of a column stands; ids may repeat. Eight bytes an id for the hash, eight for the row.

    The hash is Python's own: so a few ids are found without a call into a library of columns, which costs twenty times as much as the search.
    """

    def __init__(self, ids: pl.Series) -> None:
        self._ids = ids
        self._few: dict[str, list[int]] | None = None
        if len(ids) <= FEW:
            self._few = {}
            for row, one in enumerate(ids.to_list()):
                self._few.setdefault(one, []).append(row)
            return
        hashes = _hashes(ids)
        self._rows: npt.NDArray[np.int64] = np.argsort(hashes, kind="stable")
        self._hashes: npt.NDArray[np.int64] = hashes[self._rows]

    def rows_of(self, wanted: pl.Series) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """For each match the place of the id among those wanted, in order, and its row in the column, in order within an id."""
        if not len(self._ids) or not len(wanted):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        if self._few is not None or len(wanted) <= FEW:
            met = [
                (at, row)
                for at, one in enumerate(wanted.to_list())
                if one is not None
                for row in self._rows_of_one(one)
            ]
            return np.array([at for at, _ in met], np.int64), np.array([row for _, row in met], np.int64)
        first, count = self._runs(_hashes(wanted))
        which = np.repeat(np.arange(len(wanted), dtype=np.int64), count)
        ends = np.cumsum(count)
        at: npt.NDArray[Any] = np.arange(len(which)) + np.repeat(first - (ends - count), count)
        rows = self._rows[at]
        equal = self._ids[rows] == wanted[which]
        same = (equal.fill_null(value=False) if equal.null_count() else equal).to_numpy()
        if same.all():
            return which, rows
        return which[same], rows[same]

    def _rows_of_one(self, one: str) -> Iterable[int]:
        """The rows of an id."""
        if self._few is not None:
            return self._few.get(one, ())
        hashed = hash(one)
        at = int(self._hashes.searchsorted(hashed))
        found = []
        while at < len(self._hashes) and self._hashes[at] == hashed:
            row = int(self._rows[at])
            if self._ids[row] == one:
                found.append(row)
            at += 1
        return found

    def _runs(self, hashes: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Where each of some hashes begins among the sorted ones, and how often it is there. They are looked up in order, which spares the memory's caches."""
        order = np.argsort(hashes)
        wanted = hashes[order]
        begin = np.searchsorted(self._hashes, wanted)
        last = len(self._hashes) - 1
        found = (self._hashes[np.minimum(begin, last)] == wanted).astype(np.int64)
        several = np.flatnonzero(found & (self._hashes[np.minimum(begin + 1, last)] == wanted) & (begin < last))
        if len(several):
            found[several] = np.searchsorted(self._hashes, wanted[several], side="right") - begin[several]
        first, count = np.empty_like(begin), np.empty_like(begin)
        first[order], count[order] = begin, found
        return first, count


def _hashes(ids: pl.Series) -> npt.NDArray[np.int64]:
    parts = (map(hash, ids[first : first + SLICE].to_list()) for first in range(0, len(ids), SLICE))
    return np.fromiter(chain.from_iterable(parts), np.int64, len(ids))
