"""Bringing the log to the lake: every accepted row once, in order, settled by what settles a file.

How far it has come stands in the lake itself. The commit that holds rows of a table names the place up to which that table's rows are in, and
the commit of the register, the last of a stretch, the place up to which all of them are. So whoever comes after a kill or a power cut reads from
the lake where to go on, and what was decided but not carried out is finished by the journal before anything else is begun.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from daihou.book import contracts, lake
from daihou.book.intake import journal
from daihou.book.intake.identity import identity_of_stretch
from daihou.book.intake.stretch import Stretch, lay_down
from daihou.runs.log.log import QUARANTINE, REGISTER, LostLogError, open_log
from daihou.runs.log.pressure import PLACE, Pressure, pressure
from daihou.runs.log.store import FILE

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from daihou.book.errors import DaihouError
    from daihou.book.home import Home
    from daihou.book.intake.stretch import Laid, Refused
    from daihou.runs.log.log import Held, Log

MOST: Final = 100_000
"""Rows of one stretch at most: some 100 MB while they are settled."""
_APART: Final = 1e-3
"""Seconds between the moments noted of two stretches, so that who asks for what is new misses none."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What came of the rows of one table."""

    rows: int = 0
    new: int = 0
    unchanged: int = 0
    quarantined: int = 0


@dataclass(frozen=True, slots=True)
class Flushed:
    """What was brought to the lake."""

    through: int
    """The place up to which everything is in the lake now."""
    tables: Mapping[str, Brought] = field(default_factory=dict)
    batches: int = 0
    accepted_at: tuple[tuple[float, int], ...] = ()
    """When parcels had been accepted, and the rows of each."""
    busy: bool = False
    """Whether another intake or run was at work, so that nothing was done."""

    @property
    def rows(self) -> int:
        """How many rows left the log for the lake or its quarantine."""
        return sum(one.rows for one in self.tables.values())

    @property
    def quarantined(self) -> int:
        """How many of them went to quarantine."""
        return sum(one.quarantined for one in self.tables.values())


def flush(
    home: Home, now: dt.datetime, today: dt.date, *, step: Callable[[str], None] = lambda _: None, most: int = MOST,
) -> Flushed:  # fmt: skip
    """Bring to the lake all that the log holds now; `busy` where another intake, run or flush is at work.

    `today` is the open business date, as the register names it; `step` is told each step before it is taken; a stretch holds about `most` rows.
    """
    try:
        with journal.locked(home, flushing=True):
            journal.recover(home, step)
            return bring(home, open_log(home), today, now.timestamp(), step=step, most=most)
    except journal.BusyError:
        return Flushed(through(home, open_log(home)), busy=True)


def bring_what_waits(home: Home, today: dt.date) -> None:
    """The same where rows wait, after the end of a flush that is under way; nothing is done where another intake or run is at work."""
    if not (home.path / FILE).exists():
        return
    log = open_log(home)
    if through(home, log) >= log.last():
        return
    try:
        with journal.locked(home):
            journal.recover(home)
            bring(home, log, today)
    except journal.BusyError:
        return


def bring(
    home: Home, log: Log, today: dt.date, now: float | None = None, *, step: Callable[[str], None] = lambda _: None, most: int = MOST,
) -> Flushed:  # fmt: skip
    """The same under the intake lock, once the journal has nothing left to finish; without `now` it is the moment when the last row came."""
    start, until = through(home, log), log.last()
    done, tables, batches = start, defaultdict[str, Brought](Brought), 0
    accepted: list[tuple[float, int]] = []
    while done < until:
        held = log.read(done, most)
        if not held:
            raise _gap(home, done, until)
        laid = _stretch(home, log, held, done, now or held[-1].accepted_at, today, step)
        for report in laid.reports:
            before = tables[report.table]
            tables[report.table] = Brought(
                before.rows + report.rows, before.new + report.new, before.unchanged + report.unchanged,
                before.quarantined + sum(report.quarantined.values()),
            )  # fmt: skip
        accepted += [(one.accepted_at, one.last - one.first + 1) for one in held]
        batches += len(laid.reports)
        done = held[-1].last
    if log.place(PLACE) != done:
        log.move(PLACE, done)
    return Flushed(done, dict(tables), batches, tuple(accepted))


def _stretch(
    home: Home, log: Log, held: Sequence[Held], after: int, now: float, today: dt.date, step: Callable[[str], None]
) -> Laid:
    """Bring some parcels to the lake, whole: as one plan of the journal."""
    if held[0].first != after + 1:
        raise _gap(home, after, held[0].first - 1)
    step("staging")
    stretches = stretched(held)
    batch = journal.next_batch(home, QUARANTINE, *{one.table for one in stretches})
    last, place = batch + len(stretches) - 1, held[-1].last
    with journal.folder_of(home, batch) as folder:
        laid = lay_down(home, stretches, batch, folder, today, step)
        step("refusing")
        _note(log, laid.refused, after, now)
        step("deciding")
        delivery = identity_of_stretch("log", held[0].first, place)
        journal.decide(folder, journal.Delivery(last, delivery, "log", journal.named(laid.files), place))
        journal.carry_out(home, folder, step)
    return laid


def stretched(held: Iterable[Held]) -> list[Stretch]:
    """The rows of parcels by contract table, in order, in the schema of today; those refused when they came apart."""
    good: dict[str, list[tuple[pa.Table, Whole]]] = defaultdict(list)
    bad: dict[str, list[tuple[pa.Table, Whole]]] = defaultdict(list)
    for one in held:
        rows, places = one.rows(), np.arange(one.first, one.last + 1, dtype=np.int64)
        if one.table != QUARANTINE:
            good[contracts.table(one.table).name].append((rows, places))
            continue
        for table, at in _by_name(rows["table"].to_pylist()).items():
            bad[table].append((rows.take(pa.array(at)), places[at]))
    return [
        *(_joined(table, table, parts, refused=False) for table, parts in good.items()),
        *(_joined(table, QUARANTINE, parts, refused=True) for table, parts in bad.items()),
    ]


def _by_name(names: Sequence[str | None]) -> dict[str, list[int]]:
    found = defaultdict[str, list[int]](list)
    for at, name in enumerate(names):
        found[name or ""].append(at)
    return found


Whole = np.ndarray[tuple[int], np.dtype[np.int64]]


def _joined(table: str, schema_of: str, parts: Sequence[tuple[pa.Table, Whole]], *, refused: bool) -> Stretch:
    schema = lake.schema(schema_of)
    rows = pa.concat_tables([lake.in_schema(rows, schema) for rows, _ in parts]).combine_chunks()
    return Stretch(table, rows, np.concatenate([places for _, places in parts]), refused)


def _note(log: Log, refused: Sequence[Refused], after: int, now: float) -> None:
    """Note what the lake does not take, before it is decided: what a kill leaves undecided is noted anew with what is decided then."""
    if not refused and not log.store.rows("SELECT 1 FROM refused WHERE place > ? LIMIT 1", (after,)):
        return
    with log.store.writing() as connection:
        connection.execute("DELETE FROM refused WHERE place > ?", (after,))
        (newest,) = connection.execute("SELECT coalesce(max(at), 0) FROM refused").fetchone()
        at = max(now, newest + _APART)
        connection.executemany(
            "INSERT INTO refused VALUES (?, ?, ?, ?, ?)",
            [(one.place, one.table, one.column, one.reason, at) for one in refused],
        )


def through(home: Home, log: Log) -> int:
    """The greatest place such that everything up to it is in the lake or its quarantine; LostLogError where the log ends before it."""
    place = lake.transaction(home, REGISTER, lake.LOG)
    last = log.last()
    if place > last:
        raise LostLogError(
            f"The log ends at row {last}, but the lake was filled from a log of at least {place} rows: it was replaced.",
            "Restore log.sqlite3 of the home from the backup that belongs to the lake.",
            str(log.store.path),
            zh=(
                f"事件日志只到第 {last} 条，而数据湖已从日志取到第 {place} 条：日志文件已被替换。",
                "请从与数据湖配套的备份中恢复数据目录下的 log.sqlite3。",
            ),
        )
    return place


def marks(home: Home, table: str, version: int | None = None) -> int:
    """The place up to which the log's rows of a table are in it, at a version or at its newest."""
    everything = lake.transaction(home, REGISTER, lake.LOG)  # before the table is looked at: it may move on meanwhile
    newest = lake.version(home, table)
    return _mark(home, table, newest if version is None else version, newest, everything)


def marks_at(home: Home, tables: Iterable[str], versions: Mapping[str, int]) -> dict[str, int]:
    """The same of several tables at once; a table that `versions` does not name was not there, so that it holds nothing."""
    everything = lake.transaction(home, REGISTER, lake.LOG)
    return {table: _mark(home, table, versions.get(table), lake.version(home, table), everything) for table in tables}


def _mark(home: Home, table: str, version: int | None, newest: int | None, everything: int) -> int:
    """A table that nothing came to since has all that had come when everything was in, even if it never had a row from the log."""
    own = 0 if version is None else lake.transaction(home, table, lake.LOG, version)
    return max(own, everything) if version == newest else own


def _gap(home: Home, after: int, to: int) -> DaihouError:
    return LostLogError(
        f"The log lacks the rows from {after + 1} to {to}, and the lake has not got them.",
        "Restore log.sqlite3 and the lake of the home from backups that belong together.",
        str(home.path),
        zh=(
            f"事件日志缺少第 {after + 1} 至 {to} 条记录，而数据湖中也没有这些记录。",
            "请用互相配套的备份恢复数据目录下的 log.sqlite3 与数据湖。",
        ),
    )


__all__ = [
    "MOST", "Brought", "Flushed", "LostLogError", "Pressure", "bring", "bring_what_waits", "flush", "marks", "marks_at", "pressure", "stretched", "through",
]  # fmt: skip
