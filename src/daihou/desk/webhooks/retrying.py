"""When a try that failed is repeated, and when no more.

These are technical limits of the sender and no policy of the house: what is given up is not lost, a person sends it again.
"""

from __future__ import annotations

from datetime import timedelta
from secrets import SystemRandom
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import datetime as dt

PAUSES: Final = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300, 1_800, 7_200, 21_600, 50_400))
"""Before the second try, the third and so on: close together for a restart, far apart for a weekend's work; 8 tries over 22 hours and a half."""
TRIES: Final = len(PAUSES) + 1
SPREAD: Final = 0.2
"""Each pause is longer or shorter by so much of itself, by chance: what failed together does not come back together."""
LONGEST_WAIT: Final = timedelta(days=1)
"""A receiver may ask for so long a pause and no longer."""
GIVE_UP: Final = timedelta(days=3)
"""After so long from when it was first due, what failed is given up, however few tries it had: a receiver in trouble gets few."""
RESTS: Final = tuple(timedelta(seconds=seconds) for seconds in (1, 2, 5, 15, 60, 300))
"""How long a hook is left in peace after its first failure in a row, the second and so on; the last one from then on. Only then the next event is tried."""


def again_at(tries: int, now: dt.datetime, wait_seconds: float) -> dt.datetime:
    """When what failed so many times is tried again: after its pause, and not before the receiver asks for it."""
    pause = PAUSES[min(tries, len(PAUSES)) - 1] * SystemRandom().uniform(1 - SPREAD, 1 + SPREAD)
    return now + max(pause, min(timedelta(seconds=wait_seconds), LONGEST_WAIT))


def is_over(tries: int, first_due_at: dt.datetime, now: dt.datetime) -> bool:
    """Whether what failed is given up."""
    return tries >= TRIES or now - first_due_at >= GIVE_UP


def rests_until(failures: int, now: dt.datetime, wait_seconds: float) -> dt.datetime:
    """Until when a hook with so many failures in a row is left in peace."""
    rest = RESTS[min(failures, len(RESTS)) - 1]
    return now + max(rest, min(timedelta(seconds=wait_seconds), LONGEST_WAIT))
