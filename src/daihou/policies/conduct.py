"""Conduct: how, when and how often people are contacted about debts, by law and by the house."""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daihou.policies.conduct_rules import KINDS_OF_RULES, Count, Gap, Rule
from daihou.policies.dated import Dated, dated
from daihou.policies.ruled import read_rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.policies.conduct_rules import By

SHIPPED: Final = {"conduct_cn": "policies/cn", "conduct_us": "policies/us", "conduct_house": "policies/common"}
"""The policies that come with the package, and the folders they lie in."""


@dataclass(frozen=True, slots=True)
class Conduct:
    """One version of a policy of conduct."""

    binds: By
    """Whose contacts it binds at all: everybody's, the lender's own, or those of outside collectors."""
    zones: Sequence[str]
    """Where a person may be of whom nothing is known, by the time zone database; then all of them count. None: other policies say."""
    rules: Sequence[Rule]
    """Stated as mappings in the file."""

    def __post_init__(self) -> None:
        """Read the rules; ValueError where a name is unknown or told twice."""
        if self.binds not in ("all", "lender", "agency"):
            raise ValueError("binds must be one of all, lender, agency")
        if not isinstance(self.zones, list | tuple) or not isinstance(self.rules, list | tuple):
            raise TypeError("zones and rules must be lists")
        known = zoneinfo.available_timezones()  # reads the folders of the database each time
        for zone in self.zones:
            if zone not in known:
                raise ValueError(f"zones: {zone} is no time zone")
        object.__setattr__(self, "zones", tuple(self.zones))
        rules = tuple(each if isinstance(each, Rule) else read_rule(KINDS_OF_RULES, each) for each in self.rules)
        if not rules:
            raise ValueError("rules: name at least one")
        names = [rule.id for rule in rules]
        if twice := [name for name in names if names.count(name) > 1]:
            raise ValueError(f"rule {twice[0]} is there twice")
        object.__setattr__(self, "rules", rules)

    @property
    def reach_days(self) -> int | None:
        """How many days back the limits of number look, and ahead where clocks differ; None: without end. Who was reached, and what was answered, is asked beyond it."""
        spans = [rule.days for rule in self.rules if isinstance(rule, Count | Gap)]
        return None if None in spans else max((days for days in spans if days is not None), default=1)


def conduct(name: str, text: str, place: str) -> Dated[Conduct]:
    """The policy of that name from its file; DaihouError names what is wrong and where."""
    return dated(name, Conduct, text, place)
