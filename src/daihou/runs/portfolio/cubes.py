"""The cubes of many runs, read once into memory: ageing, rolls, vintages and first-payment default of whole books in milliseconds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from daihou.book.errors import DaihouError
from daihou.runs import store
from daihou.runs.cohort_cube import AMOUNTS, COUNTS
from daihou.runs.cohort_cube import DIMENSIONS as COHORT_DIMENSIONS
from daihou.runs.cube import CYCLES
from daihou.runs.cube import DIMENSIONS as CUBE_DIMENSIONS
from daihou.runs.policies import Policies, read_policies
from daihou.runs.portfolio import ageing, first_payments, rolls, vintages
from daihou.runs.portfolio.cohorts import EVER, FIRST
from daihou.runs.portfolio.panel import BALANCE, missing_months, scanned
from daihou.runs.portfolio.portfolio import runs_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence

    from daihou.book.home import Home
    from daihou.policies.buckets import Buckets

    Kinds = Mapping[str, Any]

STANDING: Final = ("state", "dpd", "unpaid_due_dates")
"""What a loan's standing is told from: it stays in every cut."""
WEIGHTS: Final = ("loans", "without_balance", BALANCE)
CUTS: Final = tuple(name for name in CUBE_DIMENSIONS if name not in ("state", "bucket"))
"""What the ageing may be cut by."""
UNKNOWN: Final = -1
"""Stands for a bucket that the atomic scheme in force has not: its labels were changed after the run."""
DIMENSIONS: Final = {*CUTS, *COHORT_DIMENSIONS}
COHORT_KEY: Final = ("as_of", "month", "currency")

HELD: Final = 4_000_000
"""Rows of a cube over all its dates that are held in memory: some hundreds of megabytes."""

CUBE: Final[Kinds] = {
    **dict.fromkeys(CUBE_DIMENSIONS, pl.String), "cycles": pl.Int32, **dict.fromkeys(WEIGHTS, pl.Int64),
}  # fmt: skip
COHORT_CUBE: Final[Kinds] = {
    "month": pl.Date, **dict.fromkeys(COHORT_DIMENSIONS, pl.String), **dict.fromkeys((*COUNTS, *AMOUNTS), pl.Int64),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cuts:
    """The rows of one cube over many dates, and the sums of them that were asked for, by what they are cut by."""

    rows: pl.LazyFrame
    key: Sequence[str]
    sums: Sequence[str]
    made: dict[tuple[str, ...], pl.DataFrame] = field(default_factory=dict)

    def by(self, names: Sequence[str] = ()) -> pl.DataFrame:
        """The sums by the key and some dimensions, these as Enums; from the files the first time they are asked for, and kept."""
        (found,) = self.all_by([names])
        return found

    def all_by(self, asked: Sequence[Sequence[str]]) -> list[pl.DataFrame]:
        """The sums by several choices of dimensions, the files read once for all."""
        cuts = [tuple(sorted(set(names) - set(self.key))) for names in asked]
        new = [cut for cut in dict.fromkeys(cuts) if cut not in self.made]
        sums = pl.col(*self.sums).sum()
        found = pl.collect_all([self.rows.group_by(*self.key, *cut).agg(sums) for cut in new], engine="streaming")
        for cut, frame in zip(new, found, strict=True):
            self.made[cut] = _coded(frame, [name for name in frame.columns if name in DIMENSIONS])
        return [self.made[cut] for cut in cuts]


def _coded(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Dimensions as Enums in the order of their names: numbers are grouped and sorted several times as fast as texts."""
    return frame.with_columns(frame[name].cast(pl.Enum(frame[name].unique().drop_nulls().sort())) for name in names)


@dataclass(frozen=True, slots=True)
class Cubes:
    """The cubes of some dates, each of one knowledge. Frames come back as from `Portfolio`, and equal to its frames."""

    cells: Cuts
    cohorts: Cuts
    dates: list[dt.date]
    policies: Policies

    def within(self, condition: pl.Expr) -> Cubes:
        """The same of the rows that meet a condition on what both cubes go by."""
        return replace(
            self,
            cells=replace(self.cells, rows=self.cells.rows.filter(condition), made={}),
            cohorts=replace(self.cohorts, rows=self.cohorts.rows.filter(condition), made={}),
        )

    @property
    def missing(self) -> list[dt.date]:
        """The ends of the months within the span in which nothing was run: rates across them are empty."""
        return missing_months(self.dates)

    def scheme(self, name: str) -> Buckets:
        """A bucket scheme as in force on the last date; DaihouError where the cubes are too coarse for it."""
        found = self.policies.scheme(name, self.dates[-1])
        held = set(range(CYCLES)) if found.measure == "unpaid_due_dates" else set.intersection(
            *(set(_atomic(self.policies, day).ends) for day in self.dates)
        )  # fmt: skip
        if missing := sorted(set(found.ends) - held):
            ends = ", ".join(map(str, missing))
            raise DaihouError(
                f"The cubes cannot tell the buckets of {name}: they do not end at {ends}.",
                "Ask the snapshots: `portfolio()` in place of `cubes()`, or `daihou export ageing -o FILE`.",
                zh=(
                    f"多维汇总表无法给出方案 {name} 的区间：其区间不以 {'、'.join(map(str, missing))} 为界。",
                    "请改用跑批快照：以 `portfolio()` 代替 `cubes()`，或运行 `daihou export ageing -o 文件`。",
                ),
            )
        return found

    def ageing(self, scheme: str = "buckets_atomic", by: Sequence[str] = ()) -> pl.DataFrame:
        """Loans and balance by date and bucket: see `daihou.runs.portfolio.ageing`."""
        chosen = self.scheme(scheme)
        return _plain(ageing.ageing(self.cells.by(_cut(by, CUTS)).lazy(), chosen, by))

    def rolls(self, scheme: str = "buckets_cycles") -> pl.DataFrame:
        """Roll rates from month to month: see `daihou.runs.portfolio.rolls`."""
        return rolls.rolls(self.cells.by().lazy(), self.scheme(scheme), self.dates)

    def vintages(self, days: int = vintages.DAYS, cohort: str = "month", by: Sequence[str] = ()) -> pl.DataFrame:
        """Ever late or written off by months on book, for 30, 60 or 90 days: see `daihou.runs.portfolio.vintages`."""
        if days not in EVER:
            raise DaihouError(
                f"The cubes do not count loans ever {days} days past due.",
                f"They count {', '.join(map(str, EVER))}; for others ask the snapshots: `portfolio().vintages(days={days})`.",
                zh=(
                    f"多维汇总表未统计曾逾期 {days} 天以上的贷款。",
                    f"已统计：{'、'.join(map(str, EVER))} 天；其他天数请改用跑批快照：`portfolio().vintages(days={days})`。",
                ),
            )
        rows = self.cohorts.by(_cut(by, COHORT_DIMENSIONS))
        return _plain(vintages.curves(rows, self.dates, days, cohort, by))

    def first_payments(self, cohort: str = "month", by: Sequence[str] = ()) -> pl.DataFrame:
        """First-payment default by cohort of disbursement: see `daihou.runs.portfolio.first_payments`."""
        rows = self.cohorts.by(_cut(by, COHORT_DIMENSIONS))
        last = rows.filter(pl.col("as_of") == self.dates[-1])
        return _plain(first_payments.rates(last, FIRST, cohort, by))


def cubes(
    home: Home, first: dt.date | None = None, last: dt.date | None = None, known_on: dt.date | None = None
) -> Cubes:
    """The cubes of the runs of a span, each as known on its own date, or all as known on one; DaihouError where there is none."""
    return cubes_of(home, runs_of(home, first, last, known_on))


def cubes_of(home: Home, chosen: Sequence[tuple[dt.date, dt.date]]) -> Cubes:
    """The cubes of some pairs of dates.

    Cubes of ordinary size are held in memory, and every cut of them is made when it is asked for. Of greater ones the sums as a whole and
    by each single dimension are read at once, and a cut by several when it is first asked for.
    """
    policies = read_policies(home)
    found = Cubes(
        Cuts(
            _scan(home, "cube", chosen, CUBE, lambda rows, day: rows.select(*_standing(_atomic(policies, day)))),
            ("as_of", *STANDING),
            WEIGHTS,
        ),
        Cuts(_scan(home, "cohort_cube", chosen, COHORT_CUBE, lambda rows, _: rows), COHORT_KEY, (*COUNTS, *AMOUNTS)),
        [day for day, _ in chosen],
        policies,
    )
    found = replace(found, cells=_held(found.cells, CUTS), cohorts=_held(found.cohorts, COHORT_DIMENSIONS))
    _check_buckets(found)
    return found


def _held(cuts: Cuts, names: Sequence[str]) -> Cuts:
    """Cuts whose rows are in memory, or where they are too many, the usual sums of them."""
    (count,) = cuts.rows.select(pl.len()).collect(engine="streaming").row(0)
    if count <= HELD:
        return replace(cuts, rows=cuts.rows.collect().lazy())
    cuts.all_by([[], *([name] for name in names)])
    return cuts


def _check_buckets(found: Cubes) -> None:
    for (day,) in found.cells.by().filter(pl.col("dpd") == UNKNOWN).select(pl.col("as_of").min()).drop_nulls().rows():
        raise DaihouError(
            f"The buckets of {day} are not those of the policy buckets_atomic as it stands now.",
            f"Run that date again: `daihou run --as-of {day} --known-on {day}`; or ask the snapshots: `portfolio()`.",
            zh=(
                f"数据日期 {day} 的逾期区间与现行制度 buckets_atomic 不一致。",
                f"请重新运行 `daihou run --as-of {day} --known-on {day}`，或改用跑批快照：`portfolio()`。",
            ),
        )


def _scan(
    home: Home,
    name: str,
    chosen: Sequence[tuple[dt.date, dt.date]],
    kinds: Kinds,
    made: Callable[[pl.LazyFrame, dt.date], pl.LazyFrame],
) -> pl.LazyFrame:
    """The rows of a cube over many dates; DaihouError names a date whose run is of a version that did not write it whole."""
    parts = []
    for (day, known), paths in store.files_of(home, name, chosen).items():
        if not paths or any(not set(kinds) <= set(pl.read_parquet_schema(path)) for path in paths):
            raise DaihouError(
                f"The run of {day} as known on {known} has no {name} as this version writes it.",
                f"Run it again: `daihou run --as-of {day} --known-on {known}`; or ask the snapshots: `portfolio()`.",
                zh=(
                    f"数据日期 {day}、知悉日期 {known} 的跑批结果没有本版本的 {name}。",
                    f"请重新运行 `daihou run --as-of {day} --known-on {known}`，或改用跑批快照：`portfolio()`。",
                ),
            )
        parts += [made(scanned(path, kinds, day), day) for path in paths]
    return pl.concat(parts)


def _standing(atomic: Buckets) -> list[pl.Expr]:
    """The columns of a cube's rows as if they were loans: `dpd` is the upper end of their bucket, one more than the last end above it."""
    upper = dict(zip(atomic.labels, [*atomic.ends, atomic.ends[-1] + 1], strict=True))
    dpd = pl.when(pl.col("bucket").is_not_null()).then(
        pl.col("bucket").replace_strict(upper, default=UNKNOWN, return_dtype=pl.Int32)
    )
    weights = pl.col("loans", "without_balance", BALANCE)
    return [
        pl.col("as_of"),
        pl.col(*CUTS),
        pl.col("state"),
        dpd.alias("dpd"),
        pl.col("cycles").alias("unpaid_due_dates"),
        weights,
    ]


def _atomic(policies: Policies, day: dt.date) -> Buckets:
    return policies.schemes["buckets_atomic"].on(day).values


def _plain(found: pl.DataFrame) -> pl.DataFrame:
    return found.with_columns(pl.col(name).cast(pl.String) for name in found.columns if name in DIMENSIONS)


def _cut(by: Sequence[str], allowed: Sequence[str]) -> Sequence[str]:
    """What a cube is to be cut by; DaihouError for what it is not kept by."""
    if unknown := [name for name in by if name not in allowed]:
        raise DaihouError(
            f"The cubes are not kept by {', '.join(unknown)}.",
            f"They are kept by: {', '.join(allowed)}; for others ask the snapshots: `portfolio()`.",
            zh=(
                f"多维汇总表未按 {'、'.join(unknown)} 汇总。",
                f"可用维度：{'、'.join(allowed)}；其他维度请改用跑批快照：`portfolio()`。",
            ),
        )
    return by
