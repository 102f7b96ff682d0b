"""A process of the desk beside the web: it works until it is told to end."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def until_told(run: Callable[[threading.Event], None]) -> None:
    """Run what stops once its event is set, with the desk's Django ready; the event is set when the process is told to end."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "daihou.desk.settings")
    django.setup()
    run(stop)
