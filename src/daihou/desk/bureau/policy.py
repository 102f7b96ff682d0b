"""The policies that every query must pass: those that the home names, each the home's own or the one that ships; and how results are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.conf import settings

from daihou.desk import house
from daihou.policies.bureau_results import NAME, BureauResults, bureau_results
from daihou.policies.credit_queries import SHIPPED, MostPerDays, credit_queries

if TYPE_CHECKING:
    import datetime as dt

    from daihou.book.home import Home
    from daihou.policies.credit_queries import CreditQueries
    from daihou.policies.dated import Dated

WHAT: Final = ("policy of credit reports", "征信查询规则")
"""What such a policy is, in English and Chinese."""


def policies() -> tuple[Dated[CreditQueries], ...]:
    """All versions of each; DaihouError names the setting, or the file and the key, that is wrong."""
    home: Home = settings.HOME
    return tuple(house.named(name, credit_queries, SHIPPED, WHAT) for name in home.settings.credit_query_policies)


def versions(held: tuple[Dated[CreditQueries], ...], day: dt.date) -> list[str]:
    """Which versions hold on a day, as a query keeps it: credit_queries_cn@2013-03-15. A policy binds from its first version on."""
    begun = [(each, each.on(day)) for each in held if each.versions[0].from_on <= day]
    return [f"{each.name}@{version.from_on.isoformat()}" for each, version in begun]


def days(held: tuple[Dated[CreditQueries], ...]) -> int:
    """So many days back past queries of a person matter, to a rule of any version or as a report at hand."""
    told = [version.values for each in held for version in each.versions]
    spans = [rule.days for one in told for rule in one.rules if isinstance(rule, MostPerDays)]
    return max([*spans, *(one.cache_days or 0 for one in told)], default=0)


def results(day: dt.date) -> BureauResults:
    """How results are asked for on a day; DaihouError names the file and the key that is wrong."""
    return house.dated(NAME, bureau_results).on(day).values
