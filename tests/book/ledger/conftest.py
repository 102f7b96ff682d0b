"""A home for the ledger, and what is told to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from books import harbour

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
