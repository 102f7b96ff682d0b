"""The small book on which the stream is tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from laws import live

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home on the evening before the day of events: read it, never write to it."""
    return live.built(tmp_path_factory)
