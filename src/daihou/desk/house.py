"""Policies of the house as pages ask for them: the home's own file, else the one that ships; read again when the home's file changes."""

from __future__ import annotations

from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings

from daihou.book.errors import DaihouError
from daihou.runs.policies import text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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


def named(
    name: str, parse: Callable[[str, str, str], Dated[Values]], shipped: Mapping[str, str], what: tuple[str, str]
) -> Dated[Values]:  # fmt: skip
    """All versions of a policy that the home's settings name: its own, or one of those that ship, by the folder in which each lies.

    `what` such a policy is, in English and Chinese; DaihouError where there is none of that name.
    """
    home: Home = settings.HOME
    if name not in shipped and not (home.path / "policies" / f"{name}.yaml").exists():
        raise DaihouError(
            f"There is no {what[0]} {name}.",
            f"Those that ship are {', '.join(shipped)}; another needs a file policies/{name}.yaml in the home.",
            str(home.path / "daihou.toml"),
            zh=(
                f"没有{what[1]} {name}。",
                f"系统自带：{'、'.join(shipped)}；其他规则需在数据目录放置 policies/{name}.yaml。",
            ),
        )
    return dated(name, _parser(parse, name), shipped.get(name, "policies/common"))


@cache
def _parser(parse: Callable[[str, str, str], Dated[Any]], name: str) -> Callable[[str, str], Dated[Any]]:
    """What reads the policy of a name, the same for each name every time: it is known by that to what was read before."""
    return partial(parse, name)


@lru_cache(maxsize=32)
def _read(home: Home, folder: str, name: str, parse: Callable[[str, str], Dated[Any]], _changed: int) -> Dated[Any]:
    return parse(*text_of(home, folder, name))
