"""The sender of notices, a process of its own: `python -m daihou.desk.notices.sender`. Started twice, both run and nothing is sent twice."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from daihou.desk.process import looking, until_told

if TYPE_CHECKING:
    import threading

LOG = logging.getLogger(__name__)

EVERY: Final = 1.0
"""Seconds between two looks where nothing is due."""


def run(stop: threading.Event) -> None:
    """Send until told to stop: the parcel in hand is handed over to its end. A database that does not answer is asked again."""
    from django.utils import timezone

    from daihou.desk.notices.dispatch import step

    looking(stop, lambda: step(timezone.now()), EVERY, lambda error: LOG.warning("nothing sent for now: %s", error))


def main() -> None:
    """Run until the process is told to end."""
    until_told(run)


if __name__ == "__main__":
    main()
