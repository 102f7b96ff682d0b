"""A list of open signals: its rows, how many there are of each level, and all of them as a stream."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from daihou.desk.portfolio import reading
from daihou.desk.signals.chosen import SORTS, Chosen
from daihou.desk.signals.shelf import COLUMNS
from daihou.warning.rule import LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from daihou.desk.people.reach import Reach
    from daihou.desk.signals.sight import Sight
    from daihou.desk.signals.watch import Watch

NAMES: Final = ", ".join(COLUMNS)


@dataclass(frozen=True)
class Listing:
    """The open signals of a watch that a filter leaves, of those that somebody sees, in an order."""

    watch: Watch
    chosen: Chosen
    sight: Sight
    sort: str = "level"
    descending: bool = False

    @cached_property
    def by_level(self) -> Mapping[str | None, int]:
        """How many signals of each level there are, whatever level is chosen; under None those whose opening is not to be found."""
        condition, values = self._condition(level=False)
        found = reading.rows(
            f"SELECT level, count(*) AS n FROM {self.watch.open} WHERE {condition} GROUP BY level", values
        )
        return {row["level"]: int(row["n"]) for row in found}

    @property
    def counts(self) -> Mapping[str, int]:
        """The same of every level there is, from the most urgent on."""
        return {level: self.by_level.get(level, 0) for level in LEVELS}

    @property
    def count(self) -> int:
        """How many signals the list has."""
        return self.counts[self.chosen.level] if self.chosen.level else sum(self.by_level.values())

    def rows(self, page: int, size: int) -> list[dict[str, Any]]:
        """The rows of a page; their places are found first, so that evidence is read of no other."""
        condition, values = self._condition()
        source = self.watch.open
        return reading.rows(
            f"SELECT {NAMES} FROM {source} WHERE rowid IN "
            f"(SELECT rowid FROM {source} WHERE {condition} {self._order} LIMIT {size} OFFSET {(page - 1) * size}) {self._order}",
            values,
        )

    def stream(self) -> Iterator[list[dict[str, Any]]]:
        """All rows in order, some thousands at a time."""
        condition, values = self._condition()
        for batch in reading.batches(f"SELECT {NAMES} FROM {self.watch.open} WHERE {condition} {self._order}", values):
            yield batch.to_pylist()

    def _condition(self, *, level: bool = True) -> tuple[str, list[Any]]:
        asked, values = self.chosen.condition(self.watch.day, level=level)
        within, reached = self.sight.sql()
        return f"{asked} AND {within}", [*values, *reached]

    @property
    def _order(self) -> str:
        way = "DESC" if self.descending else "ASC"
        return f"ORDER BY {SORTS[self.sort]} {way} NULLS LAST, rank, opened_on DESC, rule_id, subject_id"


def of_subject(watch: Watch, reach: Reach, subject: str, subject_id: str) -> list[dict[str, Any]]:
    """The open signals of a loan, or of a borrower and its loans, as far as they are in reach; those of rules in force, the most urgent first."""
    within, values = reach.sql()
    whose = "subject = 'loan' AND subject_id = ?" if subject == "loan" else "borrower_id = ?"
    return reading.rows(
        f"SELECT {NAMES} FROM {watch.open} WHERE NOT shadow AND {whose} AND {within} ORDER BY rank, opened_on DESC, rule_id, subject_id",
        [subject_id, *values],
    )
