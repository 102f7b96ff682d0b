"""The rows that rules of a night are asked of: watched loans with what they and their borrowers measure, and watched borrowers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import polars as pl

from daihou.book import money
from daihou.monitoring.snapshot import SCHEMA
from daihou.runs.borrowers.columns import FRAME
from daihou.runs.watch.answers import units

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from daihou.book.home import Home
    from daihou.warning.rule import Subject

LIVE: Final = ("current", "overdue", "unmeasured")
"""States of loans that are watched."""
KEYS: Final[dict[Subject, str]] = {"loan": "loan_id", "borrower": "borrower_id"}
OF_LOAN: Final = ("loan_id", "borrower_id", "org_id", "officer_id", "currency", "principal_outstanding_base")
"""What is told of a loan beside what rules ask."""
OF_BORROWER: Final = ("borrower_id", "exposure")


@dataclass(frozen=True)
class Rows:
    """The watched subjects of one pair of dates, from the files that its run wrote; read when first asked for."""

    home: Home
    snapshots: Sequence[Path]
    borrowers: Sequence[Path]
    names: Collection[str]
    """The columns that rules ask, of either subject."""

    @cached_property
    def loans(self) -> pl.DataFrame:
        """Watched loans."""
        own = pl.scan_parquet(list(self.snapshots))
        held = dict.fromkeys((*OF_LOAN, *(name for name in SCHEMA.names if name in self.names)))
        rows = own.filter(pl.col("state").cast(pl.String).is_in(LIVE)).select(list(held))
        beside = [name for name in self.names if name not in SCHEMA.names and name in FRAME]
        if not beside:
            return rows.collect()
        told = self._told().select("borrower_id", *beside)
        return rows.join(told, on="borrower_id", how="left", maintain_order="left").collect()

    @cached_property
    def people(self) -> pl.DataFrame:
        """Watched borrowers."""
        told = self._told()
        held = dict.fromkeys((*OF_BORROWER, *(name for name in FRAME if name in self.names)))
        return told.filter(pl.col("loans") + pl.col("loans_unmeasured") > 0).select(list(held)).collect()

    def _told(self) -> pl.LazyFrame:
        """The borrowers of the run; columns that came after it was written are empty."""
        told = pl.scan_parquet(list(self.borrowers))
        held = set(told.collect_schema().names())
        return told.with_columns(pl.lit(None, kind).alias(name) for name, kind in FRAME.items() if name not in held)

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
        return int(10 ** money.exponent(self.home.settings.base_currency))
