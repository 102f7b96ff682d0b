"""What a process of alerts tries again, and what it says meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daihou.desk import attempts

if TYPE_CHECKING:
    from collections.abc import Callable


def attempted(work: Callable[[], None]) -> str:
    """Do something that may be tried again; what was wrong, or nothing."""
    from daihou.desk.alerts.ingest import OvertakenError

    return attempts.attempted(work, "alerts", OvertakenError, "another process takes signals in")
