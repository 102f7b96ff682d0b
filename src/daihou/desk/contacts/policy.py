"""The conduct policies that every contact must pass: those that the home names, each the home's own or the one that ships."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.conf import settings

from daihou.desk import house
from daihou.policies.conduct import SHIPPED, conduct
from daihou.policies.conduct_rules import Block, Count, Gap

if TYPE_CHECKING:
    import datetime as dt

    from daihou.book.home import Home
    from daihou.policies.conduct import Conduct
    from daihou.policies.dated import Dated

WHAT: Final = ("conduct policy", "催收行为规则")
"""What such a policy is, in English and Chinese."""


def policies() -> tuple[Dated[Conduct], ...]:
    """All versions of each; DaihouError names the setting, or the file and the key, that is wrong."""
    home: Home = settings.HOME
    names = home.settings.conduct_policies
    return tuple(house.named(name, conduct, SHIPPED, WHAT) for name in names)


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
