"""The rows that rules of a night are asked of: watched loans with what they and their borrowers measure, watched borrowers, and models that score."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import polars as pl

from daihou.book import money
from daihou.monitoring.market.family import MARKET
from daihou.monitoring.snapshot import SCHEMA
from daihou.runs.borrowers.columns import FRAME
from daihou.runs.scores import snapshots as models
from daihou.runs.watch.answers import units

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from daihou.book.home import Home
    from daihou.runs.watch.answers import Questions
    from daihou.warning.fold import Codes
    from daihou.warning.rule import Subject

LIVE: Final = ("current", "overdue", "unmeasured")
"""States of loans that are watched."""
KEYS: Final[dict[Subject, str]] = {"loan": "loan_id", "borrower": "borrower_id", "model": "model"}
OF_LOAN: Final = ("loan_id", "borrower_id", "org_id", "officer_id", "currency", "principal_outstanding_base")
"""What is told of a loan beside what rules ask."""
MARKET_NAMES: Final = frozenset(measure.name for measure in MARKET.measures)
OF_BORROWER: Final = ("borrower_id", "exposure")
COUNTED: Final = ("loans", "loans_unmeasured")
"""Who has any of them is watched."""
WATCHED: Final = pl.col("state").cast(pl.String).is_in(LIVE)


@dataclass(frozen=True)
class Rows:
    """The watched subjects of one pair of dates; read when first asked for."""

    home: Home
    snapshots: pl.LazyFrame | pl.DataFrame
    """Rows of loans."""
    borrowers: pl.LazyFrame | pl.DataFrame
    names: Mapping[Subject, Collection[str]]
    """The columns that rules on each subject ask."""
    scoring: pl.LazyFrame | pl.DataFrame | None = None
    """Rows of models; None where none was watched."""

    @cached_property
    def loans(self) -> pl.DataFrame:
        """Watched loans."""
        names = self.names.get("loan", ())
        held = dict.fromkeys((*OF_LOAN, *(name for name in SCHEMA.names if name in names)))
        whole = _collected(self.snapshots.filter(WATCHED).select(list(held)))
        beside = [name for name in FRAME if name in names and name not in SCHEMA.names]
        whole = whole.with_columns(self._market(name for name in beside if name in MARKET_NAMES))
        if own := [name for name in beside if name not in MARKET_NAMES]:
            whole = whole.join(
                _collected(self._told(["borrower_id", *own])), on="borrower_id", how="left", maintain_order="left"
            )
        return whole

    @cached_property
    def people(self) -> pl.DataFrame:
        """Watched borrowers."""
        names = self.names.get("borrower", ())
        held = dict.fromkeys((*OF_BORROWER, *(name for name in FRAME if name in names)))
        watched = pl.col("loans") + pl.col("loans_unmeasured") > 0
        return _collected(
            self._told([*held, *(name for name in COUNTED if name not in held)]).filter(watched).select(list(held))
        )

    @cached_property
    def models(self) -> pl.DataFrame:
        """The versions of models that scored."""
        names = self.names.get("model", ())
        held = ["model", *(name for name in models.FRAME if name in names and name != "model")]
        whole = pl.DataFrame(schema=models.FRAME) if self.scoring is None else _collected(self.scoring)
        missing = [pl.lit(None, models.FRAME[name]).alias(name) for name in held if name not in whole.columns]
        return (
            whole.with_columns(missing)
            .select(held)
            .with_columns(self._market(name for name in names if name in MARKET_NAMES))
        )

    def _market(self, names: Iterable[str]) -> list[pl.Expr]:
        """Columns of the market, which are the same on every row."""
        asked = list(names)
        if not asked:
            return []
        market = _collected(self._told(asked).head(1))
        return [pl.lit(market[name].first() if len(market) else None, FRAME[name]).alias(name) for name in asked]

    def _told(self, names: Sequence[str]) -> pl.LazyFrame | pl.DataFrame:
        """Some columns of the borrowers of the run; those that came after it was written are empty."""
        held = set(self.borrowers.collect_schema().names())
        return self.borrowers.select(name if name in held else pl.lit(None, FRAME[name]).alias(name) for name in names)

    def of(self, subject: Subject) -> pl.DataFrame:
        """The rows of a subject."""
        match subject:
            case "loan":
                return self.loans
            case "borrower":
                return self.people
            case "model":
                return self.models

    def ids(self, subject: Subject) -> pl.Series:
        """The ids of its subjects, row by row."""
        return self.of(subject)[KEYS[subject]]

    def answered(self, subject: Subject, questions: Questions) -> list[tuple[Codes, Codes | None]]:
        """For each rule whether it holds and whether it clears, for each row."""
        unit = self.amount_unit if subject == "loan" else self.base_unit
        return questions.answered(self.of(subject), unit, self.base_unit)

    @cached_property
    def amount_unit(self) -> int | pl.Expr:
        """Minor units to a unit of a loan's currency."""
        return units(self.loans["currency"].unique().cast(pl.String).to_list())

    @property
    def base_unit(self) -> int:
        """The same of the home's base currency."""
        return money.unit(self.home.settings.base_currency)


def _collected(rows: pl.LazyFrame | pl.DataFrame) -> pl.DataFrame:
    return rows.collect() if isinstance(rows, pl.LazyFrame) else rows


def of_files(
    home: Home, snapshots: Sequence[Path], borrowers: Sequence[Path], names: Mapping[Subject, Collection[str]], scoring: Sequence[Path] = ()
) -> Rows:  # fmt: skip
    """The watched subjects from the files that a run wrote; earlier versions wrote none of models (`scoring`)."""
    models_of_run = pl.scan_parquet(list(scoring)) if scoring else None
    return Rows(home, pl.scan_parquet(list(snapshots)), pl.scan_parquet(list(borrowers)), names, models_of_run)
