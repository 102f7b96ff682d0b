"""The policy of collection in force: the home's own, else the one that ships."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from daihou.policies.collection import Collection, collection
from daihou.runs.policies import text_of

if TYPE_CHECKING:
    import datetime as dt

    from daihou.book.home import Home
    from daihou.policies.dated import Dated


def policy(day: dt.date | None = None) -> Collection:
    """What holds on a day, else today; DaihouError names the file and the key that is wrong."""
    home: Home = settings.HOME
    own = home.path / "policies" / "collection.yaml"
    changed = own.stat().st_mtime_ns if own.exists() else 0
    return _read(home, changed).on(day or timezone.localdate()).values


@lru_cache(maxsize=4)
def _read(home: Home, _changed: int) -> Dated[Collection]:
    return collection(*text_of(home, "policies/common", "collection"))
