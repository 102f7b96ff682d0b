"""A lease of the log as one process holds it: who works under a name, so that nobody else does."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from daihou.runs.log.log import still_held
from daihou.runs.log.store import LogError

if TYPE_CHECKING:
    import datetime as dt
    import sqlite3
    from collections.abc import Callable, Iterator

    from daihou.runs.log.log import Log

LOG = logging.getLogger(__name__)


class Lease:
    """The lease of a name for so many seconds at a time; its moments are told by `clock`."""

    def __init__(self, log: Log, name: str, seconds: float, clock: Callable[[], dt.datetime]) -> None:
        self._log, self._name, self._seconds, self._clock = log, name, seconds, clock
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{time.monotonic_ns()}"
        self._taken = False
        """Whether it was ever ours: who works step by step under other hands takes none, and has none to lose."""

    def take(self) -> bool:
        """Whether it is ours now: it was, or it was nobody's."""
        ours = self._log.lease(self._name, self._holder, self._clock().timestamp(), self._seconds)
        self._taken |= ours
        return ours

    def renew(self) -> bool:
        """Whether it is still ours; for some seconds more, then."""
        return not self._taken or self._log.renew(self._name, self._holder, self._clock().timestamp() + self._seconds)

    @contextmanager
    def renewing(self) -> Iterator[None]:
        """Keep it while something is done that may take longer than it lasts."""
        over = threading.Event()

        def renew() -> None:
            while not over.wait(self._seconds / 3):
                try:
                    self.renew()
                except LogError as error:
                    LOG.warning("the lease of %s could not be renewed: %s", self._name, error)
            self._log.close()

        thread = threading.Thread(target=renew, name="lease", daemon=True)
        if self._taken:
            thread.start()
        try:
            yield
        finally:
            over.set()
            if self._taken:
                thread.join()

    def check(self, connection: sqlite3.Connection) -> None:
        """LostError within a transaction where another has taken it."""
        if self._taken:
            still_held(connection, self._name, self._holder)

    def release(self) -> None:
        """Give it back."""
        self._log.release(self._name, self._holder)
