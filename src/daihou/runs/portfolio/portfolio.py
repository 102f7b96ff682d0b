"""The portfolio over the runs of a home: their snapshots as one panel, and everything that is asked of it, by named bucket schemes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from daihou.book.errors import DaihouError
from daihou.runs import store
from daihou.runs.portfolio import ageing, concentration, cures, migration, rolls, vintages
from daihou.runs.portfolio.panel import COLUMNS, missing_months
from daihou.runs.rules import Rules, read_rules

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from daihou.book.home import Home
    from daihou.policies.buckets import Buckets

DATES: Final = {"as_of": pl.Date, "known_on": pl.Date}


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The snapshots of some dates, each of one knowledge. Frames come back with balances in minor units of the base currency."""

    panel: pl.LazyFrame
    dates: list[dt.date]
    rules: Rules

    @property
    def missing(self) -> list[dt.date]:
        """Month ends within the span that no run wrote: rates across them are empty."""
        return missing_months(self.dates)

    def scheme(self, name: str) -> Buckets:
        """A bucket scheme as in force on the last date."""
        if name not in self.rules.schemes:
            raise DaihouError(
                f"Bucket scheme {name} is unknown.",
                f"Schemes are: {', '.join(self.rules.schemes)}.",
                zh=(f"没有逾期区间方案 {name}。", f"可用方案：{'、'.join(self.rules.schemes)}。"),
            )
        return self.rules.schemes[name].on(self.dates[-1]).values

    def ageing(self, scheme: str = "buckets_atomic", by: Sequence[str] = ()) -> pl.DataFrame:
        """Loans and balance by date and bucket: see `daihou.runs.portfolio.ageing`."""
        return ageing.ageing(self.panel, self.scheme(scheme), by)

    def rolls(self, scheme: str = "buckets_cycles") -> pl.DataFrame:
        """Roll rates from month to month: see `daihou.runs.portfolio.rolls`."""
        return rolls.rolls(self.panel, self.scheme(scheme))

    def migration(
        self, first: dt.date | None = None, second: dt.date | None = None, scheme: str = "buckets_cycles"
    ) -> pl.DataFrame:
        """Where the loans of one date stand on another; of no dates the pooled matrix of all months that follow one another."""
        if first is not None and second is not None:
            for day in (first, second):
                if day not in self.dates:
                    raise DaihouError(
                        f"No run of {day} is in the span.",
                        f"Run it: `daihou run --as-of {day} --known-on {day}`.",
                        zh=(
                            f"区间内没有 {day} 的跑批结果。",
                            f"请先运行：`daihou run --as-of {day} --known-on {day}`。",
                        ),
                    )
            return migration.migration(self.panel, self.scheme(scheme), first, second)
        if len(self.dates) < 2:
            raise DaihouError(
                "A migration needs runs of two dates.",
                "Run more: `daihou history --from D --to D`.",
                zh=("迁徙矩阵需要两个日期的跑批结果。", "请补跑：`daihou history --from 日期 --to 日期`。"),
            )
        return migration.pooled(self.panel, self.scheme(scheme), self.dates)

    def vintages(self, days: int = 30, cohort: str = "month") -> pl.DataFrame:
        """Ever late or written off by months on book: see `daihou.runs.portfolio.vintages`."""
        if cohort not in vintages.COHORTS:
            raise DaihouError(
                f"Cohorts by {cohort} are unknown.",
                f"Cohorts are by: {', '.join(vintages.COHORTS)}.",
                zh=(f"不能按 {cohort} 分组。", f"可用分组：{'、'.join(vintages.COHORTS)}。"),
            )
        return vintages.vintages(self.panel, days, cohort)

    def cures(self, days: int = 30, months: int = 3) -> pl.DataFrame:
        """Cure and re-default: see `daihou.runs.portfolio.cures`."""
        return cures.cures(self.panel, days, months)

    def concentration(self, by: str = "borrower_id", top: int = 10) -> pl.DataFrame:
        """Share of the largest and HHI: see `daihou.runs.portfolio.concentration`."""
        return concentration.concentration(self.panel, by, top)


def portfolio(
    home: Home, first: dt.date | None = None, last: dt.date | None = None, known_on: dt.date | None = None
) -> Portfolio:
    """The runs of a span, each as known on its own date, or all as known on one; DaihouError where there is none."""
    chosen = [
        (day, known)
        for day, known in store.pairs(home)
        if known == (known_on or day) and (first is None or day >= first) and (last is None or day <= last)
    ]
    if not chosen:
        raise DaihouError(
            f"No run of the span was written as known on {known_on or 'its own date'}.",
            "Write some: `daihou history --from D --to D`.",
            str(home.path),
            zh=(
                f"区间内没有以 {known_on or '各自当日'} 为认知日期的跑批结果。",
                "请先运行：`daihou history --from 日期 --to 日期`。",
            ),
        )
    parts = [
        pl.scan_parquet(path)
        .select(name for name in COLUMNS if name not in DATES)
        .with_columns(as_of=pl.lit(day, pl.Date))
        .with_columns(pl.col(pl.Categorical).cast(pl.String))
        for day, known in chosen
        for path in store.files(home, "snapshots", day, known)
    ]
    return Portfolio(pl.concat(parts), [day for day, _ in chosen], read_rules(home))
