"""Reading ahead: the newest dates are ready before anybody asks, and nothing breaks where there are none."""

from __future__ import annotations

import dataclasses
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings

from daihou.desk.portfolio import moves, warm

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def bare_shelf() -> Path:
    shelf: Path = settings.HOME.path / "shelf"
    shutil.rmtree(shelf, ignore_errors=True)
    return shelf


def test_the_newest_dates_and_those_of_the_month_before_are_shelved_once(book: Any, bare_shelf: Path) -> None:
    warm.shelve()
    made = {path: path.stat().st_ino for path in bare_shelf.glob("*.duckdb")}
    warm.shelve()
    assert len(made) == 2
    assert {path: path.stat().st_ino for path in bare_shelf.glob("*.duckdb")} == made


def test_a_web_process_then_answers_the_overview_from_what_it_keeps(book: Any, sign_in: Any) -> None:
    warm.fill()
    asked = moves._matrix.cache_info().misses
    assert sign_in("manager").get("/portfolio/").status_code == 200
    assert moves._matrix.cache_info().misses == asked


def test_where_nothing_was_run_nothing_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(settings, "HOME", dataclasses.replace(settings.HOME, path=tmp_path))
    warm.shelve()
    warm._quietly(warm.fill)
    assert list(tmp_path.iterdir()) == []
    assert caplog.records == []


def test_what_goes_wrong_is_logged_and_goes_no_further(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> None:
        raise OSError("the disk is full")

    warm._quietly(broken)
    assert "reading ahead failed" in caplog.text
