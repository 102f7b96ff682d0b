"""The spine of a backtest: dates on which rules are asked as known then, and what became of everybody as known at the end."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from daihou.book import lake, money
from daihou.book.days import day_of, last_within
from daihou.book.errors import DaihouError
from daihou.book.ledger.ledger import WORKERS
from daihou.expressions import columns_named
from daihou.expressions.tree import Column, Compare, Literal
from daihou.monitoring.arrears import shapes
from daihou.monitoring.arrears.terms import terms
from daihou.monitoring.arrears.walk import Known, chunk_size, known_twice
from daihou.monitoring.snapshot import answered_by, fields, snapshots
from daihou.runs.nightly import BESIDE, reading_on
from daihou.runs.watch.answers import answered, units
from daihou.runs.watch.rows import LIVE
from daihou.warning.outcomes import AT_RISK, IN_DEFAULT, LOST, NOT_YET, SETTLED, Outcomes, in_default, outcomes

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Sequence

    from daihou.book.home import Home
    from daihou.book.ledger.ledger import Ledger
    from daihou.book.ledger.shard import Shard
    from daihou.expressions import Expression
    from daihou.monitoring.arrears.held import Held
    from daihou.monitoring.arrears.snapshot import Reading
    from daihou.runs.policies import Policies

    Progress = Callable[[str, int, int], None]

BALANCE: Final = "principal_outstanding_base"
PLACE: Final = "spine_place"
SUBJECT: Final = "spine_subject"
"""Beside the measures in a chunk's frame: the place of the row's date in the spine, and of its loan in the chunk."""

TOGETHER: Final = 65_536
"""Answers that columns are made of at once: few enough to stay near the processor, many enough for dates of few loans."""
STANDING: Final = np.array([NOT_YET, AT_RISK, AT_RISK, SETTLED, LOST, LOST, LOST], np.uint8)
"""By state, in the order of `shapes.STATES`: of what cannot be measured nothing is known."""
WATCHED: Final = np.array([name in LIVE for name in shapes.STATES])


@dataclass(frozen=True, slots=True)
class Spine:
    """What is asked: dates, each as known on itself; what counts as default, and within how many months of a date."""

    dates: tuple[dt.date, ...]
    default: Expression
    months: int
    step: str

    @property
    def days(self) -> npt.NDArray[np.int32]:
        """The dates as counts of days."""
        return np.array([day_of(date) for date in self.dates], np.int32)

    @property
    def horizons(self) -> npt.NDArray[np.int32]:
        """The last day that counts for each date: of a month end, the month end so many months on."""
        return np.array([day_of(last_within(date, self.months)) for date in self.dates], np.int32)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some loans on all dates of a spine. Arrays are [date, loan]."""

    first: int
    """The place of its first loan in the book."""
    frame: pl.DataFrame
    """A row for each date on which a loan was watched (or known, where everybody is asked for): the columns asked for, PLACE and SUBJECT."""
    at: npt.NDArray[np.int64]
    """The place of each row of the frame in an array laid out flat."""
    watched: npt.NDArray[np.bool_]
    balance: npt.NDArray[np.int64]
    """In minor units of the base currency, as known then; 0 where it is not known."""
    outcomes: Outcomes
    since: npt.NDArray[np.int32]
    """The day on which a default in force began."""
    borrowers: pl.DataFrame
    """As known at the end: a row for each date and loan with PLACE, SUBJECT and its borrower_id; empty unless everybody is asked for."""
    amount_unit: int | pl.Expr

    def spread(self, values: npt.NDArray[Any], missing: Any) -> npt.NDArray[Any]:
        """A value for each row of the frame as an array [date, loan]."""
        whole = np.full(self.watched.size, missing, values.dtype)
        whole[self.at] = values
        return whole.reshape(self.watched.shape)

    def rows(self) -> npt.NDArray[np.int32]:
        """The row of the frame for each date and loan; -1 where there is none."""
        return self.spread(np.arange(len(self.at), dtype=np.int32), -1)


def walk(
    home: Home, ledger: Ledger, policies: Policies, spine: Spine, names: frozenset[str], progress: Progress,
    visit: Callable[[Chunk], None], *, everybody: bool = False,
) -> None:  # fmt: skip
    """Visit the loans of a ledger chunk by chunk, from a few threads at once; `names` are the columns of the chunks' frames.

    With `everybody` the frames hold loans that are not watched too, and chunks say who owed each loan as known at the end.
    """
    asked = _Asked(home, ledger, policies, spine, names, everybody)
    queue: SimpleQueue[int] = SimpleQueue()
    for number in ledger.shards:
        queue.put(number)
    progress("measure", 0, len(ledger.shards))

    def work(_: int) -> None:
        while True:
            try:
                number = queue.get_nowait()
            except Empty:
                return
            for chunk in asked.chunks(number):
                visit(chunk)
            progress("measure", len(ledger.shards) - queue.qsize(), len(ledger.shards))

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work, range(WORKERS)))


class _Asked:
    """A spine over one ledger, with all that a shard's walk needs."""

    def __init__(
        self, home: Home, ledger: Ledger, policies: Policies, spine: Spine, names: frozenset[str], everybody: bool  # noqa: FBT001
    ) -> None:  # fmt: skip
        self.home, self.ledger, self.policies, self.spine = home, ledger, policies, spine
        versions = ledger.pointer.lake | lake.versions(home, BESIDE)
        end = spine.dates[-1]
        self.then = [reading_on(home, policies, date, date, versions) for date in spine.dates]
        self.at_end = [reading_on(home, policies, date, end, versions) for date in spine.dates]
        self.schema = fields(names | {BALANCE, "currency"})
        judged = {field.name for field in columns_named(spine.default)} | {"currency"}
        self.judged = fields(judged | ({"borrower_id"} if everybody else set()))
        self.everybody = everybody
        self.base_unit = money.unit(home.settings.base_currency)
        self.first: dict[int, int] = {}
        count = 0
        for number, shard in ledger.shards.items():
            self.first[number] = count
            count += shard.count

    def chunks(self, number: int) -> Iterator[Chunk]:
        """The chunks of a shard."""
        shard = self.ledger.shards[number]
        judged = terms(self.policies.profile, shard.products, shard.currencies, self.home.settings.calendar)
        unit = units(shard.currencies)
        asked = Known(
            self.spine.dates, self.spine.dates[-1],
            answered_by(shard, self.then[0], self.schema) | {"version", "state"},
            answered_by(shard, self.at_end[0], self.judged) | {"version", "state", "dpd"},
        )  # fmt: skip
        for first, then, later in known_twice(shard, judged, asked, chunk_size(len(self.then))):
            known = then["version"] != shapes.EMPTY
            watched = known & WATCHED[np.where(known, then["state"], 0)]
            told = known if self.everybody else watched
            frame = _frame(shard, then, first, self.then, self.schema, told)
            at = np.flatnonzero(told.reshape(-1))
            balance = np.zeros(known.size, np.int64)
            balance[at] = frame[BALANCE].fill_null(0).to_numpy()
            yield Chunk(
                self.first[number] + first, _placed(frame, at, known.shape[1]), at, watched, balance.reshape(known.shape),
                *self._outcomes(shard, later, first, unit), unit,
            )  # fmt: skip

    def _outcomes(
        self, shard: Shard, answers: Held, first: int, unit: int | pl.Expr
    ) -> tuple[Outcomes, npt.NDArray[np.int32], pl.DataFrame]:
        known = answers["version"] != shapes.EMPTY
        at = np.flatnonzero(known.reshape(-1))
        frame = _frame(shard, answers, first, self.at_end, self.judged, known)
        (codes,) = answered(frame, [self.spine.default], unit, self.base_unit)
        bad = np.zeros(known.size, np.uint8)
        bad[at] = codes
        standing = np.where(known, STANDING[np.where(known, answers["state"], 0)], NOT_YET).astype(np.uint8)
        standing = in_default(standing, bad.reshape(known.shape))
        begun = began(self.spine.default)
        days = self.spine.days
        since = np.broadcast_to(days[:, None], known.shape).astype(np.int32)
        if begun is not None:
            since = np.where(standing == IN_DEFAULT, since - (answers["dpd"] - begun), since).astype(np.int32)
        found = outcomes(days, self.spine.horizons, standing, since)
        return (
            found,
            since,
            _placed(frame.select("borrower_id"), at, known.shape[1]) if self.everybody else pl.DataFrame(),
        )


def began(default: Expression) -> int | None:
    """Of `dpd > N` or `dpd >= N` the first count of days that meets it, by which the day of default is known exactly; None of others."""
    match default:
        case Compare(operator=(">" | ">=") as operator, left=Column() as column, right=Literal(value=value)):
            if column.field.name == "dpd" and isinstance(value, Decimal):
                return math.ceil(value) if operator == ">=" else math.floor(value) + 1
    return None


def _frame(
    shard: Shard,
    answers: Held,
    first: int,
    readings: Sequence[Reading],
    schema: pa.Schema,
    chosen: npt.NDArray[np.bool_],
) -> pl.DataFrame:
    """The rows of all dates, date by date; dates that are read alike are made together."""
    batches = [
        snapshots(
            shard, {name: values[part] for name, values in answers.items()}, chosen[part], first, readings[part], schema
        )
        for part in _alike(readings, max(TOGETHER // chosen.shape[1], 1))
    ]
    frame = pl.from_arrow(pa.Table.from_batches(batches, schema))
    assert isinstance(frame, pl.DataFrame)  # noqa: S101 - a table never becomes a series
    return frame


def _alike(readings: Sequence[Reading], most: int) -> Iterator[slice]:
    """Spans of at most so many readings that differ in their dates alone."""
    begin = 0
    for place in range(1, len(readings) + 1):
        ended = place == len(readings) or place - begin == most
        if ended or _manner(readings[place]) != _manner(readings[begin]):
            yield slice(begin, place)
            begin = place


def _manner(reading: Reading) -> tuple[Any, ...]:
    return reading.buckets, reading.overdue, reading.repeated, reading.rates


def _placed(frame: pl.DataFrame, at: npt.NDArray[np.int64], count: int) -> pl.DataFrame:
    return frame.with_columns(
        pl.Series(PLACE, (at // count).astype(np.int32)), pl.Series(SUBJECT, (at % count).astype(np.int32))
    )


def spine_of(dates: Sequence[dt.date], default: Expression, months: int, step: str) -> Spine:
    """A spine over past dates; DaihouError of fewer than two."""
    if len(dates) < 2:
        raise DaihouError(
            "One date is no history.",
            "Ask for a longer span: --from and --to at least two steps apart.",
            zh=("仅有一个日期，无法回测。", "请放宽区间：--from 与 --to 至少相隔两个步长。"),
        )
    return Spine(tuple(dates), default, months, step)
