"""What keepers share: a process beside the web that brings rows up to runs and the clock, part by part.

What is wrong with one part holds up no other; it is said once, and tried again at the next look.
"""

from __future__ import annotations

import logging
import time
from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Final

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

LOG = logging.getLogger(__name__)

EVERY: Final = 3.0
"""Seconds between two looks for a new run."""
TICK: Final = 60.0
"""Seconds between two ticks of the clock."""


@dataclass(slots=True)
class Turn:
    """When a part that is done every so often is due: at once, and then after so many seconds."""

    seconds: float
    _at: float = 0.0

    @property
    def due(self) -> bool:
        """Whether it is time."""
        return time.monotonic() >= self._at

    def over(self, *, more: bool = False) -> None:
        """It was done; with `more` to do it is due again at once."""
        self._at = time.monotonic() + (0.0 if more else self.seconds)


@dataclass
class Keeper(ABC):
    """What such a process remembers from look to look."""

    stop: threading.Event
    _said: dict[str, str] = field(default_factory=dict)
    """What was wrong with each part when it was tried last."""

    WAITS: ClassVar[str]
    """What waits where a part cannot be done."""
    QUICKER: ClassVar[str]
    """What is said where another process did it first."""

    @abstractmethod
    def parts(self) -> tuple[Callable[[], None], ...]:
        """What it does at each look, in this order."""

    def look(self) -> None:
        """Do what there is to do, until told to stop."""
        for part in self.parts():
            if not self.stop.is_set():
                self._do(part)

    def _do(self, part: Callable[[], None]) -> None:
        """Do a part; what is wrong is said, unless it was."""
        from daihou.desk.following import StoppedError

        with suppress(StoppedError):
            wrong = self.tried(part)
            if wrong and wrong not in self._said.values():
                LOG.warning("%s", wrong)
            self._said[part.__name__] = wrong

    def tried(self, work: Callable[[], None]) -> str:
        """Do what may be tried again; what was wrong, or nothing."""
        import duckdb
        import polars as pl
        from django.db import DatabaseError, InterfaceError

        from daihou.book.errors import DaihouError
        from daihou.desk.following import OvertakenError

        try:
            work()
        except OvertakenError:
            return self.QUICKER
        except DaihouError as error:
            return f"{self.WAITS} wait: {error}"
        except (DatabaseError, InterfaceError) as error:
            return f"{self.WAITS} wait for the database: {error}"
        except (OSError, duckdb.Error, pl.exceptions.PolarsError) as error:
            return f"{self.WAITS} wait for a file: {error}"
        return ""

    def run(self) -> None:
        """Look until told to stop."""
        from django.db import close_old_connections

        while not self.stop.is_set():
            close_old_connections()
            self.look()
            self.stop.wait(EVERY)
