"""The portfolio over the runs of a home: their snapshots as one panel, and everything that is asked of it, by named bucket schemes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from daihou.book.errors import DaihouError
from daihou.runs import store
from daihou.runs.policies import Policies, read_policies
from daihou.runs.portfolio import (
    ageing,
    concentration,
    cures,
    first_payments,
    migration,
    prepayment,
    recoveries,
    rolls,
    vintages,
)
from daihou.runs.portfolio.cohorts import FIRST
from daihou.runs.portfolio.panel import (
    COLUMNS,
    EVERYTHING,
    WEIGHTS,
    missing_months,
    month_before,
    scanned,
    whole_months,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from daihou.book.home import Home
    from daihou.policies.buckets import Buckets


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The snapshots of some dates, each of one knowledge. Frames come back with balances in minor units of the base currency."""

    panel: pl.LazyFrame
    dates: list[dt.date]
    policies: Policies

    @property
    def missing(self) -> list[dt.date]:
        """The ends of the months within the span in which nothing was run: rates across them are empty."""
        return missing_months(self.dates)

    def scheme(self, name: str) -> Buckets:
        """A bucket scheme as in force on the last date."""
        return self.policies.scheme(name, self.dates[-1])

    def ageing(self, scheme: str = "buckets_atomic", by: Sequence[str] = ()) -> pl.DataFrame:
        """Loans and balance by date and bucket: see `daihou.runs.portfolio.ageing`."""
        return ageing.ageing(self.panel, self.scheme(scheme), _kept(by))

    def rolls(self, scheme: str = "buckets_cycles") -> pl.DataFrame:
        """Roll rates from month to month: see `daihou.runs.portfolio.rolls`."""
        return rolls.rolls(self.panel, self.scheme(scheme), self.dates)

    def migration(
        self, first: dt.date | None = None, second: dt.date | None = None, scheme: str = "buckets_cycles"
    ) -> pl.DataFrame:
        """Where the loans of one date stand on another; of no dates the pooled matrix of all months that follow one another, never across a gap."""
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
        if first is not None or second is not None:
            raise DaihouError(
                "A migration is from one date to another: only one was named.",
                "Name both, or none for all months together.",
                zh=("迁徙矩阵须指定起止两个日期，现仅有一个。", "请同时指定两个日期；都不指定则合并全部月份。"),
            )
        ends = whole_months(self.dates)
        steps = [(before, day) for day in ends if (before := month_before(day, ends)) is not None]
        if not steps:
            raise DaihouError(
                "A migration needs runs of two dates in months that follow one another.",
                "Run more: `daihou history --from D --to D`; or name two dates: `migration(first, second)`.",
                zh=(
                    "迁徙矩阵需要相邻两个月的跑批结果。",
                    "请补跑：`daihou history --from 日期 --to 日期`；或指定两个日期：`migration(first, second)`。",
                ),
            )
        return migration.pooled(self.panel, self.scheme(scheme), steps)

    def vintages(self, days: int = vintages.DAYS, cohort: str = "month", by: Sequence[str] = ()) -> pl.DataFrame:
        """Ever late or written off by months on book: see `daihou.runs.portfolio.vintages`."""
        return vintages.vintages(self.panel, days, cohort, _kept(by), self.dates)

    def first_payments(
        self, days: Sequence[int] = FIRST, cohort: str = "month", by: Sequence[str] = ()
    ) -> pl.DataFrame:
        """First-payment default by cohort of disbursement: see `daihou.runs.portfolio.first_payments`."""
        return first_payments.first_payments(self.panel, days, cohort, _kept(by), self.dates)

    def prepayment(self, by: Sequence[str] = ()) -> pl.DataFrame:
        """What was paid ahead from month to month: see `daihou.runs.portfolio.prepayment`."""
        return prepayment.prepayment(self.panel, _kept(by))

    def recoveries(self, cohort: str = "month") -> pl.DataFrame:
        """What came back of write-offs, by months since: see `daihou.runs.portfolio.recoveries`."""
        return recoveries.recoveries(self.panel, cohort)

    def cures(self, days: int = 30, months: int = 3) -> pl.DataFrame:
        """Cure and re-default: see `daihou.runs.portfolio.cures`."""
        return cures.cures(self.panel, days, months)

    def concentration(self, by: str = "borrower_id", top: int = 10) -> pl.DataFrame:
        """Share of the largest and HHI: see `daihou.runs.portfolio.concentration`."""
        return concentration.concentration(self.panel, _kept([by])[0], top)


def _kept(by: Sequence[str]) -> Sequence[str]:
    """What a panel is to be cut by; DaihouError for what it does not hold."""
    held = [name for name, kind in COLUMNS.items() if kind == pl.String]
    if unknown := [name for name in by if name not in held]:
        raise DaihouError(
            f"The portfolio cannot be cut by {', '.join(unknown)}.",
            f"It can be cut by: {', '.join(held)}.",
            zh=(f"不能按 {'、'.join(unknown)} 分组。", f"可用维度：{'、'.join(held)}。"),
        )
    return by


def runs_of(
    home: Home, first: dt.date | None = None, last: dt.date | None = None, known_on: dt.date | None = None
) -> list[tuple[dt.date, dt.date]]:
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
                f"区间内没有以 {known_on or '各自当日'} 为知悉日期的跑批结果。",
                "请先运行：`daihou history --from 日期 --to 日期`。",
            ),
        )
    return chosen


def portfolio(
    home: Home, first: dt.date | None = None, last: dt.date | None = None, known_on: dt.date | None = None
) -> Portfolio:
    """The runs of a span, as `runs_of` chooses them."""
    return portfolio_of(home, runs_of(home, first, last, known_on))


def portfolio_of(home: Home, chosen: Sequence[tuple[dt.date, dt.date]], within: pl.Expr = EVERYTHING) -> Portfolio:
    """Some pairs of dates, of these only the loans `within` a condition on the columns of a panel."""
    parts = [
        scanned(path, COLUMNS, day).filter(within)
        for (day, _), paths in store.files_of(home, "snapshots", chosen).items()
        for path in paths
    ]
    return Portfolio(pl.concat(parts).with_columns(WEIGHTS), [day for day, _ in chosen], read_policies(home))
