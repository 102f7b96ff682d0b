"""Policies of the house as pages ask for them: the home's own file, else the one that ships; read again when the home's file changes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings

from daihou.runs.policies import text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from daihou.book.home import Home
    from daihou.policies.dated import Dated

Values = TypeVar("Values")


def dated(
    name: str, parse: Callable[[str, str], Dated[Values]], folder: str = "policies/common"
) -> Dated[Values]:  # fmt: skip
    """All versions of a policy; DaihouError names the file and the key that is wrong. `folder` is where the one that ships lies."""
    home: Home = settings.HOME
    own = home.path / "policies" / f"{name}.yaml"
    changed = own.stat().st_mtime_ns if own.exists() else 0
    return _read(home, folder, name, parse, changed)


@lru_cache(maxsize=32)
def _read(home: Home, folder: str, name: str, parse: Callable[[str, str], Dated[Any]], _changed: int) -> Dated[Any]:
    return parse(*text_of(home, folder, name))
