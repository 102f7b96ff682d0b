"""The small book on which the stream is tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from laws import live
from runs.stream.proof import STARTED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home on the evening before the day of events: read it, never write to it."""
    return live.built(tmp_path_factory)


@pytest.fixture(autouse=True)
def nobody_left() -> Iterator[None]:
    """A test that fails leaves no worker behind."""
    yield
    while STARTED:
        with STARTED.pop() as working:
            working.kill()
