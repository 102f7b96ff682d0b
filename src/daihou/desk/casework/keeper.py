"""The keeper of cases, a process of its own: `python -m daihou.desk.casework.keeper`.

It brings cases up to each run, judges promises, makes the lists of the day, reminds of what falls due, and tells the lake what was done.
Started twice, both run: of two that follow the same run one stops, and no act of the clock is done twice.
"""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from daihou.desk.attempts import attempted, say_once
from daihou.desk.process import until_told

if TYPE_CHECKING:
    import datetime as dt
    import threading
    from collections.abc import Callable

LOG = logging.getLogger(__name__)

EVERY: Final = 3.0
"""Seconds between two looks for a new run."""
TICK: Final = 60.0
"""Seconds between two ticks of the clock."""
TELL: Final = 900.0
"""Seconds between two deliveries of what was done to the lake."""


@dataclass
class Keeper:
    """What the process remembers from look to look."""

    stop: threading.Event
    _followed: str | None = None
    """How the runs stood when cases had been brought up to them."""
    _placed: str | None = None
    """The same of letters that are not served yet."""
    _judged: str | None = None
    """The same of promises."""
    _listed: tuple[dt.date, str] | None = None
    """The day for which lists were made, and how the runs stood then."""
    _drawn: dt.date | None = None
    """The day of which the sample was drawn."""
    _reminded: tuple[dt.date, str] | None = None
    """The day of which reminders were planned, and how the runs stood then."""
    _tick_at: float = 0.0
    _tell_at: float = 0.0
    _said: dict[str, str] = field(default_factory=dict)
    """What was wrong with each part when it was tried last."""

    def look(self) -> None:
        """Do what there is to do; where one part cannot be done, the others go on."""
        for work in (
            self._follow,
            self._place,
            self._judge,
            self._tick,
            self._list,
            self._draw,
            self._remind,
            self._tell,
        ):
            if not self.stop.is_set():
                self._tried(work)

    def _tried(self, work: Callable[[], None]) -> None:
        """Do a part of it; what was wrong is said once, and tried again."""
        from daihou.desk.following import OvertakenError, StoppedError

        with suppress(StoppedError):
            wrong = attempted(work, "cases", OvertakenError, "another process brings cases up to the run")
            say_once(LOG, self._said, work, wrong)

    def _follow(self) -> None:
        from django.conf import settings
        from django.utils import timezone

        from daihou.book.lake import stamp as stamp_of
        from daihou.desk.casework import following

        stamp = stamp_of(settings.HOME.lake / "runs")
        if stamp != self._followed:
            following.follow(timezone.now(), self.stop)
            self._followed = stamp

    def _place(self) -> None:
        """Letters that are not served yet, with the org and officer that their loan has come to."""
        from daihou.desk.letters import place

        if self._followed is not None and self._placed != self._followed:
            place.follow(self.stop)
            self._placed = self._followed

    def _judge(self) -> None:
        """Once cases are where the run has them; arrangements follow the promises that they made."""
        from django.utils import timezone

        from daihou.desk.casework import arranging, promises

        if self._followed is not None and self._judged != self._followed:
            promises.judge_all(timezone.now(), self.stop)
            if not self.stop.is_set():
                arranging.follow(timezone.now())
                self._judged = self._followed

    def _tick(self) -> None:
        from django.utils import timezone

        from daihou.desk.casework import clock

        if time.monotonic() >= self._tick_at:
            more = clock.tick(timezone.now()).more
            self._tick_at = time.monotonic() + (0.0 if more else TICK)

    def _list(self) -> None:
        """Of the day, when it begins and after each run: what is done on them stays."""
        from django.utils import timezone

        from daihou.desk.casework import lists

        now = timezone.now()
        today = timezone.localtime(now).date()
        if self._judged and self._listed != (today, self._judged):
            lists.make(today, now, self.stop)
            if not self.stop.is_set():
                self._listed = today, self._judged

    def _draw(self) -> None:
        """The sample of the day before, once it is over."""
        from datetime import timedelta

        from django.utils import timezone

        from daihou.desk.casework import sampling

        now = timezone.now()
        yesterday = timezone.localdate(now) - timedelta(days=1)
        if self._drawn != yesterday:
            sampling.draw(yesterday, None, None, now)
            self._drawn = yesterday

    def _remind(self) -> None:
        """Of the day, when it begins and after each run: what was planned stays."""
        from django.utils import timezone

        from daihou.desk.contacts import reminding

        now = timezone.now()
        today = timezone.localdate(now)
        if self._followed is not None and self._reminded != (today, self._followed):
            reminding.plan(now, self.stop)
            if not self.stop.is_set():
                self._reminded = today, self._followed

    def _tell(self) -> None:
        from django.utils import timezone

        from daihou.desk.facts import writing

        if time.monotonic() >= self._tell_at:
            writing.write(timezone.now(), self.stop)
            self._tell_at = time.monotonic() + TELL


def run(stop: threading.Event) -> None:
    """Look until told to stop."""
    from django.db import close_old_connections

    keeper = Keeper(stop)
    while not stop.is_set():
        close_old_connections()
        keeper.look()
        stop.wait(EVERY)


def main() -> None:
    """Run until the process is told to end."""
    until_told(run)


if __name__ == "__main__":
    main()
