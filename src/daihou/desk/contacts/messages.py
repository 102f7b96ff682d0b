"""The texts in force: the home's own file, else the one that ships."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings

from daihou.policies.messages import Messages, messages
from daihou.runs.policies import text_of

if TYPE_CHECKING:
    import datetime as dt

    from daihou.book.home import Home
    from daihou.policies.dated import Dated


def policy(day: dt.date) -> Messages:
    """What holds on a day; DaihouError names the file and the key that is wrong."""
    home: Home = settings.HOME
    own = home.path / "policies" / "messages.yaml"
    changed = own.stat().st_mtime_ns if own.exists() else 0
    return _read(home, changed).on(day).values


@lru_cache(maxsize=4)
def _read(home: Home, _changed: int) -> Dated[Messages]:
    return messages(*text_of(home, "policies/common", "messages"))
