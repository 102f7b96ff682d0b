"""The organisation as pages ask for it, row by row: found again by the newest entry of its table's log, without opening the table."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings

from daihou.desk.people import orgs
from daihou.desk.portfolio.moments import stamp_of

if TYPE_CHECKING:
    from daihou.desk.people.orgs import Tree


def tree() -> Tree:
    """The organisation as last delivered."""
    return _tree(stamp_of(settings.HOME.lake / "orgs"))


@lru_cache(maxsize=2)
def _tree(stamp: str) -> Tree:  # noqa: ARG001 - the stamp is the cache's key
    return orgs.tree()
