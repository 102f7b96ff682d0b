"""One step of the fold for many versions: from the memory before a date and the answers on it to the memory after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from daihou.book.days import day_of
from daihou.book.ledger.layout import NO_DAY
from daihou.runs.watch.folded import manner
from daihou.warning.fold import OPENED, STILL, TRUE, UNKNOWN, UNWATCHED, Memory, fold, nothing

if TYPE_CHECKING:
    import datetime as dt

    import polars as pl

    from daihou.warning.checked import Checked
    from daihou.warning.fold import Codes


@dataclass(frozen=True, slots=True)
class Taken:
    """All steps together: first the subjects that were remembered, in their order, then those that came new, by version."""

    rule: npt.NDArray[np.int64]
    """The place of the version."""
    at: npt.NDArray[np.int64]
    """The row of the subject; -1 where it is not watched."""
    moves: Codes
    memory: Memory
    opened_before: npt.NDArray[np.int32]


class Steps:
    """The steps of one date, version after version."""

    def __init__(self, known: pl.DataFrame, versions: int, as_of: dt.date) -> None:
        """`known` is the memory before the date in order of version, with the place of its version (`rule`) and its subject's row (`at`)."""
        self._day = np.array([day_of(as_of)], np.int32)
        self._bounds: list[int] = np.searchsorted(known["rule"].to_numpy(), np.arange(versions + 1)).tolist()
        self._at = known["at"].to_numpy()
        self._before = Memory(
            known["hits"].to_numpy(), known["clears"].to_numpy(), _days(known["opened_on"]), _days(known["closed_on"])
        )
        self._old: list[tuple[Any, ...]] = []
        self._new: list[tuple[Any, ...]] = []

    def take(self, place: int, rule: Checked, holds: Codes, clears: Codes | None) -> tuple[int, int, int]:
        """Take the step of one version, by its answers for each row; returns signals opened, closed and open."""
        first, last = self._bounds[place], self._bounds[place + 1]
        met = holds == TRUE
        if first == last and not met.any():  # most versions on most nights
            return 0, 0, 0
        at = self._at[first:last]
        met[at[at >= 0]] = False
        fresh = np.flatnonzero(met)
        where = np.concatenate([at, fresh])
        count, before = len(where), len(at)
        memory = nothing(count)
        for name in ("hits", "clears", "opened_on", "closed_on"):
            getattr(memory, name)[:before] = getattr(self._before, name)[first:last]
        opened_before = memory.opened_on.copy()
        here = where >= 0
        asked = np.full((1, count), UNWATCHED, np.uint8)
        asked[0, here] = holds[where[here]]
        cleared = None
        if clears is not None:
            cleared = np.full((1, count), UNKNOWN, np.uint8)
            cleared[0, here] = clears[where[here]]
        (moves,) = fold(self._day, asked, cleared, manner(rule), memory)
        whole = (where, moves, memory.hits, memory.clears, memory.opened_on, memory.closed_on, opened_before)
        self._old.append((np.full(before, place), *(array[:before] for array in whole)))
        self._new.append((np.full(count - before, place), *(array[before:] for array in whole)))
        opened = int((moves == OPENED).sum())
        return opened, int((moves != STILL).sum()) - opened, int((memory.opened_on != NO_DAY).sum())

    def taken(self) -> Taken:
        """What all steps came to."""
        nought = np.zeros(0, np.int64)
        empty = (nought, nought, nought.astype(np.uint8), *(nought.astype(np.int32) for _ in range(5)))
        rule, at, moves, hits, clears, opened_on, closed_on, opened_before = (
            np.concatenate(parts) for parts in zip(*self._old, *self._new, empty, strict=True)
        )
        return Taken(rule, at, moves, Memory(hits, clears, opened_on, closed_on), opened_before)


def _days(dates: pl.Series) -> npt.NDArray[np.int32]:
    if not len(dates):
        return np.zeros(0, np.int32)
    return dates.to_physical().fill_null(NO_DAY).to_numpy()
