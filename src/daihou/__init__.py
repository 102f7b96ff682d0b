"""daihou 贷后: where every loan stands, on any date, as known on any date."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from daihou.monitoring.catalogue import Catalogue
    from daihou.runs.library import Book


def open(home: str | Path) -> Book:  # noqa: A001 - the name people expect: daihou.open
    """Open a home (its folder) as a book."""
    from daihou.book.home import open_home
    from daihou.runs.library import Book

    return Book(open_home(Path(home)))


def catalogue() -> Catalogue:
    """Everything that is measured: `catalogue().find("dpd")` says what it is, in what unit, which way is bad and what it is read from."""
    from daihou.monitoring.families import CATALOGUE

    return CATALOGUE
