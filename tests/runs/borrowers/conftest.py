"""Small homes that hold only what a test is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from books import harbour
from daihou.book.home import Home, open_home

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="session")
def told_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Home]:
    """Makes a home that was sent some tables."""

    def make(**tables: str) -> Home:
        folder = tmp_path_factory.mktemp("small")
        home = open_home(folder / "home", {})
        harbour.send(home, folder, tables)
        return home

    return make
