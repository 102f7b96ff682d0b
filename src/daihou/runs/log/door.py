"""The door of the log: rows as somebody sends them, judged, and durable when they are accepted."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from daihou.book import business_date, contracts
from daihou.book.errors import DaihouError
from daihou.book.intake.mapping import FileMapping
from daihou.book.intake.single import By, Judged, judge
from daihou.runs.log.committing import Committer
from daihou.runs.log.log import QUARANTINE, ClosedError, Log, Once, Parcel, Sent, open_log

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

    from daihou.book.home import Home
    from daihou.book.intake.blinding import Blinder

TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of rows that were sent."""

    first: int
    """The place of the first row accepted; 0 where none was."""
    last: int
    judged: Judged

    @property
    def accepted(self) -> int:
        """How many rows are in the log now."""
        return int(self.judged.facts.num_rows)


@dataclass
class Door:
    """Takes rows in for the threads of a process."""

    home: Home
    blinder: Callable[[dt.date], Blinder] | None = None
    """What raw texts are blinded with on a day; without one, rows that hold any are refused."""
    _seals: tuple[int, dt.date | None] = (-2, None)
    _blinders: dict[dt.date, Blinder] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.log: Log = open_log(self.home)
        self._committer = Committer(self.log, lambda: dt.datetime.now(dt.UTC).timestamp())

    def open_date(self, now: dt.datetime) -> dt.date:
        """The business date on which what comes now is known: that of the moment, or the first that is not closed."""
        today = business_date.business_date(self.home.settings, now)
        closed = self._closed()
        return today if closed is None else max(today, closed + dt.timedelta(days=1))

    def judged(
        self,
        table: str,
        rows: Sequence[dict[str, Any]],
        source: str,
        now: dt.datetime,
        mapping: FileMapping | None = None,
    ) -> Judged:
        """Rows told apart, without taking them in."""
        today = self.open_date(now)
        return judge(
            table,
            rows,
            By(self.home.settings, today, self._closed(), source, mapping or FileMapping(), self._blinder(today)),
        )

    def take(
        self, table: str, rows: Sequence[dict[str, Any]], source: str, now: dt.datetime, *, mapping: FileMapping | None = None, once: Once | None = None,
        reply: Callable[[Judged, int, int], dict[str, Any]] | None = None, also: Callable[[sqlite3.Connection], None] | None = None,
    ) -> Taken:  # fmt: skip
        """Take in what is good; what is not goes to quarantine by the same way. All of it is on the disk when this returns.

        `reply(judged, first, last)` is what is answered, and answered again to the same `once`: then `Repeated` is raised. `also` writes more in the same transaction.
        DaihouError where nothing could be taken in, and for a table whose rows only the vault may keep: nothing was.
        """
        if contracts.table(table).vault:
            raise DaihouError(
                f"Rows of {table} say who people are: the log may not hold them.",
                f"Send them by `daihou intake --table {table}`, or to /api/v1/facts/{table}, which hands them to the vault.",
                source,
                zh=(
                    f"表 {table} 的内容为个人身份信息，不得写入事件日志。",
                    f"请用 `daihou intake --table {table}` 或 /api/v1/facts/{table} 报送，由保险库保存。",
                ),
            )
        for attempt in range(TRIES):
            judged = self.judged(table, rows, source, now, mapping)
            parcels = [Parcel(table, judged.facts, source), Parcel(QUARANTINE, judged.rejects, source)]
            try:
                answer = None if reply is None else (lambda found, judged=judged: reply(judged, *_span(judged, found)))
                if also is None:
                    places = self._committer.append(Sent(parcels, once, answer))
                else:
                    places = self.log.append(parcels, dt.datetime.now(dt.UTC).timestamp(), once, answer, also)
            except ClosedError:  # a run closed the day between judging and writing
                if attempt == TRIES - 1:
                    raise
                continue
            return Taken(*_span(judged, places), judged)
        raise AssertionError

    def _closed(self) -> dt.date | None:
        """The last business date that takes no more facts: that a run sealed, or that one is sealing."""
        version = self._version()
        if self._seals[0] != version:
            self._seals = version, business_date.sealed_through(self.home)
        closing = self.log.closed_through()
        days = [day for day in (self._seals[1], dt.date.fromisoformat(closing) if closing else None) if day is not None]
        return max(days, default=None)

    def _version(self) -> int:
        """How many commits the register of seals has: to look into it for each row would cost more than the row."""
        folder = self.home.lake / "seals" / "_delta_log"
        return sum(1 for path in folder.iterdir() if path.suffix == ".json") if folder.is_dir() else -1

    def _blinder(self, day: dt.date) -> Blinder | None:
        if self.blinder is None:
            return None
        if day not in self._blinders:
            self._blinders = {day: self.blinder(day)}
        return self._blinders[day]


def _span(judged: Judged, places: list[tuple[int, int]]) -> tuple[int, int]:
    return places[0] if judged.facts.num_rows else (0, 0)
