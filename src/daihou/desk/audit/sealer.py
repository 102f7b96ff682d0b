"""The sealer, a process of its own: `python -m daihou.desk.audit.sealer`. Started twice, both run and no link is made twice."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Final

from daihou.desk.process import until_told

if TYPE_CHECKING:
    import threading

LOG = logging.getLogger(__name__)

EVERY: Final = 1.0
"""Seconds between two looks."""
THOROUGH: Final = 3600.0
"""Seconds between two looks at everything, after each of which the head is noted."""


def run(stop: threading.Event) -> None:
    """Seal until told to stop. A database that does not answer is tried again."""
    from django.conf import settings
    from django.db import DatabaseError, close_old_connections
    from django.utils import timezone

    from daihou.desk.audit import heads, sealing

    thorough_at = 0.0
    while not stop.is_set():
        close_old_connections()
        try:
            thorough = time.monotonic() >= thorough_at
            sealed = sealing.seal(everything=thorough)
            if thorough and sealed < sealing.MOST:
                heads.note(settings.HOME, timezone.now())
                thorough_at = time.monotonic() + THOROUGH
        except DatabaseError as error:
            LOG.warning("nothing sealed for now: %s", error)
            sealed = 0
        if sealed < sealing.MOST:  # else more waits
            stop.wait(EVERY)


def main() -> None:
    """Run until the process is told to end."""
    until_told(run)


if __name__ == "__main__":
    main()
