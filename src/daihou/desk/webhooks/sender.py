"""The sender of webhooks, a process of its own: `python -m daihou.desk.webhooks.sender`. Started twice, both run and share the work."""

from __future__ import annotations

import logging
import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from daihou.desk.process import until_told

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from daihou.desk.webhooks.dispatch import Claimed

LOG = logging.getLogger(__name__)

THREADS: Final = 8
"""Requests on their way at once. They wait for receivers and take next to no time of the processor."""
EVERY: Final = 0.25
"""Seconds between two looks where nothing is due."""
RUNS_EVERY: Final = 1.0
"""Seconds between two looks for a run that finished: at the name of the newest entry of a log."""
EXPIRE_EVERY: Final = 5.0
"""Seconds between two looks for what a dead sender had in hand."""
PRUNE_EVERY: Final = 600.0
"""Seconds between two looks for what is kept no longer."""


@dataclass
class Sender:
    """What the process remembers from look to look."""

    pool: ThreadPoolExecutor
    running: set[Future[None]] = field(default_factory=set)
    _stamp: str | None = None
    """How the runs stood when they had been told."""
    _runs_at: float = float("-inf")
    _prune_at: float = float("-inf")
    _expire_at: float = float("-inf")

    def look(self) -> bool:
        """Route what is new, and send what is due as far as there is room; whether there was anything to do."""
        from django.utils import timezone

        from daihou.desk.webhooks import dispatch
        from daihou.desk.webhooks.pruning import prune
        from daihou.desk.webhooks.routing import route

        now = timezone.now()
        self._runs_at = self._due(self._runs_at, RUNS_EVERY, self._runs)
        self._prune_at = self._due(self._prune_at, PRUNE_EVERY, lambda: prune(now))
        self._expire_at = self._due(self._expire_at, EXPIRE_EVERY, lambda: dispatch.expire(now))
        routed = route(now)
        self.running = {each for each in self.running if not each.done()}
        room = THREADS - len(self.running)
        claimed = dispatch.claim(now, room) if room else []
        self.running |= {self.pool.submit(_send, each) for each in claimed}
        return bool(routed or claimed)

    def _runs(self) -> None:
        """Tell of runs that finished since, where any did."""
        from django.utils import timezone

        from daihou.desk.webhooks import runs

        stamp = runs.stamp()
        if stamp != self._stamp:
            runs.look(timezone.now())
            self._stamp = stamp

    @staticmethod
    def _due(last: float, every: float, work: Callable[[], object]) -> float:
        """Do what is done every so many seconds, when it is time; when it was last done."""
        if time.monotonic() - last < every:
            return last
        work()
        return time.monotonic()


def _send(claimed: Claimed) -> None:
    """Send in a thread of its own, which gives its connection to the database back."""
    from django.db import DatabaseError, InterfaceError, close_old_connections

    from daihou.desk.webhooks.dispatch import send

    close_old_connections()
    try:
        send(claimed)
    except (DatabaseError, InterfaceError) as error:  # its claim runs out, and it is sent again
        LOG.warning("what came of delivery %s could not be marked: %s", claimed.delivery.pk, error)


def run(stop: threading.Event) -> None:
    """Send until told to stop: what is in hand is sent to its end. A database that does not answer is asked again."""
    from deltalake.exceptions import DeltaError
    from django.db import DatabaseError, InterfaceError, close_old_connections

    with ThreadPoolExecutor(THREADS, "hook") as pool:
        sender = Sender(pool)
        while not stop.is_set():
            close_old_connections()
            try:
                done = sender.look()
            except (DatabaseError, InterfaceError, OSError, DeltaError) as error:
                LOG.warning("nothing sent for now: %s", error)
                done = False
            if not done and sender.running:
                wait(sender.running, timeout=EVERY, return_when=FIRST_COMPLETED)
            elif not done:
                stop.wait(EVERY)


def main() -> None:
    """Run until the process is told to end."""
    until_told(run)


if __name__ == "__main__":
    main()
