"""The herald of a web process: one thread that looks for news, and tells the pages that listen. Without pages it does not look."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import TYPE_CHECKING, Final

from django.db import DatabaseError, InterfaceError, close_old_connections, connections

from daihou.desk.live import news

if TYPE_CHECKING:
    from daihou.desk.live.news import Change

LOG = logging.getLogger(__name__)

LOOK_SECONDS: Final = 0.15
"""Between two looks: a page hears of an alert a fifth of a second after it was stored."""
KEPT: Final = 2 * news.MOST
"""Changes that are kept for a page that is busy."""


class Ear:
    """Where one page hears. Of its loop alone, but for what the herald puts in."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._came = asyncio.Event()
        self._changes: list[Change] = []
        self._many = False

    def put(self, changes: list[Change]) -> None:
        """Let it hear something, on its loop."""
        self._many |= len(self._changes) + len(changes) > KEPT
        self._changes = [] if self._many else self._changes + changes
        self._came.set()

    async def hear(self, seconds: float) -> list[Change] | None:
        """What came, waiting so long for something; None where so much came that it was not kept."""
        try:
            await asyncio.wait_for(self._came.wait(), seconds)
        except TimeoutError:
            return []
        changes = None if self._many else self._changes
        self._changes, self._many = [], False
        self._came.clear()
        return changes


class Herald:
    """Looks for news while somebody listens."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ears: set[Ear] = set()
        self._number = 0
        self._known: dict[int, None] | None = None
        """Of the numbers before the newest those that were told, where some may still turn up; None until they were read."""
        self._thread: threading.Thread | None = None

    @property
    def listeners(self) -> int:
        """How many pages listen."""
        return len(self._ears)

    def listen(self, ear: Ear, number: int) -> None:
        """Tell an ear what comes behind an act, and behind what others have heard."""
        with self._lock:
            self._ears.add(ear)
            if self._thread is None:
                self._number, self._known = number, None
                self._thread = threading.Thread(target=self._look, name="herald", daemon=True)
                self._thread.start()

    def leave(self, ear: Ear) -> None:
        """Tell it no more."""
        with self._lock:
            self._ears.discard(ear)

    def _look(self) -> None:
        said = ""
        pause = threading.Event()
        while self._wanted():
            try:
                close_old_connections()
                self._tell(self._fresh())
                said = ""
            except (DatabaseError, InterfaceError) as error:
                if said != str(error):
                    LOG.warning("news wait for the database: %s", error)
                said = str(error)
            pause.wait(LOOK_SECONDS)
        connections.close_all()

    def _wanted(self) -> bool:
        with self._lock:
            if not self._ears:
                self._thread = None
            return self._thread is not None

    def _fresh(self) -> list[Change]:
        """What was not told yet."""
        if not news.LATE:
            return news.since(self._number)
        read = news.since(max(self._number - news.LATE, 0))
        if self._known is None:
            self._known = dict.fromkeys(one.number for one in read if one.number <= self._number)
        found = [one for one in read if one.number not in self._known]
        self._known |= dict.fromkeys(one.number for one in found)
        while len(self._known) > 2 * (news.LATE + news.MOST):
            del self._known[next(iter(self._known))]
        return found

    def _tell(self, found: list[Change]) -> None:
        if not found:
            return
        self._number = max(self._number, *(one.number for one in found))
        with self._lock:
            for ear in self._ears:
                ear.loop.call_soon_threadsafe(ear.put, found)


HERALD: Final = Herald()
"""That of the process."""
