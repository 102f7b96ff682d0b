"""Group commit: requests of many threads that wait for the disk are written together, in one transaction of one of them.

While one thread commits, the others queue; the next takes all that waits. So a lone request waits for nobody, and many share one wait for the disk.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from daihou.runs.log.log import Log, Sent


@dataclass(slots=True)
class _Waiting:
    sent: Sent
    done: threading.Event = field(default_factory=threading.Event)
    places: list[tuple[int, int]] = field(default_factory=list)
    error: BaseException | None = None

    def end(self, came: list[tuple[int, int]] | BaseException) -> None:
        """Tell who waits what became of it."""
        if isinstance(came, BaseException):
            self.error = came
        else:
            self.places = came
        self.done.set()


class Committer:
    """Appends to a log for the threads of a process."""

    def __init__(self, log: Log, clock: Callable[[], float]) -> None:
        self._log, self._clock = log, clock
        self._queue: list[_Waiting] = []
        self._alone = threading.Lock()
        self._committing = threading.Lock()

    def append(self, sent: Sent) -> list[tuple[int, int]]:
        """The first and last place of each parcel, once all of them are on the disk; see `Log.append` for errors."""
        mine = _Waiting(sent)
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
            came = self._log.append_all([one.sent for one in together], self._clock())
        except BaseException as error:  # noqa: BLE001 - it is told to whoever waits
            if len(together) == 1:
                together[0].end(error)
                return
            for one in together:  # of many one alone may be at fault
                self._one(one)
            return
        for one, places in zip(together, came, strict=True):
            one.end(places)

    def _one(self, one: _Waiting) -> None:
        try:
            (came,) = self._log.append_all([one.sent], self._clock())
        except BaseException as error:  # noqa: BLE001 - as above
            one.end(error)
        else:
            one.end(came)


__all__ = ["Committer"]
