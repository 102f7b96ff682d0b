"""A process of the desk beside the web: it works until it is told to end."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from daihou.runs.process import told_to_end

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable


def until_told(run: Callable[[threading.Event], None]) -> None:
    """Run what stops once its event is set, with the desk's Django ready; the event is set when the process is told to end."""
    stop = told_to_end()

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "daihou.desk.settings")
    django.setup()
    run(stop)


def looking(
    stop: threading.Event,
    look: Callable[[], bool],
    every: float,
    wrong: Callable[[Exception], None],
    *also: type[Exception],
) -> None:
    """Look for what is due until told to stop, at once again where there was something, else after so many seconds.

    A database that does not answer, and what else may pass, is told by `wrong` and asked again; what was begun is done to its end.
    """
    from django.db import DatabaseError, InterfaceError, close_old_connections

    passing: tuple[type[Exception], ...] = (DatabaseError, InterfaceError, *also)
    while not stop.is_set():
        close_old_connections()
        try:
            done = look()
        except passing as error:
            wrong(error)
            done = False
        if not done:
            stop.wait(every)
