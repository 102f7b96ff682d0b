"""Mill Street, taken in once, and once more with every month end run; each test works on a copy of its own."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from books import mill
from daihou.book.home import Home, open_home
from daihou.runs.nightly import run_all
from once import once

if TYPE_CHECKING:
    from pathlib import Path


def silent(_step: str, _done: int, _all: int) -> None:
    """Show nothing."""


@pytest.fixture(scope="session")
def taken_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home before the first run: read it, never write to it."""
    return mill.taken_in(tmp_path_factory)


@pytest.fixture(scope="session")
def watched(taken_in: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home after a run of every month end: read it, never write to it."""

    def build(folder: Path) -> None:
        home = open_home(shutil.copytree(taken_in, folder / "home"), {})
        run_all(home, [(day, day) for day in mill.DATES], silent)

    return once(tmp_path_factory, "watched", build) / "home"


@pytest.fixture
def street(taken_in: Path, tmp_path: Path) -> Home:
    """Mill Street before the first run, to work in."""
    return open_home(shutil.copytree(taken_in, tmp_path / "home"), {})


@pytest.fixture
def watch(watched: Path) -> Home:
    """Mill Street after every month end, to look at."""
    return open_home(watched, {})


@pytest.fixture
def home(watched: Path, tmp_path: Path) -> Home:
    """Mill Street after every month end, to work in."""
    return open_home(shutil.copytree(watched, tmp_path / "home"), {})
