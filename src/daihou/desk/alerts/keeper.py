"""The keeper of alerts, a process of its own: `python -m daihou.desk.alerts.keeper`.

It takes in what runs wrote and what the stream says, lets time pass, and flags rules that have decayed. The stream is listened to in a thread of its own
(`listening`), so that no night and no clock holds it up. Started twice, both run: of two that take in the same date one stops, and no act of the clock is done twice.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from daihou.desk.alerts.attempts import attempted
from daihou.desk.attempts import say_once
from daihou.desk.process import until_told

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from daihou.desk.alerts.listening import Listener

LOG = logging.getLogger(__name__)

EVERY: Final = 3.0
"""Seconds between two looks for a new run."""
TICK: Final = 60.0
"""Seconds between two ticks of the clock."""
FLAG: Final = 3600.0
"""Seconds between two looks at how rules fare."""


@dataclass
class Keeper:
    """What the process remembers from look to look."""

    stop: threading.Event
    listener: Listener | None = None
    """Who listens to the stream, and is told whose everybody is."""
    _stamp: str | None = None
    """How the runs stood when all of them had been taken in."""
    _held: str | None = None
    """How the runs stood when everybody was read from them."""
    _tick_at: float = 0.0
    _flag_at: float = 0.0
    _said: dict[str, str] = field(default_factory=dict)
    """What was wrong with each part when it was tried last."""
    _left_out: set[dt.date] = field(default_factory=set)

    def look(self) -> None:
        """Take in what is new, and tick when it is time; where one cannot be done, the other goes on."""
        for work in (self._hold, self._take, self._tick, self._flag):
            self._tried(work)

    def _tried(self, work: Callable[[], None]) -> None:
        """Do a part of it; what was wrong is said once, and tried again."""
        say_once(LOG, self._said, work, attempted(work))

    @property
    def behind(self) -> bool:
        """Whether a run waits to be taken in."""
        from django.conf import settings

        from daihou.book.lake import stamp as stamp_of

        return stamp_of(settings.HOME.lake / "runs") != self._stamp

    def _hold(self) -> None:
        """Read whose everybody is from the newest run, for who listens to the stream; where there is no log, nothing is to be heard."""
        from django.conf import settings
        from django.http import QueryDict

        from daihou.book.lake import stamp as stamp_of
        from daihou.desk.alerts import whose
        from daihou.desk.portfolio import moments

        if self.listener is None or not self.listener.there:
            return
        stamp = stamp_of(settings.HOME.lake / "runs")
        if stamp != self._held:
            self.listener.hold(whose.everybody(moments.moment(QueryDict())) if stamp else None)
            self._held = stamp

    def _take(self) -> None:
        from django.conf import settings
        from django.utils import timezone

        from daihou.book.lake import stamp as stamp_of
        from daihou.desk.alerts import ingest, trends

        stamp = stamp_of(settings.HOME.lake / "runs")
        if stamp == self._stamp:
            return
        taken = ingest.take(timezone.now(), self.stop)
        for day in sorted(set(taken.left_out) - self._left_out):
            LOG.warning("the signals of %s are not taken in: a later date had been run before", day)
        self._left_out |= set(taken.left_out)
        if not taken.dates and not self.stop.is_set():  # nothing is left to take in
            trends.prepare()
            self._stamp = stamp

    def _tick(self) -> None:
        from django.utils import timezone

        from daihou.desk.alerts import clock

        if time.monotonic() >= self._tick_at:
            more = clock.tick(timezone.now()).more
            self._tick_at = time.monotonic() + (0.0 if more else TICK)

    def _flag(self) -> None:
        from django.utils import timezone

        from daihou.desk.alerts import flagging

        if time.monotonic() >= self._flag_at:
            flagging.flag(timezone.now())
            self._flag_at = time.monotonic() + FLAG


def run(stop: threading.Event) -> None:
    """Look until told to stop."""
    from django.db import close_old_connections

    from daihou.desk.alerts.listening import Listener

    keeper = Keeper(stop)
    keeper.listener = Listener(stop, lambda: keeper.behind)
    thread = threading.Thread(target=keeper.listener.listen, name="listener")
    thread.start()
    while not stop.is_set():
        close_old_connections()
        keeper.look()
        stop.wait(EVERY)
    thread.join()


def main() -> None:
    """Run until the process is told to end."""
    until_told(run)


if __name__ == "__main__":
    main()
