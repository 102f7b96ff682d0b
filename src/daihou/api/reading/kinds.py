"""The kinds of snapshot: what each has a row for, its columns, and which of its rows a reach holds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from daihou.api.reading import refusals
from daihou.desk.portfolio import reading, shelf
from daihou.desk.portfolio.columns import columns, fields
from daihou.expressions import Field
from daihou.monitoring.rollups.family import FACILITY, ORG, PRODUCT
from daihou.runs.borrowers.columns import MEASURES as OF_BORROWER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daihou.desk.people.reach import Reach
    from daihou.desk.portfolio.moments import Moment
    from daihou.monitoring.catalogue import Measure

DATES: Final = ("as_of", "known_on")
"""Columns that are the same in every row: `meta` tells them."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: the table that a run writes of it, and the column that names its subject."""

    name: str
    table: str
    key: str
    nameless: bool = False
    """Whether one row may be of what has no such number, as loans without an org."""

    @property
    def measures(self) -> dict[str, Measure]:
        """Its columns by name, in order."""
        return _measures(self.name)

    @property
    def fields(self) -> Mapping[str, Field]:
        """The columns as conditions may name them."""
        return fields() if self.name == "loan" else _fields(self.name)

    @property
    def order(self) -> str:
        """By what its rows are ordered, as SQL."""
        return f"coalesce({self.key}, '')" if self.nameless else self.key

    def source(self, moment: Moment) -> reading.Source:
        """Its rows of a pair of dates."""
        return reading.Source(self.table, moment.pair, moment.stamp)

    def sql(self, moment: Moment) -> str:
        """What stands behind FROM, with every column of today: those that came after the run was written are empty."""
        source = self.source(moment)
        if self.name == "loan":  # the shelf has filled them in
            return source.sql
        if not source.paths:
            raise refusals.not_written(self.name, moment.pair)
        absent = "".join(
            f', NULL::{shelf.TYPES.get(measure.unit, "VARCHAR")} AS "{name}"'
            for name, measure in self.measures.items()
            if name not in source.columns
        )
        return f"(SELECT *{absent} FROM {source.sql})"

    def within(self, reach: Reach, moment: Moment) -> tuple[str, list[Any]]:
        """Which of its rows a reach holds, as SQL: borrowers and facilities with a loan in it, orgs in it, products of the whole lender alone."""
        if reach.everything:
            return "true", []
        if self.name == "loan":
            return reach.sql()
        if self.name in ("borrower", "facility"):
            within, values = reach.sql()
            return f"{self.key} IN (SELECT {self.key} FROM {reading.snapshots(moment).sql} WHERE {within})", values
        if self.name == "product" or not reach.whole_orgs or reach.org_ids is None:
            raise refusals.beyond_reach(self.name)
        orgs = sorted(reach.org_ids)
        return (f"org_id IN ({', '.join('?' * len(orgs))})" if orgs else "false"), list(orgs)


KINDS: Final = {
    kind.name: kind
    for kind in (
        Kind("loan", "snapshots", "loan_id"),
        Kind("borrower", "borrower_snapshots", "borrower_id"),
        Kind("facility", "facility_snapshots", "facility_id"),
        Kind("org", "org_snapshots", "org_id", nameless=True),
        Kind("product", "product_snapshots", "product", nameless=True),
    )
}
LOAN: Final = KINDS["loan"]


def kind(name: str) -> Kind:
    """The kind of a name; refused where there is none."""
    if name not in KINDS:
        raise refusals.unknown("kind", name, KINDS)
    return KINDS[name]


@cache
def _measures(name: str) -> dict[str, Measure]:
    held = {
        "loan": tuple(column.measure for column in columns().values()), "borrower": OF_BORROWER, "facility": FACILITY.measures,
        "org": ORG.measures, "product": PRODUCT.measures,
    }[name]  # fmt: skip
    return {measure.name: measure for measure in held if measure.name not in DATES}


@cache
def _fields(name: str) -> Mapping[str, Field]:
    return {
        one.name: Field(
            one.name, one.unit, one.en, one.zh, () if one.extensible else one.choices, signed=one.signed, most=one.most
        )
        for one in _measures(name).values()
    }
