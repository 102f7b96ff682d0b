"""The keeper of cases, a process of its own: `python -m daihou.desk.casework.keeper`.

It brings cases up to each run, judges promises, makes the lists of the day, reminds of what falls due, and tells the lake what was done.
Started twice, both run: of two that follow the same run one stops, and no act of the clock is done twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from daihou.desk import keeper
from daihou.desk.keeper import TICK, Turn
from daihou.desk.process import until_told

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

TELL: Final = 900.0
"""Seconds between two deliveries of what was done to the lake."""


@dataclass
class Keeper(keeper.Keeper):
    """The keeper of cases."""

    WAITS = "cases"
    QUICKER = "another process brings cases up to the run"

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
    _ticks: Turn = field(default_factory=lambda: Turn(TICK))
    _tells: Turn = field(default_factory=lambda: Turn(TELL))

    def parts(self) -> tuple[Callable[[], None], ...]:
        """Cases, and what follows from where they are."""
        return (
            self._follow,
            self._place,
            self._judge,
            self._tick,
            self._list,
            self._draw,
            self._remind,
            self._tell,
        )

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

        if self._ticks.due:
            self._ticks.over(more=clock.tick(timezone.now()).more)

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

        if self._tells.due:
            writing.write(timezone.now(), self.stop)
            self._tells.over()


def main() -> None:
    """Run until the process is told to end."""
    until_told(lambda stop: Keeper(stop).run())


if __name__ == "__main__":
    main()
