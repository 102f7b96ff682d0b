"""The rows of a run that models are asked of: every loan with what its borrower and the market measure beside its own, or every borrower."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl

from daihou.book import money
from daihou.monitoring.snapshot import SCHEMA
from daihou.runs.borrowers.columns import FRAME
from daihou.runs.watch.answers import answered, units
from daihou.runs.watch.rows import COUNTED, LIVE

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from daihou.assessment.scores.design import Subject
    from daihou.assessment.scores.inputs import Values
    from daihou.book.home import Home
    from daihou.expressions import Expression, Field
    from daihou.warning.fold import Codes

KEYS: Final[dict[Subject, str]] = {"loan": "loan_id", "borrower": "borrower_id"}
SETTLED: Final = "told_settled"
"""Whether a subject owes nothing any more: a closed loan, a borrower without a live one."""
LOST: Final = "told_lost"
"""Whether nothing is known of how it goes on: a loan that was transferred or cannot be measured."""
UNKNOWN_STATES: Final = ("transferred", "unmeasured", "not_started")
LOANS: Final = pl.Schema(SCHEMA)
LIVE_NOW: Final = "told_live"
"""Whether a subject is watched: a loan that is not closed, a borrower with one."""


def rows(
    home: Home, subject: Subject, snapshots: Sequence[Path], borrowers: Sequence[Path], names: Collection[str], borrower_id: str | None = None
) -> Told:  # fmt: skip
    """The subjects of a run's files, in order of id, with the columns of `names` that are known of them; those of one borrower alone where it is named."""
    people = pl.scan_parquet(list(borrowers))
    if borrower_id is not None:
        people = people.filter(pl.col("borrower_id") == borrower_id)
    if subject == "borrower":
        held = ["borrower_id", *(name for name in FRAME if name in names and name != "borrower_id")]
        live = (pl.col(COUNTED[0]) + pl.col(COUNTED[1]) > 0).alias(LIVE_NOW)
        settled, lost = (~(pl.col(COUNTED[0]) + pl.col(COUNTED[1]) > 0)).alias(SETTLED), pl.lit(value=False).alias(LOST)
        return Told(home, subject, people.select(*_known(people, held, FRAME), live, settled, lost).collect())
    loans = pl.scan_parquet(list(snapshots))
    if borrower_id is not None:
        loans = loans.filter(pl.col("borrower_id") == borrower_id)
    own = dict.fromkeys(("loan_id", "borrower_id", "currency", *(name for name in SCHEMA.names if name in names)))
    state = pl.col("state").cast(pl.String)
    how = (
        state.is_in(LIVE).alias(LIVE_NOW),
        (state == "closed").alias(SETTLED),
        state.is_in(UNKNOWN_STATES).alias(LOST),
    )
    ids = ("loan_id", "borrower_id")
    whole = loans.select(*_known(loans, list(own), LOANS), *how).with_columns(pl.col(ids).cast(pl.String)).collect()
    beside = [name for name in FRAME if name in names and name not in SCHEMA.names]
    if beside:
        told = people.select(*_known(people, ["borrower_id", *beside], FRAME)).collect()
        whole = whole.join(told, on="borrower_id", how="left", maintain_order="left")
    return Told(home, subject, whole.sort("loan_id"))


def _known(frame: pl.LazyFrame, names: Sequence[str], kinds: Mapping[str, Any]) -> list[pl.Expr]:
    """Columns of a run's file; those that came after it was written are empty."""
    held = set(frame.collect_schema().names())
    return [pl.col(name) if name in held else pl.lit(None, kinds[name]).alias(name) for name in names]


class Told:
    """Subjects of a run, asked of by condition and by column."""

    def __init__(self, home: Home, subject: Subject, frame: pl.DataFrame) -> None:
        self.home, self.subject, self.frame = home, subject, frame

    @property
    def ids(self) -> pl.Series:
        """The id of each subject."""
        return self.frame[KEYS[self.subject]]

    @property
    def borrowers(self) -> pl.Series:
        """Whose each is."""
        return self.frame["borrower_id"]

    @property
    def live(self) -> npt.NDArray[np.bool_]:
        """Which are watched."""
        return self.frame[LIVE_NOW].fill_null(value=False).to_numpy()

    @property
    def settled(self) -> npt.NDArray[np.bool_]:
        """Which owe nothing any more."""
        return self.frame[SETTLED].fill_null(value=False).to_numpy()

    @property
    def lost(self) -> npt.NDArray[np.bool_]:
        """Of which nothing is known any more."""
        return self.frame[LOST].fill_null(value=False).to_numpy()

    def some(self, mask: npt.NDArray[np.bool_]) -> Told:
        """Some of the subjects."""
        return Told(self.home, self.subject, self.frame.filter(pl.Series(mask)))

    def answers(self, conditions: Sequence[Expression]) -> list[Codes]:
        """For each condition whether it holds: false, true or unknown."""
        return list(answered(self.frame, list(conditions), self._amount_unit, self._base_unit))

    def columns(self, fields: Iterable[Field], as_of: dt.date) -> dict[str, Values]:
        """Some measures as models are told them, by name."""
        return {field.name: self.column(field, as_of) for field in fields}

    def segment(self, field: Field | None) -> pl.Series | None:
        """The code of each subject's segment; None of a model without segments."""
        return None if field is None else self.frame[field.name].cast(pl.String)

    def column(self, field: Field, as_of: dt.date) -> Values:
        """A measure as models are told it."""
        told = self.frame[field.name]
        if field.unit == "code":
            return told.cast(pl.String)
        if field.unit == "date":
            found = (pl.lit(as_of) - pl.col(field.name)).dt.total_days().cast(pl.Float64)
        elif field.unit in ("amount", "base_amount"):
            found = pl.col(field.name).cast(pl.Float64) / (
                self._amount_unit if field.unit == "amount" else self._base_unit
            )
        else:
            found = pl.col(field.name).cast(pl.Float64)
        return self.frame.select(found.fill_null(float("nan")).alias("told"))["told"].to_numpy()

    @property
    def _base_unit(self) -> int:
        return money.unit(self.home.settings.base_currency)

    @property
    def _amount_unit(self) -> int | pl.Expr:
        if self.subject == "borrower":
            return self._base_unit
        return units(self.frame["currency"].cast(pl.String).unique().drop_nulls().to_list())
