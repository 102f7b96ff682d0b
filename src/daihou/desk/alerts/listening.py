"""Listening to the stream: the thread of the alert keeper that takes in what it says within milliseconds.

To ask whether anything was written to the log takes some microseconds. It is asked every other millisecond while things come, and forty times a second
when none came for a while.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import close_old_connections, connections
from django.utils import timezone

from daihou.desk.alerts.live import Live
from daihou.runs.log.log import open_log
from daihou.runs.log.store import FILE
from daihou.runs.process import freeze

if TYPE_CHECKING:
    from collections.abc import Callable

    from daihou.desk.alerts.whose import Everybody

LOG = logging.getLogger(__name__)

BUSY_SECONDS: Final = 0.002
"""Between two looks while things come."""
IDLE_SECONDS: Final = 0.025
"""Between two looks when nothing came for `CALM_SECONDS`."""
CALM_SECONDS: Final = 5.0
ABSENT_SECONDS: Final = 1.0
"""Between two looks for a log where there is none."""
PAUSE_SECONDS: Final = 0.5
"""Before what went wrong is tried again, and before a signal is asked for again that a run has yet to bring."""
RENEWED_SECONDS: Final = 30.0
"""Between two looks at whether the connection to the database has grown old."""


class Listener:
    """Takes in what the stream says until told to stop.

    `behind` tells whether a run waits to be taken in; `tried` does what may be tried again, and tells what was wrong.
    """

    def __init__(
        self, stop: threading.Event, behind: Callable[[], bool], tried: Callable[[Callable[[], None]], str]
    ) -> None:
        self._stop = stop
        self._behind = behind
        self._tried = tried
        self._held = threading.Event()
        self._live: Live | None = None
        self._everybody: Everybody | None = None
        self._seen: int | None = None
        self._came = 0.0
        self._renewed = 0.0
        self._said = ""

    @property
    def there(self) -> bool:
        """Whether the home has a log."""
        return (settings.HOME.path / FILE).exists()

    def hold(self, everybody: Everybody | None) -> None:
        """Say whose all borrowers are; nothing is taken in before it was said once."""
        self._everybody = everybody
        self._held.set()

    def listen(self) -> None:
        """Look again and again. What cannot be tried again ends the process: it is started anew."""
        try:
            while not self._stop.is_set():
                wrong = self._tried(self.look)
                if wrong:
                    self._seen = None
                    close_old_connections()
                    if wrong != self._said:
                        LOG.warning("%s", wrong)
                self._said = wrong
                self._stop.wait(PAUSE_SECONDS if wrong else self._pause())
        except BaseException:
            self._stop.set()
            raise
        finally:
            connections.close_all()

    def look(self) -> None:
        """Take in what came since the last look."""
        if self._live is None:
            if not self._held.is_set() or not self.there:
                return
            live = Live(open_log(settings.HOME))
            live.warm(timezone.now())
            freeze()
            self._live = live
        if time.monotonic() - self._renewed > RENEWED_SECONDS:
            close_old_connections()
            self._renewed = time.monotonic()
        changed = self._live.log.changed()
        if changed == self._seen:
            return
        self._live.everybody = self._everybody
        while self._live.take(timezone.now(), self._behind):
            self._came = time.monotonic()
            if self._stop.is_set():
                return
        self._seen = None if self._live.waits else changed

    def _pause(self) -> float:
        if self._live is None:
            return ABSENT_SECONDS
        if self._live.waits:
            return PAUSE_SECONDS
        return BUSY_SECONDS if time.monotonic() - self._came < CALM_SECONDS else IDLE_SECONDS
