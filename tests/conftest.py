"""How Hypothesis runs: without deadlines, since a busy machine is no fault of what is tested; what is left to `make soak`; and what the garbage collector
leaves alone."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING

from hypothesis import settings

if TYPE_CHECKING:
    import pytest

settings.register_profile("daihou", deadline=None)
settings.load_profile("daihou")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes too long for every change, unless it is asked for."""
    if os.environ.get("DAIHOU_SOAK") != "1":
        left = [item for item in items if item.get_closest_marker("soak")]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


def pytest_collection_finish() -> None:
    """Modules and tests stay to the end: the collector need not look at them again and again, which costs a twentieth of a run."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """Let the end of the process free them: what some libraries find left over they report."""
    gc.unfreeze()
