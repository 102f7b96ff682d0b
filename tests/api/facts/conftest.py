"""Each test of facts has a home of its own: what it sends stays in no other test's log, lake or vault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from daihou.api import auth
from daihou.api.facts import taking
from daihou.book.home import open_home

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _own_home(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.HOME = open_home(tmp_path / "home", {})
    for kept in (taking.door, auth._shares):
        kept.cache_clear()
    yield
    for kept in (taking.door, auth._shares):
        kept.cache_clear()
