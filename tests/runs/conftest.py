"""Harbour Branch, taken in and run once; each test works on a copy of its own."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from books import harbour
from daihou.book.home import Home, open_home
from daihou.runs.nightly import run
from once import once

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def silent(_step: str, _done: int, _all: int) -> None:
    """Show nothing."""


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home after the night of 2026-04-30: read it, never write to it."""

    def build(folder: Path) -> None:
        home = open_home(shutil.copytree(harbour.taken_in(tmp_path_factory), folder / "home"), {})
        run(home, harbour.END, harbour.END, silent)

    return once(tmp_path_factory, "night", build) / "home"


@pytest.fixture
def branch(built: Path) -> Home:
    """Harbour Branch to look at."""
    return open_home(built, {})


@pytest.fixture
def home(built: Path, tmp_path: Path) -> Home:
    """Harbour Branch to work in."""
    return open_home(shutil.copytree(built, tmp_path / "home"), {})


@pytest.fixture
def told(tmp_path: Path) -> Callable[..., None]:
    """Sends rows of tables to a home."""

    def send(home: Home, **tables: str) -> None:
        harbour.send(home, tmp_path, tables)

    return send
