"""A home for the ledger, and what is told to it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from books import harbour
from daihou.book.home import open_home
from daihou.book.ledger.ledger import refresh
from once import once

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from daihou.book.home import Home


@pytest.fixture
def told(home: Home, tmp_path: Path) -> Callable[..., None]:
    """Sends rows of tables to the home."""

    def send(**tables: str) -> None:
        harbour.send(home, tmp_path, tables)

    return send


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Harbour Branch taken in, its ledger built."""

    def build(folder: Path) -> None:
        refresh(open_home(shutil.copytree(harbour.taken_in(tmp_path_factory), folder / "home"), {}), lambda *_: None)

    return once(tmp_path_factory, "ledger", build) / "home"


@pytest.fixture
def story(built: Path, home: Home) -> None:
    """The home is Harbour Branch."""
    shutil.copytree(built, home.path, dirs_exist_ok=True)
