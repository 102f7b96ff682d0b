"""Group commit: requests of many threads that wait for the disk are written together, in one transaction of one of them.

While one thread commits, the others queue; the next takes all that waits. So a lone request waits for nobody, and many share one wait for the disk.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from daihou.runs.log.log import Log, Parcel


@dataclass(slots=True)
class _Waiting:
    parcels: Sequence[Parcel]
    done: threading.Event = field(default_factory=threading.Event)
    places: list[tuple[int, int]] = field(default_factory=list)
    error: BaseException | None = None


class Committer:
    """Appends to a log for the threads of a process."""

    def __init__(self, log: Log, clock: Callable[[], float]) -> None:
        self._log, self._clock = log, clock
        self._queue: list[_Waiting] = []
        self._alone = threading.Lock()
        self._committing = threading.Lock()

    def append(self, parcels: Sequence[Parcel]) -> list[tuple[int, int]]:
        """The first and last place of each parcel, once all of them are on the disk; see `Log.append` for errors."""
        mine = _Waiting(parcels)
        with self._alone:
            self._queue.append(mine)
        with self._committing:
            if not mine.done.is_set():
                self._commit()
        mine.done.wait()
        if mine.error is not None:
            raise mine.error
        return mine.places

    def _commit(self) -> None:
        with self._alone:
            together, self._queue = self._queue, []
        try:
            places = self._log.append([parcel for one in together for parcel in one.parcels], self._clock())
        except BaseException as error:  # noqa: BLE001 - it is told to whoever waits
            if len(together) == 1:
                together[0].error = error
                together[0].done.set()
                return
            for one in together:  # of many one alone may be at fault
                self._one(one)
            return
        at = 0
        for one in together:
            count = sum(1 for parcel in one.parcels if parcel.rows.num_rows)
            one.places = places[at : at + count]
            at += count
            one.done.set()

    def _one(self, one: _Waiting) -> None:
        try:
            one.places = self._log.append(one.parcels, self._clock())
        except BaseException as error:  # noqa: BLE001 - as above
            one.error = error
        one.done.set()


__all__ = ["Committer"]
