"""Few subjects that rules are asked of, a mapping each: what `rows.Rows` is for a night, for a batch of the stream."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from daihou.book import money
from daihou.monitoring.snapshot import SCHEMA
from daihou.runs.borrowers.columns import FRAME
from daihou.runs.watch.answers import units
from daihou.runs.watch.rows import COUNTED, KEYS, LIVE, MARKET_NAMES, OF_BORROWER, OF_LOAN

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from daihou.book.home import Home
    from daihou.runs.watch.answers import Questions
    from daihou.warning.fold import Codes
    from daihou.warning.rule import Subject

KINDS: Final = pl.Schema(SCHEMA)


@dataclass(frozen=True)
class FewRows:
    """The watched subjects of one pair of dates, from the rows of some borrowers and all their loans."""

    home: Home
    snapshots: Sequence[Mapping[str, Any]]
    borrowers: Sequence[Mapping[str, Any]]
    names: Mapping[Subject, Collection[str]]
    """The columns that rules on each subject ask."""

    def ids(self, subject: Subject) -> pl.Series:
        """The ids of its subjects, row by row."""
        return pl.Series(KEYS[subject], [row[KEYS[subject]] for row in self._rows(subject)], pl.String)

    def answered(self, subject: Subject, questions: Questions) -> list[tuple[Codes, Codes | None]]:
        """For each rule whether it holds and whether it clears, for each row."""
        rows = self._rows(subject)
        unit = self.base_unit if subject == "borrower" else units(dict.fromkeys(row["currency"] for row in rows))
        if not isinstance(unit, int):
            return questions.answered(self.of(subject), unit, self.base_unit)
        return questions.of_rows(rows, unit, self.base_unit)

    def row(self, subject: Subject, at: int) -> Mapping[str, Any]:
        """One of them."""
        return self._rows(subject)[at]

    def loans_of(self, borrower: str) -> list[Mapping[str, Any]]:
        """The watched loans of a borrower."""
        return [row for row in self._loans if row["borrower_id"] == borrower]

    def of(self, subject: Subject) -> pl.DataFrame:
        """The rows as a frame."""
        return self.loans if subject == "loan" else self.people

    @cached_property
    def loans(self) -> pl.DataFrame:
        """Watched loans."""
        own = self.names.get("loan", ())
        names = dict.fromkeys((*OF_LOAN, *(name for name in (*KINDS, *FRAME) if name in own)))
        return pl.DataFrame(self._loans, {name: KINDS[name] if name in KINDS else FRAME[name] for name in names})

    @cached_property
    def people(self) -> pl.DataFrame:
        """Watched borrowers."""
        own = self.names.get("borrower", ())
        names = dict.fromkeys((*OF_BORROWER, *(name for name in FRAME if name in own)))
        return pl.DataFrame(self._people, {name: FRAME[name] for name in names})

    @property
    def base_unit(self) -> int:
        """Minor units to a unit of the home's base currency."""
        return money.unit(self.home.settings.base_currency)

    def _rows(self, subject: Subject) -> Sequence[Mapping[str, Any]]:
        return self._loans if subject == "loan" else self._people

    @cached_property
    def _people(self) -> Sequence[Mapping[str, Any]]:
        return [row for row in self.borrowers if sum(row[name] or 0 for name in COUNTED) > 0]

    @cached_property
    def _loans(self) -> Sequence[Mapping[str, Any]]:
        own = [name for name in self.names.get("loan", ()) if name in FRAME and name not in KINDS]
        around = {name: self.borrowers[0][name] if self.borrowers else None for name in own if name in MARKET_NAMES}
        by_borrower = {row["borrower_id"]: {name: row[name] for name in own} for row in self.borrowers}
        nobody = dict.fromkeys(own)
        return [
            {**row, **by_borrower.get(row["borrower_id"], nobody), **around}
            for row in self.snapshots
            if row["state"] in LIVE
        ]
