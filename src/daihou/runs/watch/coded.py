"""Texts as small numbers, the same for all threads of a walk."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt
    import polars as pl


class Coded:
    """A code for each text met so far, -1 for none; the order in which threads come decides the numbers, so only texts may be told."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self._alone = Lock()

    def of(self, texts: pl.Series) -> npt.NDArray[np.int32]:
        """The codes of some texts."""
        found = texts.to_list()
        with self._alone:
            return np.array(
                [-1 if text is None else self._codes.setdefault(str(text), len(self._codes)) for text in found],
                np.int32,
            )

    @property
    def texts(self) -> list[str]:
        """The texts in order of their codes."""
        return list(self._codes)
