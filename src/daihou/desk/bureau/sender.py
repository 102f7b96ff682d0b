"""The sender of queries, a process of its own: `python -m daihou.desk.bureau.sender`. Started twice, both run and no query is sent twice."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Final

from daihou.book.errors import DaihouError
from daihou.desk.process import looking, until_told

if TYPE_CHECKING:
    import threading

LOG = logging.getLogger(__name__)

EVERY: Final = 1.0
"""Seconds between two looks where nothing is due."""
TELL: Final = 60.0
"""Seconds between two looks for reports that the lake does not know."""


def run(stop: threading.Event) -> None:
    """Send, ask for results and tell the lake until told to stop: the query in hand is settled first. What does not answer is asked again."""
    from django.utils import timezone

    from daihou.desk.bureau import written_back
    from daihou.desk.bureau.sending import step

    told = float("-inf")

    def look() -> bool:
        nonlocal told
        done = step(timezone.now())
        if time.monotonic() - told >= TELL:
            full = written_back.write(timezone.now(), stop) == written_back.TOGETHER
            told = told if full else time.monotonic()  # of many a few at a time, with a query between
        return done

    looking(stop, look, EVERY, lambda error: LOG.warning("no report is asked for, for now: %s", error), DaihouError)


def main() -> None:
    """Run until the process is told to end."""
    until_told(run)


if __name__ == "__main__":
    main()
