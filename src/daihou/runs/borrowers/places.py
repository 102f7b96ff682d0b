"""An index over ids: the rows at which some ids stand, found without looking at all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt
    import polars as pl

SEED: Final = 0
FEW: Final = 64
"""Ids up to which they are looked at one by one."""


class Places:
    """Where each id of a column stands; ids may repeat. Eight bytes an id for the hash, eight for the row."""

    def __init__(self, ids: pl.Series) -> None:
        self._ids = ids
        self._few: dict[str, list[int]] | None = None
        if len(ids) <= FEW:
            self._few = {}
            for row, one in enumerate(ids.to_list()):
                self._few.setdefault(one, []).append(row)
            return
        hashes = ids.hash(SEED).to_numpy()
        self._rows: npt.NDArray[np.int64] = np.argsort(hashes, kind="stable")
        self._hashes: npt.NDArray[np.uint64] = hashes[self._rows]

    def rows_of(self, wanted: pl.Series) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """For each match the place of the id among those wanted, in order, and its row in the column, in order within an id."""
        if not len(self._ids) or not len(wanted):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        if self._few is not None:
            met = [
                (at, row)
                for at, one in enumerate(wanted.to_list())
                for row in self._few.get(one, ())
                if one is not None
            ]
            return np.array([at for at, _ in met], np.int64), np.array([row for _, row in met], np.int64)
        hashes = wanted.hash(SEED).to_numpy()
        first, count = self._runs(hashes)
        which = np.repeat(np.arange(len(wanted), dtype=np.int64), count)
        ends = np.cumsum(count)
        at: npt.NDArray[Any] = np.arange(len(which)) + np.repeat(first - (ends - count), count)
        rows = self._rows[at]
        if len(which) <= FEW:  # an operation on a column costs more than a look at some rows
            same = np.array(
                [self._ids[row] == wanted[at] for at, row in zip(which.tolist(), rows.tolist(), strict=True)], bool
            )
        else:
            equal = self._ids[rows] == wanted[which]
            same = (equal.fill_null(value=False) if equal.null_count() else equal).to_numpy()
            if same.all():
                return which, rows
        return which[same], rows[same]

    def _runs(self, hashes: npt.NDArray[np.uint64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
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
