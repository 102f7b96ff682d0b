"""An index over ids: the rows at which some ids stand, found without looking at all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt
    import polars as pl

SEED: Final = 0
FEW: Final = 64


class Places:
    """Where each id of a column stands; ids may repeat. Eight bytes an id for the hash, eight for the row."""

    def __init__(self, ids: pl.Series) -> None:
        self._ids = ids
        hashes = ids.hash(SEED).to_numpy()
        self._rows: npt.NDArray[np.int64] = np.argsort(hashes, kind="stable")
        self._hashes: npt.NDArray[np.uint64] = hashes[self._rows]

    def rows_of(self, wanted: pl.Series) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """For each match the place of the id among those wanted, in order, and its row in the column, in order within an id."""
        if not len(self._ids) or not len(wanted):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        hashes = wanted.hash(SEED).to_numpy()
        first = np.searchsorted(self._hashes, hashes, side="left")
        count = np.searchsorted(self._hashes, hashes, side="right") - first
        which = np.repeat(np.arange(len(wanted), dtype=np.int64), count)
        ends = np.cumsum(count)
        at: npt.NDArray[Any] = np.arange(len(which)) + np.repeat(first - (ends - count), count)
        rows = self._rows[at]
        if len(which) <= FEW:  # an operation on a column costs more than a look at some rows
            same = np.array(
                [self._ids[row] == wanted[at] for at, row in zip(which.tolist(), rows.tolist(), strict=True)], bool
            )
        else:
            same = (self._ids.gather(rows) == wanted.gather(which)).fill_null(value=False).to_numpy()
        return which[same], rows[same]
