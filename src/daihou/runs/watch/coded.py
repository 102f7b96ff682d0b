"""Texts as small numbers, the same for all threads of a walk."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class Coded:
    """A code for each text met so far, -1 for none; the order in which threads come decides the numbers, so only texts may be told."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self._alone = Lock()

    def of(self, texts: pl.Series) -> npt.NDArray[np.int32]:
        """The codes of some texts."""
        each = texts.unique().drop_nulls()
        with self._alone:
            codes = [self._codes.setdefault(text, len(self._codes)) for text in each.cast(pl.String).to_list()]
        return texts.replace_strict(each, codes, default=-1, return_dtype=pl.Int32).to_numpy()

    @property
    def texts(self) -> list[str]:
        """The texts in order of their codes."""
        return list(self._codes)
