"""A process beside the desk: it works until it is told to end."""

from __future__ import annotations

import gc
import logging
import os
import signal
import threading
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from daihou.book.home import open_home
from daihou.runs import lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from daihou.book.home import Home

LOG = logging.getLogger(__name__)


def told_to_end() -> threading.Event:
    """What is set once this process gets SIGTERM or Ctrl-C.

    A thread sets it, never the handler: this runs in the main thread between any two of its steps, also while `Event.wait`
    holds the event's own lock, and would wait for that lock for ever. What the handler does, a put, may come at any step.
    """
    stop, told = threading.Event(), SimpleQueue[int]()

    def pass_on() -> None:
        told.get()
        stop.set()

    threading.Thread(target=pass_on, name="told to end", daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda given, _: told.put(given))
    return stop


def freeze() -> None:
    """Let the collector of garbage leave alone what was read to begin with, and look less often.

    In a process that answers within milliseconds it took a fifth of the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 50)


def in_home(run: Callable[[Home, threading.Event], None]) -> None:
    """Run what stops once its event is set, in the home that DAIHOU_HOME names; what ends it before is a log line like any other, and code 1."""
    lines.to_stderr(os.environ)
    stop = told_to_end()
    try:
        run(open_home(Path(os.environ["DAIHOU_HOME"])), stop)
    except Exception as error:
        LOG.critical("this process ends: %s", error, exc_info=True)
        raise SystemExit(1) from error
