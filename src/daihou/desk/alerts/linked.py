"""Borrowers that hang together with one: of the same group, bound by the same loans, or related; each with what it owes and its worst open alert."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Min
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from daihou.book import contracts
from daihou.desk.alerts import scope
from daihou.desk.governance import labels
from daihou.desk.portfolio import reading
from daihou.desk.portfolio.facts import IN_FORCE, NEWEST_FIRST, versions
from daihou.desk.vault import people
from daihou.warning.rule import LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daihou.desk.asked import Asked
    from daihou.desk.people.reach import Reach
    from daihou.desk.portfolio.moments import Moment

MOST: Final = 500
"""Borrowers that are looked at; a group with more is told by its first."""
SHOWN: Final = 12
DIRECTED: Final = frozenset({"owns", "controls", "guarantees"})
"""Relations that are told from one side; the others are the same from both."""


@dataclass(frozen=True, slots=True)
class Link:
    """One of them within reach. `exposure` is in minor units of the base currency; None where the newest run knows of none."""

    borrower_id: str
    name: str | None
    ways: tuple[str, ...]
    exposure: int | None
    level: str
    """Of its worst open alert; empty where none is open."""


@dataclass(frozen=True, slots=True)
class Linked:
    """Those within reach, the most urgent first, and how many lie beyond."""

    rows: tuple[Link, ...]
    more: int
    outside: int

    @property
    def count(self) -> int:
        """All of them."""
        return len(self.rows) + self.more + self.outside


def linked(borrower_id: str, request: Asked, moment: Moment | None) -> Linked:
    """The borrowers linked with one, as in force on the date of a moment."""
    if moment is None:
        return Linked((), 0, 0)
    ways: dict[str, dict[str, None]] = {}
    for other, said in (*_group(borrower_id, moment), *_bound(borrower_id, moment), *_related(borrower_id, moment)):
        if other and other != borrower_id and (other in ways or len(ways) < MOST):
            ways.setdefault(other, {})[said] = None
    if not ways:
        return Linked((), 0, 0)
    held = _in_reach(list(ways), request.rights.reach("portfolio.view"), moment)
    exposures = {row["borrower_id"]: row["exposure"] for row in _borrowers(held, moment)}
    worst = scope.seen(request.user, request.rights).filter(borrower_id__in=held, closed_at=None)
    ranks = dict(worst.order_by().values_list("borrower_id").annotate(rank=Min("rank")))
    ordered = sorted(held, key=lambda one: (ranks.get(one, len(LEVELS)), -(exposures.get(one) or 0), one))
    names = people.masked_names(ordered[:SHOWN])
    rows = tuple(
        Link(one, names.get(one), tuple(ways[one]), exposures.get(one), LEVELS[ranks[one]] if one in ranks else "")
        for one in ordered[:SHOWN]
    )
    return Linked(rows, len(ordered) - len(rows), len(ways) - len(ordered))


def _group(borrower_id: str, moment: Moment) -> list[tuple[str, str]]:
    """Those of the same group, by what the newest run knew."""
    source = reading.Source("borrower_snapshots", moment.pair, moment.stamp)
    if "group_id" not in source.columns:
        return []
    rows = reading.rows(
        f"SELECT borrower_id FROM {source.written} WHERE group_id IS NOT NULL "
        f"AND group_id = (SELECT any_value(group_id) FROM {source.written} WHERE borrower_id = ?) ORDER BY exposure DESC NULLS LAST LIMIT {MOST}",
        [borrower_id],
    )
    return [(row["borrower_id"], pgettext("how borrowers are linked", "same group")) for row in rows]


def _bound(borrower_id: str, moment: Moment) -> list[tuple[str, str]]:
    """Who is bound by its loans beside it, and the borrowers of loans that it is bound by."""
    source = versions("parties")
    if not source:
        return []
    loans = reading.Source("snapshots", moment.pair, moment.stamp).written
    rows = reading.rows(
        f"""
        WITH held AS (SELECT DISTINCT loan_id, borrower_id AS party, role FROM {source} WHERE {IN_FORCE}),
             own AS (SELECT loan_id FROM {loans} WHERE borrower_id = ?)
        SELECT DISTINCT party AS other, role, true AS bound FROM held WHERE loan_id IN (SELECT loan_id FROM own)
        UNION ALL
        SELECT DISTINCT loans.borrower_id, held.role, false FROM held JOIN {loans} AS loans USING (loan_id) WHERE held.party = ?
        ORDER BY other LIMIT {MOST}
        """,
        [moment.as_of, moment.known_on, borrower_id, borrower_id],
    )
    found = []
    for row in rows:
        role = {"role": _code("parties", "role", row["role"]).lower()}
        said = _("%(role)s of this borrower") if row["bound"] else _("this borrower is its %(role)s")
        found.append((row["other"], said % role))
    return found


def _related(borrower_id: str, moment: Moment) -> list[tuple[str, str]]:
    """Those in a relation with it; a share of 0 ended it."""
    source = versions("relations")
    if not source:
        return []
    rows = reading.rows(
        f"""
        SELECT from_id, to_id, kind FROM {source} WHERE {IN_FORCE} AND (from_id = ? OR to_id = ?)
        QUALIFY row_number() OVER (PARTITION BY from_id, to_id, kind ORDER BY {NEWEST_FIRST}) = 1
            AND share IS DISTINCT FROM 0
        ORDER BY from_id, to_id, kind LIMIT {MOST}
        """,
        [moment.as_of, moment.known_on, borrower_id, borrower_id],
    )
    found = []
    for row in rows:
        forth = row["from_id"] == borrower_id
        kind = {"kind": _code("relations", "kind", row["kind"]).lower()}
        said = _("this borrower %(kind)s it") if forth else _("%(kind)s this borrower")
        told = said % kind if row["kind"] in DIRECTED else kind["kind"]
        found.append((row["to_id"] if forth else row["from_id"], told))
    return found


def _in_reach(borrower_ids: list[str], reach: Reach, moment: Moment) -> list[str]:
    """Those with a loan in reach."""
    within, values = reach.sql()
    rows = reading.rows(
        f"SELECT DISTINCT borrower_id FROM {reading.snapshots(moment).sql} WHERE borrower_id IN (SELECT unnest(?::VARCHAR[])) AND {within}",
        [borrower_ids, *values],
    )
    return sorted(row["borrower_id"] for row in rows)


def _borrowers(borrower_ids: Iterable[str], moment: Moment) -> list[dict[str, Any]]:
    source = reading.Source("borrower_snapshots", moment.pair, moment.stamp)
    return reading.rows(
        f"SELECT borrower_id, exposure FROM {source.written} WHERE borrower_id IN (SELECT unnest(?::VARCHAR[]))",
        [list(borrower_ids)],
    )


def _code(table: str, column: str, code: str) -> str:
    """A code of the contract as it is read."""
    choices = next(one for one in contracts.TABLES[table].columns if one.name == column).choices
    found = next((one for one in choices if one.code == code), None)
    return code if found is None else found.zh if labels.chinese() else found.en
