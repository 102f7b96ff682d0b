"""The conduct policies that every contact must pass: those that the home names, each the home's own or the one that ships."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING

from django.conf import settings

from daihou.book.errors import DaihouError
from daihou.desk import house
from daihou.policies.conduct import SHIPPED, conduct
from daihou.policies.conduct_rules import Block, Count, Gap

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from daihou.book.home import Home
    from daihou.policies.conduct import Conduct
    from daihou.policies.dated import Dated


def policies() -> tuple[Dated[Conduct], ...]:
    """All versions of each; DaihouError names the setting, or the file and the key, that is wrong."""
    home: Home = settings.HOME
    names = home.settings.conduct_policies
    return tuple(_policy(home, name) for name in names)


def versions(day: dt.date) -> str:
    """Which versions hold on a day, as a contact keeps it: conduct_cn@2026-02-01 conduct_house@1900-01-01. A policy binds from its first version on."""
    begun = [(each, each.on(day)) for each in policies() if each.versions[0].from_on <= day]
    return " ".join(f"{each.name}@{version.from_on.isoformat()}" for each, version in begun)


def counts_from(kind: str) -> bool:
    """Whether a rule counts days from the beginning of such a circumstance: then that it begins anew is news."""
    rules = [rule for each in policies() for version in each.versions for rule in version.values.rules]
    return any(
        (isinstance(rule, Block) and rule.days is not None and kind in rule.when)
        or (isinstance(rule, Count | Gap) and rule.unless_days is not None and rule.unless == kind)
        for rule in rules
    )


def _policy(home: Home, name: str) -> Dated[Conduct]:
    if name not in SHIPPED and not (home.path / "policies" / f"{name}.yaml").exists():
        raise DaihouError(
            f"There is no conduct policy {name}.",
            f"Those that ship are {', '.join(SHIPPED)}; another needs a file policies/{name}.yaml in the home.",
            str(home.path / "daihou.toml"),
            zh=(
                f"没有催收行为规则 {name}。",
                f"系统自带：{'、'.join(SHIPPED)}；其他规则需在数据目录放置 policies/{name}.yaml。",
            ),
        )
    return house.dated(name, _named(name), SHIPPED.get(name, "policies/common"))


@cache
def _named(name: str) -> Callable[[str, str], Dated[Conduct]]:
    """What reads the policy of a name, the same for each name every time: it is known by that to what was read before."""
    return partial(conduct, name)
