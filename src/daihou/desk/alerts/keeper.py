"""The keeper of alerts, a process of its own: `python -m daihou.desk.alerts.keeper`.

It takes in what runs wrote and what the stream says, lets time pass, and flags rules that have decayed. The stream is listened to in a thread of its own
(`listening`), so that no night and no clock holds it up. Started twice, both run: of two that take in the same date one stops, and no act of the clock is done twice.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from daihou.desk import keeper
from daihou.desk.keeper import TICK, Turn
from daihou.desk.process import until_told

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from daihou.desk.alerts.listening import Listener

LOG = logging.getLogger(__name__)

FLAG: Final = 3600.0
"""Seconds between two looks at how rules fare."""


@dataclass
class Keeper(keeper.Keeper):
    """The keeper of alerts."""

    WAITS = "alerts"
    QUICKER = "another process takes signals in"

    listener: Listener | None = None
    """Who listens to the stream, and is told whose everybody is."""
    _stamp: str | None = None
    """How the runs stood when all of them had been taken in."""
    _held: str | None = None
    """How the runs stood when everybody was read from them."""
    _ticks: Turn = field(default_factory=lambda: Turn(TICK))
    _flags: Turn = field(default_factory=lambda: Turn(FLAG))
    _left_out: set[dt.date] = field(default_factory=set)

    def parts(self) -> tuple[Callable[[], None], ...]:
        """What is new, the clock, and how rules fare."""
        return self._hold, self._take, self._tick, self._flag

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

        if self._ticks.due:
            self._ticks.over(more=clock.tick(timezone.now()).more)

    def _flag(self) -> None:
        from django.utils import timezone

        from daihou.desk.alerts import flagging

        if self._flags.due:
            flagging.flag(timezone.now())
            self._flags.over()


def run(stop: threading.Event) -> None:
    """Keep, and listen, until told to stop."""
    from daihou.desk.alerts.listening import Listener

    kept = Keeper(stop)
    kept.listener = Listener(stop, lambda: kept.behind, kept.tried)
    thread = threading.Thread(target=kept.listener.listen, name="listener")
    thread.start()
    kept.run()
    thread.join()


def main() -> None:
    """Run until the process is told to end."""
    until_told(run)


if __name__ == "__main__":
    main()
