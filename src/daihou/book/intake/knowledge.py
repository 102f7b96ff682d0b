"""On which business date the rows of a file were known: stated, the open date, or the facts' own dates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from daihou.book import lake
from daihou.book.intake.cells import Problem

if TYPE_CHECKING:
    from datetime import date

    from daihou.book.contracts import Table
    from daihou.book.home import Home


class Disbursed:
    """The day each loan known to the lake was paid out, looked up for whole columns of loan ids."""

    def __init__(self, home: Home) -> None:
        """Read the earliest-known row of every loan: about 40 bytes a loan."""
        columns = ["loan_id", "disbursed_on", "known_on", "batch", "row"]
        table = lake.read(home, "loans", columns).read_all()
        loans = pl.DataFrame(pl.from_arrow(table)).sort("known_on", "batch", "row").unique("loan_id", keep="first")
        loans = (
            loans.select("loan_id", "disbursed_on")
            .with_columns(pl.col("loan_id").hash(seed=0).alias("hash"))
            .sort("hash")
        )
        self._hashes: np.ndarray[Any, np.dtype[np.uint64]] = loans["hash"].to_numpy()
        self._ids, self._days = loans["loan_id"], loans["disbursed_on"]

    def on(self, loan_ids: pl.Series) -> pl.Series:
        """Return the pay-out day of each loan, null where the loan is not known."""
        if not len(self._hashes):
            return pl.Series([None], dtype=pl.Date).new_from_index(0, len(loan_ids))
        wanted = loan_ids.hash(seed=0).to_numpy()
        place = np.minimum(np.searchsorted(self._hashes, wanted), len(self._hashes) - 1)
        same = (self._ids.gather(place) == loan_ids).fill_null(value=False)
        return self._days.gather(place).set(~same, None)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """How known_on is settled for one delivery."""

    stated: date | Literal["event"] | None
    today: date
    """The open business date."""
    sealed_through: date | None
    backfill: bool
    zone: str
    disbursed: Disbursed | None = None

    def settle(self, table: Table, rows: pl.DataFrame) -> tuple[pl.DataFrame, list[Problem]]:
        """Return rows with `known_on`, `assumed` and `backfill`, and the rows that cannot have them."""
        known_on, empty = rows["known_on"], rows["known_on"].is_null()
        assumed = pl.Series([False]).new_from_index(0, rows.height)
        problems: list[Problem] = []
        if self.stated == "event":
            own, lacking = self._own_dates(table, rows)
            known_on = known_on.fill_null(own)
            assumed = empty & known_on.is_not_null()
            problems.append(Problem(lacking[0], lacking[1], known_on.is_null().to_numpy()))
        else:
            known_on = known_on.fill_null(self.stated or self.today)
        late = pl.Series([False]).new_from_index(0, rows.height)
        if self.sealed_through is not None:
            late = (known_on <= self.sealed_through).fill_null(value=False)
        if not self.backfill:
            problems.append(Problem("known_on", "sealed", late.to_numpy()))
        settled = rows.with_columns(known_on.alias("known_on"), assumed.alias("assumed"), late.alias("backfill"))
        return settled, [problem for problem in problems if problem.rows.any()]

    def _own_dates(self, table: Table, rows: pl.DataFrame) -> tuple[pl.Series, tuple[str, str]]:
        """Return each row's own date, and the column and reason to give where it has none."""
        own_on = table.own_on or "known_on"
        own = rows[own_on]
        if own.dtype == pl.Datetime:
            own = own.dt.convert_time_zone(str(ZoneInfo(self.zone))).dt.date()
        if table.name == "loans":
            own = own.fill_null(rows["disbursed_on"])
        if table.name == "instalments" and self.disbursed is not None:
            return own.fill_null(self.disbursed.on(rows["loan_id"])), ("effective_on", "loan_unknown")
        return own, (own_on, "no_own_date")
