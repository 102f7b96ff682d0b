"""Rows of a run: a page of them by their key, one of them, or all as a stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from daihou.api.reading.values import CURRENCY
from daihou.desk.portfolio import reading
from daihou.expressions import parse, sql

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daihou.api.reading.kinds import Kind
    from daihou.desk.people.reach import Reach
    from daihou.desk.portfolio.moments import Moment
    from daihou.monitoring.catalogue import Measure

PLACE: Final = "place_of_row"
"""Where a row lies, as a column beside the others."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a kind on a pair of dates that a condition leaves, within a reach."""

    kind: Kind
    moment: Moment
    reach: Reach
    names: tuple[str, ...]
    """The columns that are answered."""
    where: str = ""
    ids: tuple[str, ...] = ()
    """Only these; none for all."""

    @property
    def measures(self) -> list[Measure]:
        """What is answered: the columns asked for, with the key and, where there are amounts, their currency."""
        known = self.kind.measures
        needed = [self.kind.key, *self.names]
        if any(known[name].unit == "amount" for name in needed):
            needed.append(CURRENCY)
        wanted = set(needed)
        return [measure for name, measure in known.items() if name in wanted]

    def page(self, after: Any, limit: int) -> pa.Table:
        """The rows behind where a page ended, one more than asked for where there are more, with what `mark` tells of each.

        Loans come as they lie on the shelf, which orders them once for all: reading on behind a place costs the same anywhere. The rows of other kinds
        come in order of their key.
        """
        condition, values = self._condition()
        order = "rowid" if self._on_shelf else self.kind.order
        if after is not None:
            condition, values = f"{condition} AND {order} > ?", [*values, after]
        told = f"SELECT {self._listed}, {order} AS {PLACE} FROM {self.kind.sql(self.moment)} WHERE {condition}"
        if self._on_shelf:  # nothing to sort, so the reading stops with the last row that is wanted
            return reading.table(f"{told} LIMIT {limit + 1}", values)
        return reading.table(f"{told} ORDER BY {PLACE} LIMIT {limit + 1}", values)

    def all(self) -> Iterator[pa.RecordBatch]:
        """All of them as a stream, as they lie; first a batch without rows, which tells the columns where there are none."""
        condition, values = self._condition()
        asked = f"SELECT {self._listed} FROM {self.kind.sql(self.moment)} WHERE {condition}"
        yield pa.RecordBatch.from_pylist([], reading.table(f"{asked} LIMIT 0", values).schema)
        yield from reading.batches(asked, values)

    def count(self) -> int:
        """How many there are."""
        condition, values = self._condition()
        (row,) = reading.rows(f"SELECT count(*) AS n FROM {self.kind.sql(self.moment)} WHERE {condition}", values)
        return int(row["n"])

    @property
    def _on_shelf(self) -> bool:
        return self.kind.name == "loan"

    @property
    def _listed(self) -> str:
        return ", ".join(f'"{measure.name}"' for measure in self.measures)

    def _condition(self) -> tuple[str, list[Any]]:
        parts, bound = list[str](), list[Any]()
        for text, values in (self._asked(), self._named(), self.kind.within(self.reach, self.moment)):
            if text != "true":
                parts.append(f"({text})")
                bound += values
        return " AND ".join(parts) or "true", bound

    def _asked(self) -> tuple[str, list[Any]]:
        if not self.where.strip():
            return "true", []
        unit = self.kind.source(self.moment).amount_unit
        return sql(parse(self.where, self.kind.fields), amount_unit=unit, base_unit=reading.base_unit())

    def _named(self) -> tuple[str, list[Any]]:
        return (f"{self.kind.key} IN ({', '.join('?' * len(self.ids))})", list(self.ids)) if self.ids else ("true", [])


def mark(rows: pa.Table) -> tuple[Any]:
    """By what the page after these rows goes on."""
    return (rows[PLACE][-1].as_py(),)
