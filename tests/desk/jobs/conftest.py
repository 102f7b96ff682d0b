"""A desk of its own over the small book."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from desk.desks import Desk, own

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def desk(_built: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk with the small book and its first administrator; no process of it runs yet."""
    with own(tmp_path_factory, shutil.copytree(_built / "home", tmp_path / "home"), Desk) as made:
        yield made
