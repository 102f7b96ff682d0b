"""The book over the months, as far as a user's reach and a page's cut go: from cubes where whole orgs are asked, else from the loans."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from django.conf import settings

from daihou.book.errors import DaihouError
from daihou.desk.people import orgs
from daihou.desk.portfolio import reading
from daihou.runs.portfolio.cubes import Cubes, cubes_of
from daihou.runs.portfolio.panel import EVERYTHING, last_of_months
from daihou.runs.portfolio.portfolio import Portfolio, portfolio_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from django.http import QueryDict

    from daihou.desk.people.reach import Part, Reach
    from daihou.desk.portfolio.moments import Moment, Pair

MONTHS: Final = 25
"""Month ends that charts go back: two years and the one that they are compared with."""
STAGES: Final = "buckets_m_stages"
"""The buckets that arrears over the months are told in."""
CUTS: Final = ("org_id", "product", "region")
"""What an overview may be cut by."""


@dataclass(frozen=True, slots=True)
class Cut:
    """One choice of orgs (with all below), of products, of regions; none for all."""

    org_id: str = ""
    product: str = ""
    region: str = ""

    @property
    def chosen(self) -> list[tuple[str, str]]:
        """What was chosen."""
        return [(name, value) for name in CUTS if (value := getattr(self, name))]

    @property
    def asked(self) -> dict[str, str]:
        """The same as conditions of a list: an org stands for all below it."""
        return {name: ",".join(values) for name, values in self.values()}

    def values(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """By column the values that are let through."""
        return tuple(
            (name, tuple(sorted(orgs.tree().below(value))) if name == "org_id" else (value,))
            for name, value in self.chosen
        )


def cut(query: QueryDict) -> Cut:
    """The cut that an address asks for."""
    return Cut(**{name: query.get(name, "")[:80] for name in CUTS})


@dataclass(frozen=True, slots=True)
class Book:
    """What is asked of the book over the months, and the pairs of dates in it."""

    over: Cubes | Portfolio
    pairs: tuple[Pair, ...]
    kept: dict[Hashable, Any] = field(default_factory=dict)
    """What was told from it already: page after page asks the same."""

    def once(self, key: Hashable, told: Callable[[], Any]) -> Any:
        """What is told under a key; told once."""
        if key not in self.kept:
            self.kept[key] = told()
        return self.kept[key]


def book(moment: Moment, reach: Reach, chosen: Cut) -> Book:
    """The book in reach over the last months; kept until a run writes again."""
    ends = set(last_of_months([as_of for as_of, _ in moment.series]))
    pairs = tuple(pair for pair in moment.series if pair[0] in ends)[-MONTHS:]
    return _book(moment.stamp, pairs, reach, chosen.values())


@lru_cache(maxsize=64)
def _book(stamp: str, pairs: tuple[Pair, ...], reach: Reach, cuts: tuple[tuple[str, tuple[str, ...]], ...]) -> Book:
    within = _within(reach)
    for name, values in cuts:
        within = within & pl.col(name).is_in(list(values))
    whole = _cubes(stamp, pairs) if reach.whole_orgs else None
    if whole is not None:
        return Book(whole if reach.everything and not cuts else whole.within(within), pairs)
    if cuts and not reach.whole_orgs:  # an officer's loans are few and held already: cut there, nothing is read again
        own = _book(stamp, pairs, reach, ()).over
        if isinstance(own, Portfolio):
            return Book(replace(own, panel=own.panel.filter(within)), pairs)
    found = portfolio_of(settings.HOME, pairs, within)
    return Book(replace(found, panel=found.panel.collect(engine="streaming").lazy()), pairs)


@lru_cache(maxsize=4)
def _cubes(stamp: str, pairs: tuple[Pair, ...]) -> Cubes | None:  # noqa: ARG001 - the stamp is the cache's key
    """The cubes of the whole lender; None for runs of an earlier version, or with buckets changed since or too fine: their loans still tell."""
    try:
        found = cubes_of(settings.HOME, pairs)
        for name in (STAGES, reading.SCHEME):
            found.scheme(name)
    except DaihouError:
        return None
    return found


def _within(reach: Reach) -> pl.Expr:
    return (
        EVERYTHING
        if reach.everything
        else pl.any_horizontal(pl.lit(value=False), *(_part(part) for part in reach.parts))
    )


def _part(part: Part) -> pl.Expr:
    within = EVERYTHING if part.org_ids is None else pl.col("org_id").is_in(sorted(part.org_ids))
    return within if part.officer_id is None else within & (pl.col("officer_id") == part.officer_id)


def option_values(moment: Moment, reach: Reach) -> dict[str, list[Any]]:
    """What each cut may be, from the newest cube."""
    tree, within = orgs.tree(), reach.org_ids
    return {
        "org_id": [
            (org.org_id, "　" * depth + (org.name or org.org_id))
            for depth, org in tree.in_order()
            if within is None or org.org_id in within
        ],
        "product": list(reading.occurring(moment.stamp, moment.pair, "product")),
        "region": list(reading.occurring(moment.stamp, moment.pair, "region")),
    }
