"""A sample from runs: what each subject measured at an observation by the knowledge of that date, and what became of it by later runs."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from daihou.assessment.scores.sample import BAD, COUNTS, FRAME, GONE, GOOD, IMMATURE, INDETERMINATE, OUTSIDE, Sample
from daihou.book.days import last_within, month_ends
from daihou.book.errors import DaihouError
from daihou.runs.scores.own_runs import OwnRuns
from daihou.runs.scores.told import rows
from daihou.runs.watch import history
from daihou.warning.fold import TRUE, UNKNOWN

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence

    from daihou.assessment.scores.inputs import Values
    from daihou.book.home import Home
    from daihou.runs.scores.asked import Asked
    from daihou.runs.scores.told import Told

    Progress = Callable[[str, int, int], None]

NOT_LIVE: Final = "not_live"
"""Closed, written off or gone on the date: nobody asks what will become of it."""
LEFT_OUT: Final = "left_out"
"""Of the population, but not among as many as the design takes, chosen by a hash."""


def sample(home: Home, asked: Asked, progress: Progress) -> Sample:
    """The sample of a design. Each date is read as its own run wrote it, never by what was known later.

    DaihouError where a date of the design was not run, with the command that runs it.
    """
    dates = month_ends(asked.runs.observe.first, asked.runs.observe.last)
    if not dates:
        raise _no_month_end(asked)
    runs = OwnRuns(home)
    written = set(runs.dates)
    last = max(written, default=None)
    mature = [date for date in dates if last is not None and last_within(date, asked.runs.window_months) <= last]
    if not mature:
        raise _immature(asked, dates[0], last)
    _must_be_run(written, [*mature, *(day for date in mature for day in window(asked, date))])
    share = _share(runs, asked, mature)
    fates = Fates(runs, asked)
    frames, columns, counts = [], [], []
    for at, date in enumerate(dates):
        progress("observe", at, len(dates))
        if date not in mature:
            counts.append((date, IMMATURE, _size(runs, asked, date) if date in written else 0))
            continue
        frame, values, counted = _observed(runs, asked, date, fates, share)
        frames.append(frame)
        columns.append(values)
        counts += [(date, fate, n) for fate, n in counted.items()]
    progress("observe", len(dates), len(dates))
    knowledge, assumed = history.knowledge(home)
    return Sample(
        pl.concat(frames), {one.name: _joined([part[one.name] for part in columns]) for one in asked.inputs},
        pl.DataFrame(counts, COUNTS, orient="row"), asked.design.split, asked.design.seed, knowledge, assumed,
    )  # fmt: skip


def window(asked: Asked, date: dt.date) -> list[dt.date]:
    """The dates that tell what became of an observation."""
    end = last_within(date, asked.runs.window_months)
    return [end] if asked.runs.seen == "end" else [day for day in month_ends(date, end) if day > date]


class Fates:
    """What later runs say of the subjects of a design, each read once."""

    def __init__(self, runs: OwnRuns, asked: Asked) -> None:
        self.runs, self.asked = runs, asked
        self._by_date: dict[dt.date, tuple[pl.Series, pl.Series, pl.Series]] = {}

    def of(self, date: dt.date, ids: pl.Series) -> pl.Series:
        """What became of some subjects after a date: good, bad, indeterminate or unknown."""
        days = window(self.asked, date)
        bad, indeterminate = (
            pl.concat([self._on(day)[place] for day in days]).unique().implode() for place in range(2)
        )
        known = self._on(days[-1])[2].implode()
        frame = pl.DataFrame({"id": ids})
        fate = (
            pl.when(pl.col("id").is_in(bad)).then(pl.lit(BAD)).when(pl.col("id").is_in(indeterminate)).then(pl.lit(INDETERMINATE))
            .when(pl.col("id").is_in(known)).then(pl.lit(GOOD)).otherwise(pl.lit(GONE))
        )  # fmt: skip
        return frame.select(fate.alias("fate"))["fate"]

    def _on(self, day: dt.date) -> tuple[pl.Series, pl.Series, pl.Series]:
        """The subjects that are bad on a date, those that are indeterminate, and those of whom it is known on the window's last day."""
        if day not in self._by_date:
            told = told_on(self.runs, self.asked, day, self.asked.later)
            conditions = (
                [self.asked.bad] if self.asked.indeterminate is None else [self.asked.bad, self.asked.indeterminate]
            )
            answers = told.answers(conditions)
            ids = told.ids
            chosen = [ids.filter(pl.Series(found == TRUE)) for found in answers]
            none = ids.clear()
            # Who is there and owes nothing any more ended well, though no days past due are told of it; who was transferred did not.
            known = ((answers[0] != UNKNOWN) & ~told.lost) | told.settled
            self._by_date[day] = (chosen[0], chosen[1] if len(chosen) > 1 else none, ids.filter(pl.Series(known)))
        return self._by_date[day]


def told_on(runs: OwnRuns, asked: Asked, date: dt.date, names: frozenset[str]) -> Told:
    """The subjects of a date's own run."""
    snapshots, borrowers = (runs.files(name, date) for name in ("snapshots", "borrower_snapshots"))
    return rows(runs.home, asked.design.subject, snapshots, borrowers, names)


def fate_at_once(asked: Asked, told: Told) -> tuple[pl.Series, Told]:
    """Of all subjects of a date why they are no observation, empty of those that are; and the latter."""
    answers = told.answers([asked.population, *(one for _, one in asked.exclusions)])
    out = np.full(len(told.frame), "", dtype=object)
    out[~told.live] = NOT_LIVE
    out[(out == "") & (answers[0] != TRUE)] = OUTSIDE
    for (code, _), found in zip(asked.exclusions, answers[1:], strict=True):
        out[(out == "") & (found == TRUE)] = code
    why = pl.Series("why", out.tolist(), pl.String)
    return why, told.some((why == "").to_numpy())


def _observed(
    runs: OwnRuns, asked: Asked, date: dt.date, fates: Fates, share: float
) -> tuple[pl.DataFrame, dict[str, Values], dict[str, int]]:
    """One observation point: its rows in order of id, their columns, and how many met each fate."""
    why, kept = fate_at_once(asked, told_on(runs, asked, date, asked.at_first))
    counts = {fate: n for fate, n in why.value_counts(sort=True).iter_rows() if fate}
    if share < 1:
        chosen = np.fromiter((_hash(one, date) < share for one in kept.ids.to_list()), np.bool_, len(kept.ids))
        counts[LEFT_OUT] = int((~chosen).sum())
        kept = kept.some(chosen)
    fate = fates.of(date, kept.ids)
    counts |= dict(fate.value_counts(sort=True).iter_rows())
    there = (fate != GONE).to_numpy()
    kept, fate = kept.some(there), fate.filter(pl.Series(there))
    segment = (
        pl.Series([None], dtype=pl.String).new_from_index(0, len(fate))
        if asked.segment is None
        else kept.frame[asked.segment.name].cast(pl.String)
    )
    frame = pl.DataFrame(
        {
            "id": kept.ids, "group": kept.borrowers.fill_null(kept.ids), "observed_on": pl.Series([date]).new_from_index(0, len(fate)), "fate": fate,
            "segment": segment,
        }, FRAME,
    )  # fmt: skip
    return (
        frame,
        {one.name: kept.column(field, date) for one, field in zip(asked.inputs, asked.fields, strict=True)},
        counts,
    )


def _joined(parts: Sequence[Values]) -> Values:
    if isinstance(parts[0], pl.Series):
        return pl.concat([part for part in parts if isinstance(part, pl.Series)])
    return np.concatenate([part for part in parts if isinstance(part, np.ndarray)])


def _size(runs: OwnRuns, asked: Asked, date: dt.date) -> int:
    """How many subjects a date's run knows."""
    table = "snapshots" if asked.design.subject == "loan" else "borrower_snapshots"
    return sum(pq.read_metadata(path).num_rows for path in runs.files(table, date))


def _share(runs: OwnRuns, asked: Asked, dates: Sequence[dt.date]) -> float:
    """The share of observations that the design has room for; they are counted only where all that is written would be too many."""
    if sum(_size(runs, asked, date) for date in dates) <= asked.runs.most:
        return 1.0
    conditions = asked.conditions
    whole = sum(len(fate_at_once(asked, told_on(runs, asked, date, conditions))[1].frame) for date in dates)
    return min(1.0, asked.runs.most / whole) if whole else 1.0


def _hash(one: str, date: dt.date) -> float:
    return zlib.crc32(f"{date}:{one}".encode()) / 2**32


def _must_be_run(written: set[dt.date], asked: Sequence[dt.date]) -> None:
    missing = sorted(set(asked) - written)
    if missing:
        shown = ", ".join(map(str, missing[:4])) + (", …" if len(missing) > 4 else "")
        raise DaihouError(
            f"{len(missing)} dates of the design were not run by their own knowledge: {shown}",
            f"Run them: `daihou history --from {missing[0]} --to {missing[-1]}`.",
            "runs.observe",
            zh=(
                f"方案涉及的 {len(missing)} 个日期尚未按当日所知跑批：{shown}",
                f"请运行 `daihou history --from {missing[0]} --to {missing[-1]}`。",
            ),
        )


def _immature(asked: Asked, first: dt.date, last: dt.date | None) -> DaihouError:
    end = last_within(first, asked.runs.window_months)
    return DaihouError(
        f"No window has ended: the first goes from {first} to {end}, and the last run is {f'of {last}' if last else 'not made yet'}.",
        "Observe earlier, shorten the window, or wait; `daihou history --from … --to …` runs earlier dates.",
        "runs.observe",
        zh=(
            f"表现期均未届满：首个表现期为 {first} 至 {end}，最近一次跑批为 {last or '无'}。",
            "请提前观察点、缩短表现期，或用 `daihou history --from … --to …` 补跑历史日期。",
        ),
    )


def _no_month_end(asked: Asked) -> DaihouError:
    observe = asked.runs.observe
    return DaihouError(
        f"There is no month end from {observe.first} to {observe.last}.",
        "Observations are month ends: let the span hold one.",
        "runs.observe",
        zh=(f"{observe.first} 至 {observe.last} 之间没有月末。", "观察点为月末，请放宽区间。"),
    )


def counts_of(frame: pl.DataFrame) -> Mapping[str, int]:
    """How many met each fate over all dates, in order of number."""
    return dict(frame.group_by("fate").agg(pl.col("n").sum()).sort("n", "fate", descending=[True, False]).iter_rows())
