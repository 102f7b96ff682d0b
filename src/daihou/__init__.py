"""daihou 贷后: where every loan stands, on any date, as known on any date."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from daihou.runs.library import Book


def open(home: str | Path) -> Book:  # noqa: A001 - the name people expect: daihou.open
    """Open a home (its folder) as a book."""
    from daihou.book.home import open_home
    from daihou.runs.library import Book

    return Book(open_home(Path(home)))
