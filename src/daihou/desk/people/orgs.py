"""The lender's organisation as a tree, read from the facts; kept until the lake's table of orgs changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings

from daihou.book import lake
from daihou.book.lake import stamp as stamp_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daihou.book.home import Home


@dataclass(frozen=True, slots=True)
class Org:
    """An org: its number, its name, and the number of the one above it, empty for the top."""

    org_id: str
    name: str
    parent_id: str


@dataclass(frozen=True, slots=True)
class Tree:
    """All orgs by number."""

    orgs: Mapping[str, Org]
    children: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def name(self, org_id: str | None) -> str:
        """The name of an org; its number where it has none."""
        org = self.orgs.get(org_id or "")
        return org.name if org and org.name else (org_id or "")

    def below(self, org_id: str) -> frozenset[str]:
        """An org and all below it. A loop in the facts does no harm."""
        found: set[str] = set()
        waiting = [org_id]
        while waiting:
            here = waiting.pop()
            if here not in found:
                found.add(here)
                waiting.extend(self.children.get(here, ()))
        return frozenset(found)

    def in_order(self) -> list[tuple[int, Org]]:
        """Every org with its depth, those above before those below."""
        found: list[tuple[int, Org]] = []
        seen: set[str] = set()

        def visit(org_id: str, depth: int) -> None:
            if org_id not in seen:
                seen.add(org_id)
                found.append((depth, self.orgs[org_id]))
                for child in self.children.get(org_id, ()):
                    visit(child, depth + 1)

        for org in self.orgs.values():
            if org.parent_id not in self.orgs:
                visit(org.org_id, 0)
        for org_id in self.orgs:  # what is only in a loop
            visit(org_id, 0)
        return found


def tree() -> Tree:
    """The organisation as last delivered."""
    home: Home = settings.HOME
    return _read(home, stamp_of(home.lake / "orgs"))


@lru_cache(maxsize=4)
def _read(home: Home, stamp: str) -> Tree:
    if not stamp:
        return Tree({})
    rows = lake.read(home, "orgs").read_all().sort_by([("known_on", "ascending"), ("batch", "ascending")]).to_pylist()
    orgs = {row["org_id"]: Org(row["org_id"], row["name"] or "", row["parent_id"] or "") for row in rows}
    orgs = dict(sorted(orgs.items()))
    children: dict[str, tuple[str, ...]] = {}
    for org in orgs.values():
        children[org.parent_id] = (*children.get(org.parent_id, ()), org.org_id)
    return Tree(orgs, children)
