"""The keeper of reviews, a process of its own: `python -m daihou.desk.reviews.keeper`.

It brings reviews up to each run once its alerts are taken in, and looks at the clock. Started twice, both run: of two that follow the same run one stops.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from daihou.desk import keeper
from daihou.desk.keeper import TICK, Turn
from daihou.desk.process import until_told

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass
class Keeper(keeper.Keeper):
    """The keeper of reviews."""

    WAITS = "reviews"
    QUICKER = "another process brings reviews up to the run"

    _followed: str | None = None
    """How the runs stood when reviews had been brought up to them; until the alerts are in, it is looked again."""
    _ticks: Turn = field(default_factory=lambda: Turn(TICK))

    def parts(self) -> tuple[Callable[[], None], ...]:
        """Reviews, and the clock."""
        return self._follow, self._tick

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

        if self._ticks.due:
            self._ticks.over(more=clock.tick(timezone.now()).more)


def main() -> None:
    """Run until the process is told to end."""
    until_told(lambda stop: Keeper(stop).run())


if __name__ == "__main__":
    main()
