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
