"""The keeper of reviews, a process of its own: `python -m daihou.desk.reviews.keeper`.

It brings reviews up to each run once its alerts are taken in, and looks at the clock. Started twice, both run: of two that follow the same run one stops.
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
    import threading

LOG = logging.getLogger(__name__)

EVERY: Final = 3.0
"""Seconds between two looks for a new run."""
TICK: Final = 60.0
"""Seconds between two ticks of the clock."""


@dataclass
class Keeper:
    """What the process remembers from look to look."""

    stop: threading.Event
    _followed: str | None = None
    """How the runs stood when reviews had been brought up to them; until the alerts are in, it is looked again."""
    _tick_at: float = 0.0
    _said: dict[str, str] = field(default_factory=dict)
    """What was wrong with each part when it was tried last."""

    def look(self) -> None:
        """Do what there is to do; where one part cannot be done, the others go on."""
        from daihou.desk.following import OvertakenError, StoppedError

        for work in (self._follow, self._tick):
            if not self.stop.is_set():
                with suppress(StoppedError):
                    wrong = attempted(work, "reviews", OvertakenError, "another process brings reviews up to the run")
                    say_once(LOG, self._said, work, wrong)

    def _follow(self) -> None:
        from django.conf import settings
        from django.utils import timezone

        from daihou.book.lake import stamp as stamp_of
        from daihou.desk.reviews import following

        stamp = stamp_of(settings.HOME.lake / "runs")
        if stamp != self._followed and (following.follow(timezone.now(), self.stop) or following.is_followed()):
            self._followed = stamp

    def _tick(self) -> None:
        from django.utils import timezone

        from daihou.desk.reviews import clock

        if time.monotonic() >= self._tick_at:
            more = clock.tick(timezone.now()).more
            self._tick_at = time.monotonic() + (0.0 if more else TICK)


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
