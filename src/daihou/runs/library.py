"""daihou as a library: a home opened as a book that answers in Arrow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from daihou.monitoring.snapshot import SCHEMA
from daihou.runs.explain import Explanation, explain
from daihou.runs.history import walk_history
from daihou.runs.portfolio.cubes import Cubes, cubes
from daihou.runs.portfolio.portfolio import Portfolio, portfolio

if TYPE_CHECKING:
    import datetime as dt

    import polars as pl

    from daihou.book.home import Home


def _silent(_step: str, _done: int, _all: int) -> None:
    """Show nothing."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows in Arrow; amounts in minor units of `currency`. Anything that reads the Arrow C stream takes it as it is."""

    table: pa.Table

    def __len__(self) -> int:
        return len(self.table)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Hand over the rows."""
        return self.table.__arrow_c_stream__(requested_schema)

    def to_arrow(self) -> pa.Table:
        """The Arrow table."""
        return self.table

    def to_pandas(self) -> Any:
        """A pandas DataFrame; pandas must be installed."""
        return self.table.to_pandas()

    def to_polars(self) -> pl.DataFrame:
        """A Polars DataFrame."""
        import polars as pl

        frame = pl.from_arrow(self.table)
        assert isinstance(frame, pl.DataFrame)  # noqa: S101 - a table never becomes a series
        return frame


@dataclass(frozen=True, slots=True)
class Book:
    """The book of a home."""

    home: Home

    def snapshot(self, *, as_of: dt.date, known_on: dt.date | None = None) -> Rows:
        """Every known loan's standing on a date, as known on a date (by default on the same)."""
        batches = [batch for _, batch in walk_history(self.home, [(as_of, known_on or as_of)], _silent)]
        return Rows(pa.Table.from_batches(batches, SCHEMA))

    def portfolio(
        self, *, first: dt.date | None = None, last: dt.date | None = None, known_on: dt.date | None = None
    ) -> Portfolio:
        """How the book moved over the runs of a span: ageing, rolls, migration, vintages, prepayment, cures and more."""
        return portfolio(self.home, first, last, known_on)

    def cubes(
        self, *, first: dt.date | None = None, last: dt.date | None = None, known_on: dt.date | None = None
    ) -> Cubes:
        """The same from the cubes alone, read once: ageing, rolls, vintages and first-payment default in milliseconds."""
        return cubes(self.home, first, last, known_on)

    def explain(self, loan_id: str, *, as_of: dt.date, known_on: dt.date | None = None) -> Explanation:
        """One loan's standing traced to its facts."""
        return explain(self.home, loan_id, as_of, known_on or as_of, _silent)
