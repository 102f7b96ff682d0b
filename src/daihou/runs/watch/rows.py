"""The rows that rules of a night are asked of: watched loans with what they and their borrowers measure, and watched borrowers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import polars as pl

from daihou.book import money
from daihou.monitoring.market.family import MARKET
from daihou.monitoring.snapshot import SCHEMA
from daihou.runs.borrowers.columns import FRAME
from daihou.runs.watch.answers import units

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from daihou.book.home import Home
    from daihou.warning.rule import Subject

LIVE: Final = ("current", "overdue", "unmeasured")
"""States of loans that are watched."""
KEYS: Final[dict[Subject, str]] = {"loan": "loan_id", "borrower": "borrower_id"}
OF_LOAN: Final = ("loan_id", "borrower_id", "org_id", "officer_id", "currency", "principal_outstanding_base")
"""What is told of a loan beside what rules ask."""
MARKET_NAMES: Final = frozenset(measure.name for measure in MARKET.measures)
OF_BORROWER: Final = ("borrower_id", "exposure")


@dataclass(frozen=True)
class Rows:
    """The watched subjects of one pair of dates; read when first asked for."""

    home: Home
    snapshots: pl.LazyFrame
    """Rows of loans."""
    borrowers: pl.LazyFrame
    names: Mapping[Subject, Collection[str]]
    """The columns that rules on each subject ask."""

    @cached_property
    def loans(self) -> pl.DataFrame:
        """Watched loans."""
        names = self.names.get("loan", ())
        held = dict.fromkeys((*OF_LOAN, *(name for name in SCHEMA.names if name in names)))
        rows = self.snapshots.filter(pl.col("state").cast(pl.String).is_in(LIVE)).select(list(held))
        beside = [name for name in FRAME if name in names and name not in SCHEMA.names]
        around = [name for name in beside if name in MARKET_NAMES]
        whole = rows.collect()
        if around:
            market = self._told().select(around).first().collect()  # the same on every row
            whole = whole.with_columns(
                pl.lit(market[name].first() if len(market) else None, FRAME[name]).alias(name) for name in around
            )
        if own := [name for name in beside if name not in MARKET_NAMES]:
            whole = whole.join(
                self._told().select("borrower_id", *own).collect(), on="borrower_id", how="left", maintain_order="left"
            )
        return whole

    @cached_property
    def people(self) -> pl.DataFrame:
        """Watched borrowers."""
        names = self.names.get("borrower", ())
        held = dict.fromkeys((*OF_BORROWER, *(name for name in FRAME if name in names)))
        watched = pl.col("loans") + pl.col("loans_unmeasured") > 0
        return self._told().filter(watched).select(list(held)).collect()

    def _told(self) -> pl.LazyFrame:
        """The borrowers of the run; columns that came after it was written are empty."""
        held = set(self.borrowers.collect_schema().names())
        missing = [pl.lit(None, kind).alias(name) for name, kind in FRAME.items() if name not in held]
        return self.borrowers.with_columns(missing) if missing else self.borrowers

    def of(self, subject: Subject) -> pl.DataFrame:
        """The rows of a subject."""
        return self.loans if subject == "loan" else self.people

    @cached_property
    def amount_unit(self) -> int | pl.Expr:
        """Minor units to a unit of a loan's currency."""
        return units(self.loans["currency"].unique().cast(pl.String).to_list())

    @property
    def base_unit(self) -> int:
        """The same of the home's base currency."""
        return money.unit(self.home.settings.base_currency)


def of_files(
    home: Home, snapshots: Sequence[Path], borrowers: Sequence[Path], names: Mapping[Subject, Collection[str]]
) -> Rows:
    """The watched subjects from the files that a run wrote."""
    return Rows(home, pl.scan_parquet(list(snapshots)), pl.scan_parquet(list(borrowers)), names)
