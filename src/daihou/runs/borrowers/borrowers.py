"""Borrowers: what their loans come to, and beside it all that is known of them from elsewhere, with the market of the date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from daihou.monitoring.collection.family import OPEN
from daihou.monitoring.events.family import COUNTS
from daihou.monitoring.market.family import MARKET
from daihou.monitoring.rollups.family import BORROWER
from daihou.runs import rollups
from daihou.runs.borrowers import cash_flow, collection, customer, events, market
from daihou.runs.borrowers.columns import FRAME, SCHEMA

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

    from daihou.book.home import Home
    from daihou.runs.borrowers.cash_flow import CashFlow
    from daihou.runs.borrowers.collection import Collected
    from daihou.runs.borrowers.customer import Customer
    from daihou.runs.borrowers.events import Events
    from daihou.runs.borrowers.market import Market, Value
    from daihou.runs.policies import Policies

    Progress = Callable[[str, int, int], None]

TABLES: Final = (customer.TABLE, *cash_flow.TABLES, events.TABLE, *collection.TABLES, market.TABLE)
"""Tables that are read beside the ledger; of loans, which are read too, the ledger says the version."""
KEY: Final = "borrower_id"
NONE: Final = {"happened": (*COUNTS, "claim_amount_12m"), "collected": (*collection.COUNTS, *OPEN)}
"""By the mark of a family, which says while the row is put together who has a row of it: what is none, not unknown, for all others."""


@dataclass(frozen=True, slots=True)
class Borrowers:
    """What a home knows of its borrowers and its market; None of what was never sent."""

    customer: Customer | None
    cash_flow: CashFlow | None
    events: Events | None
    collected: Collected | None
    series: Market | None

    def on(self, as_of: dt.date, known_on: dt.date, loans: pl.LazyFrame | pl.DataFrame) -> pl.DataFrame:
        """A row a borrower with a loan among the rows of a snapshot of the pair, in order of id: the columns of `columns.FRAME`."""
        rolled = rollups.rolled(loans.lazy(), BORROWER, as_of, known_on)
        return _beside(rolled, self._told(as_of, known_on), self.market(as_of, known_on))

    def parts(self, snapshots: Sequence[Path], as_of: dt.date, known_on: dt.date) -> Iterator[pa.Table]:
        """The same from the files of a snapshot, in parts that bound the memory as those of the roll-ups do."""
        told, around = self._told(as_of, known_on), self.market(as_of, known_on)
        loans = pl.scan_parquet(list(snapshots))
        for part in rollups.parts(snapshots, KEY):
            rolled = rollups.rolled(loans.filter(part), BORROWER, as_of, known_on)
            yield _beside(rolled, [frame.filter(part) for frame in told], around).to_arrow().cast(SCHEMA)

    def market(self, as_of: dt.date, known_on: dt.date) -> dict[str, Value]:
        """The measures of the market by name, the same for every loan and borrower."""
        names = (measure.name for measure in MARKET.measures)
        return dict.fromkeys(names) if self.series is None else self.series.on(as_of, known_on)

    def _told(self, as_of: dt.date, known_on: dt.date) -> list[pl.DataFrame]:
        """What is known of borrowers from elsewhere, a frame a family."""
        told = []
        if self.customer is not None:
            told.append(self.customer.on(as_of, known_on))
        if self.cash_flow is not None:
            told.append(self.cash_flow.on(as_of, known_on))
        if self.events is not None and self.events.begun(known_on):
            told.append(self.events.on(as_of, known_on).with_columns(pl.lit(value=True).alias("happened")))
        if self.collected is not None and self.collected.begun(known_on):
            told.append(self.collected.on(as_of, known_on).with_columns(pl.lit(value=True).alias("collected")))
        return told


def read(home: Home, policies: Policies, lake_versions: Mapping[str, int], progress: Progress) -> Borrowers:
    """The borrowers of a home at the lake's versions of TABLES and of loans."""
    return Borrowers(
        customer.read(home, lake_versions),
        cash_flow.read(home, lake_versions, policies, progress),
        events.read(home, lake_versions),
        collection.read(home, lake_versions),
        market.read(home, lake_versions, policies.market),
    )


def _beside(rolled: pl.DataFrame, told: Sequence[pl.DataFrame], around: Mapping[str, Value]) -> pl.DataFrame:
    """The rows with what is told of each borrower beside them. Who had no event or contact though others had has none, not unknown many."""
    for frame in told:
        rolled = rolled.join(frame, on=KEY, how="left", maintain_order="left")
    for mark, names in NONE.items():
        if mark in rolled.columns:
            none = [
                pl.when(mark).then(name).otherwise(pl.lit(0).cast(rolled.schema[name])).alias(name) for name in names
            ]
            rolled = rolled.with_columns(none)
    held = [
        pl.lit(around[name], kind).alias(name) if name in around
        else (pl.col(name) if name in rolled.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in FRAME.items()
    ]  # fmt: skip
    return rolled.select(held)
