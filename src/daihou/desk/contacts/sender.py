"""The sender of messages, a process of its own: `python -m daihou.desk.contacts.sender`. Started twice, both run and nothing is sent twice."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Final

from daihou.desk.process import looking, until_told

if TYPE_CHECKING:
    import threading

LOG = logging.getLogger(__name__)

EVERY: Final = 1.0
"""Seconds between two looks where nothing is due."""
RECEIPTS_EVERY: Final = 5.0
"""Seconds between two questions for receipts."""


def run(stop: threading.Event) -> None:
    """Send until told to stop: the message in hand is handed over to its end. A database that does not answer is asked again."""
    from django.utils import timezone

    from daihou.desk.contacts.receipts import poll
    from daihou.desk.contacts.sending import step

    asked = float("-inf")

    def look() -> bool:
        nonlocal asked
        if time.monotonic() - asked >= RECEIPTS_EVERY:
            poll(timezone.now())
            asked = time.monotonic()
        return step(timezone.now())

    looking(stop, look, EVERY, lambda error: LOG.warning("nothing sent for now: %s", error))


def main() -> None:
    """Run until the process is told to end."""
    until_told(run)


if __name__ == "__main__":
    main()
