"""A moment that goes on: who was told the time, then waited for a lock or read a ledger, decides by what the time has become."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import datetime as dt

SLACK: Final = 5.0
"""Seconds that count as none: within them an act has one moment throughout. Between a press and the ringing there lie as many."""


@dataclass(frozen=True, slots=True)
class Elapsing:
    """A moment, and when it was told."""

    told: dt.datetime
    _since: float = field(default_factory=time.monotonic)

    def now(self) -> dt.datetime:
        """What it has become."""
        passed = time.monotonic() - self._since
        return self.told if passed < SLACK else self.told + timedelta(seconds=passed)
