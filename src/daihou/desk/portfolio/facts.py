"""Tables of facts as a page reads them beside what runs wrote: the versions of the lake, and which of them is in force."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from django.conf import settings

from daihou.book import lake
from daihou.book.lake import stamp as stamp_of
from daihou.desk.portfolio import reading

if TYPE_CHECKING:
    from daihou.book.home import Home

IN_FORCE: Final = "coalesce(effective_on, DATE '0001-01-01') <= ? AND known_on <= ?"
"""The condition on a version, with a day on which it holds and one on which it is known."""
NEWEST_FIRST: Final = 'effective_on DESC NULLS LAST, known_on DESC, batch DESC, "row" DESC'
"""The order of versions of one thing: the first of those in force is the one that counts."""


def versions(table: str) -> str:
    """All versions of a table as what stands behind FROM; empty where nothing was ever delivered."""
    home: Home = settings.HOME
    paths = _files(home, table, stamp_of(home.lake / table))
    return f"read_parquet([{', '.join(reading.literal(path) for path in paths)}], union_by_name=true)" if paths else ""


@lru_cache(maxsize=16)
def _files(home: Home, table: str, stamp: str) -> tuple[str, ...]:
    return tuple(str(path) for path in lake.files(home, table)) if stamp else ()
