"""Journeys: people at the real desk in a real browser. One desk serves all workers of a run; nothing may go wrong unseen on any page."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

import pytest

from desk.desks import put_tables
from journeys.browser import Seats, found, launched
from journeys.desk import Desk, shared

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where the browser is; without one no journey is tried."""
    path = found()
    if not path:
        missing = "Chromium is not installed: no journey was tried (apt install chromium)"
        if os.environ.get("DAIHOU_TEST_ALL") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    return path


@pytest.fixture(scope="session")
def desk(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The desk, over a book of 400 loans and 14 month ends."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "journeys"
    with shared(folder, partial(put_tables, tmp_path_factory)) as opened:
        yield opened


@pytest.fixture(scope="module")
def _seats(desk: Desk, chromium: str) -> Iterator[Seats]:
    with launched(chromium) as browser:
        yield Seats(browser, desk.address)


@pytest.fixture
def seats(_seats: Seats) -> Iterator[Seats]:
    """Who sits at the desk: `seats.of("analyst")`. In the end every page must have been without errors."""
    yield _seats
    assert _seats.leave() == []
