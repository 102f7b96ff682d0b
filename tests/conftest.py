"""How Hypothesis runs: without deadlines, since a busy machine is no fault of what is tested; and what the garbage collector leaves alone."""

from __future__ import annotations

import gc

from hypothesis import settings

settings.register_profile("daihou", deadline=None)
settings.load_profile("daihou")


def pytest_collection_finish() -> None:
    """Modules and tests stay to the end: the collector need not look at them again and again, which costs a twentieth of a run."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """Let the end of the process free them: what some libraries find left over they report."""
    gc.unfreeze()
