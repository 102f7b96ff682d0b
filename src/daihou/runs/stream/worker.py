"""The worker of the stream: reads the log, takes in what came, judges whom it touches, and says what is new, all of it in one transaction a batch.

Killed at any point it goes on where it was: what it had said and how far it had come are one commit, and what it holds in memory is read again from the
ledger and the log.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from daihou.book import business_date, lake
from daihou.book.errors import DaihouError
from daihou.book.ledger.files import read_pointer
from daihou.book.ledger.ledger import refresh
from daihou.book.ledger.stage import bucket
from daihou.monitoring.arrears.walk import compile_kernels
from daihou.runs.log.door import Door
from daihou.runs.log.flushing import marks_at
from daihou.runs.log.laid import behind, by_table
from daihou.runs.log.lease import Lease
from daihou.runs.log.log import LostError, moved
from daihou.runs.log.store import LogError
from daihou.runs.policies import read_policies
from daihou.runs.process import freeze, in_home
from daihou.runs.stream import day as days
from daihou.runs.stream import told
from daihou.runs.stream.between import TABLES, Between
from daihou.runs.stream.between.book import BookFacts
from daihou.runs.stream.between.opening import open_between
from daihou.runs.stream.figures import Figures, note
from daihou.runs.stream.hot import READ, open_hot

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Collection, Mapping, Sequence

    import pyarrow as pa

    from daihou.book.home import Home
    from daihou.runs.log.log import Held
    from daihou.runs.policies import Policies
    from daihou.runs.stream.day import Day
    from daihou.runs.stream.hot import Hot
    from daihou.runs.stream.told import Saying

LOG = logging.getLogger(__name__)

MOST: Final = 20_000
"""Rows of one batch at most: what comes meanwhile waits so long as this takes."""
BUSY_SECONDS: Final = 0.002
"""Between two looks while events come."""
IDLE_SECONDS: Final = 0.02
"""Between two looks when none came for `CALM_SECONDS`."""
CALM_SECONDS: Final = 5.0
LOOK_SECONDS: Final = 1.0
"""Between two looks at the ledger, the runs, the clock and what the lake refused."""
LEASE_SECONDS: Final = 10.0
PAUSE_SECONDS: Final = 0.5
"""Before the log is tried again when it could not be read or written."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Which part of the borrowers a worker judges: those whose bucket leaves `number` when divided by `of`."""

    number: int = 0
    of: int = 1

    @property
    def name(self) -> str:
        """How its lease, place and figures are called."""
        return f"stream/{self.number}/{self.of}"

    def mine(self, people: Collection[str]) -> set[str]:
        """Those of some borrowers that are judged here."""
        return set(people) if self.of == 1 else {one for one in people if bucket(one) % self.of == self.number}


@dataclass(frozen=True, slots=True)
class _Seen:
    """What came of some parcels."""

    tables: Mapping[str, pa.Table]
    people: set[str]
    """Whom they touch, of those that are judged here."""
    sayings: Sequence[Saying]


@dataclass
class Worker:
    """One worker; its moments are told by `clock`."""

    home: Home
    slot: Slot = field(default_factory=Slot)
    clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
    step: Callable[[str], None] = lambda _: None
    """Told each durable step before it is taken, so that tests can kill there."""

    def __post_init__(self) -> None:
        self._door = Door(self.home)
        self.log = self._door.log
        self._lease = Lease(self.log, self.slot.name, LEASE_SECONDS, self.clock)
        self._figures = Figures(self.slot.name, 0)
        self._touched: set[str] = set()
        """Whom events touched on the date, as far as this worker saw it."""
        self._whole_day = False
        """Whether it saw the date from its first event."""
        self._looked = 0.0
        self._refused_at = 0.0

    hot: Hot = field(init=False)
    day: Day = field(init=False)
    between: Between = field(init=False)

    def open(self) -> None:
        """Read the ledger, and what the log holds besides; judge what had not been judged."""
        compile_kernels()
        refresh(self.home, lambda *_: None)
        self._begin(self._door.open_date(self.clock()))
        if self._refused_at >= business_date.begins(self.home.settings, self.day.as_of).timestamp():
            # The lake may have refused rows while nobody worked, of which it was said what they seemed to mean.
            self._judge_again()

    def _judge_again(self) -> None:
        """Judge whom events touched today once more; what cannot be judged is told and left to the night."""
        try:
            self._say(self._judged(self._touched_today()), [], time.perf_counter())
        except (LogError, LostError):
            raise
        except Exception as error:
            LOG.exception("whom events touched today could not be judged again; the night will")
            self._figures.error = str(error)

    def run(self, stop: threading.Event, *, until_done: bool = False) -> None:
        """Work until told to stop, or until nothing waits; while another works on the same share, wait for it to end."""
        while True:
            while not self._lease.take():
                if stop.wait(LOOK_SECONDS):
                    return
            try:
                self._work(stop, until_done=until_done)
            except LostError:
                LOG.warning(
                    "another worker took %s over while this one stood still; it waits for its turn", self.slot.name
                )
                del self.day  # what is in hand is of before: all of it is read anew
            else:
                return

    def _work(self, stop: threading.Event, *, until_done: bool) -> None:
        """Work under the lease; LostError when another has it."""
        try:
            with self._lease.renewing():
                self.open()
                freeze()
            came = time.monotonic()
            seen = -1
            while not stop.is_set():
                changed = self._tried(self.log.changed, -2)
                done = self._tried(self.once, 0) if changed != seen or self._looked == 0.0 else 0
                seen = changed if not done else -1
                if done:
                    came = time.monotonic()
                elif until_done and self.place >= self.log.last():
                    return
                if time.monotonic() - self._looked >= LOOK_SECONDS:
                    self._tried(self.look, None)
                if not done:
                    stop.wait(BUSY_SECONDS if time.monotonic() - came < CALM_SECONDS else IDLE_SECONDS)
        finally:
            self._tried(self._lease.release, None)

    def once(self) -> int:
        """Take in and judge what waits, a batch of it; how many rows it was."""
        held = self.log.read(self.place, MOST)
        if not held:
            return 0
        began = time.perf_counter()
        try:
            seen = self._see(held)
        except Exception as error:  # one event must not stop all others
            if len(held) == 1:
                self._poison(held[0], error)
            else:
                LOG.exception(
                    "a batch of %s parcels could not be judged together; they are judged one by one", len(held)
                )
                self._singly(held)
        else:
            self._done(held, seen, began)
        return sum(one.last - one.first + 1 for one in held)

    def look(self) -> None:
        """What need not be looked at for every event: the lease, the clock, new runs, a new ledger, what the lake refused."""
        self._looked = time.monotonic()
        if not self._lease.renew():
            raise LostError(self.slot.name)
        today = max(self._door.open_date(self.clock()), self.day.as_of)
        if today != self.day.as_of or (
            read_pointer(self.home.ledger).generation != self.hot.ledger.pointer.generation
            or lake.stamp(self.home.lake / "runs") != self._runs
        ):
            with self._lease.renewing():
                self._begin(today)
        else:
            self._forget_refused()
        self._turn(self.clock().timestamp())
        self._figures.lag = max(self.log.last() - self.place, 0)
        with self.log.store.writing() as connection:
            note(connection, self._figures)
        self._tell(self.between.tick(self.clock(), self.day.as_of))

    def _begin(self, as_of: dt.date) -> None:
        """Open a date, or open it again from another ledger or another night; whom events touched today is then judged again."""
        again = hasattr(self, "day") and self.day.as_of == as_of
        self._runs = lake.stamp(self.home.lake / "runs")
        self.policies: Policies = read_policies(self.home)
        self.day = days.open_day(self.home, self.log, as_of)
        before = getattr(self, "hot", None)
        self.hot = open_hot(self.home, self.policies, as_of, frozenset[str]().union(*self.day.names.values()))
        if before is not None:
            before.close()
        self.place = self.log.place(self.slot.name)
        self._marks = marks_at(self.home, READ, self.hot.lake)
        self._refused_at = self.log.store.rows("SELECT coalesce(max(at), 0) FROM refused")[0][0]
        after = min(self._marks.values())
        refused = self.log.store.rows("SELECT place FROM refused WHERE place > ?", (after,))
        self._refused = frozenset(place for (place,) in refused)
        for held in self.log.between(min(after, self.place), self.place, MOST):
            self._take(by_table(held))
        if again:
            self._say(self._judged(self._touched_today()), [], time.perf_counter())
        else:
            self._touched, self._whole_day = set(), self._first_of(as_of) > self.place
            self._open_watches()

    def _open_watches(self) -> None:
        """Open the watches within a day, and say what they have to say."""
        facts = BookFacts(self.home, lambda: self.hot, self.slot.mine)
        self.between = open_between(self.home, self.log, facts, self.clock(), self.day.as_of, self.place)
        self._tell(self.between.again(self.clock(), self.day.as_of))

    def _first_of(self, as_of: dt.date) -> int:
        """The place of the first row that came on a business date; one behind the last where none did."""
        begins = business_date.begins(self.home.settings, as_of).timestamp()
        found = self.log.store.rows("SELECT min(first) FROM parcels WHERE accepted_at >= ?", (begins,))[0][0]
        return self.log.last() + 1 if found is None else int(found)

    def _touched_today(self) -> set[str]:
        """Whom events touched today: as it was seen, or, by who was started in the middle of the day, from the log."""
        if not self._whole_day:
            for held in self.log.between(self._first_of(self.day.as_of) - 1, self.place, MOST):
                self._touched |= self._touching(by_table(held))
            self._whole_day = True
        return self._touched

    def _see(self, held: Sequence[Held]) -> _Seen:
        """Take parcels in; whom they touch, and what is to be said."""
        tables = by_table(held)
        self._take(tables)
        people = self._touching(tables)
        return _Seen(tables, people, self._judged(people))

    def _done(self, held: Sequence[Held], seen: _Seen, began: float) -> None:
        """Say what is to be said of parcels, and let the watches within a day see them."""
        self._say(seen.sayings, held, began)
        self._touched |= seen.people
        self._watch(held, seen.tables)

    def _take(self, tables: Mapping[str, pa.Table]) -> None:
        """Put rows to the book in hand that it has not got."""
        for table, rows in tables.items():
            if table in self._marks:
                fresh = behind(rows, self._marks[table], self._refused)
                if fresh.num_rows:
                    self.hot.take(table, fresh)

    def _touching(self, tables: Mapping[str, pa.Table]) -> set[str]:
        """The borrowers that rows touch and that are judged here."""
        return self.slot.mine(set[str]().union(*(self.hot.touched(table, rows) for table, rows in tables.items())))

    def _judged(self, people: Collection[str]) -> list[Saying]:
        """What is new of some borrowers and their loans."""
        if not people:
            return []
        if (few := self.hot.few(people)) is not None:
            return self.day.judged(few, [row["loan_id"] for row in few.loans], sorted(people))
        rows = self.hot.rows(people)
        return self.day.judged(rows, rows.loans["loan_id"].to_list(), sorted(people))

    def _say(self, sayings: Sequence[Saying], held: Sequence[Held], began: float) -> None:
        """Write what is new and how far it was judged, in one transaction; try until it is written."""
        place = held[-1].last if held else self.place
        accepted = held[0].accepted_at if held else self.clock().timestamp()
        while True:
            try:
                self.step("saying")
                with self.log.store.writing() as connection:
                    self._lease.check(connection)
                    now = self.clock().timestamp()
                    told.say(connection, sayings, place, accepted, now)
                    days.write(connection, sayings)
                    moved(connection, self.slot.name, place)
                    self._count(held, len(sayings), now, began)
                    note(connection, self._figures)
                self.step("said")
                break
            except LogError as error:
                LOG.warning("the stream waits for the log: %s", error)
                self._figures.error = str(error)
                time.sleep(PAUSE_SECONDS)
        self.day.stand(sayings)
        self.place = place

    def _watch(self, held: Sequence[Held], came: Mapping[str, pa.Table]) -> None:
        """Let the watches within a day see what came. They follow what was said by rules: killed in between, they are asked of everything when they are opened."""
        tables = {table: pl.DataFrame(pl.from_arrow(rows)) for table, rows in came.items() if table in TABLES}
        if not tables:
            return
        try:
            self._tell(self.between.take(tables, self.clock(), self.day.as_of), held[-1].last, held[0].accepted_at)
        except (LogError, LostError):
            raise
        except Exception as error:
            LOG.exception("the watches within a day could not see rows %s to %s", held[0].first, held[-1].last)
            self._figures.error = f"{held[0].first}–{held[-1].last}: {error}"

    def _tell(self, sayings: Sequence[Saying], place: int | None = None, accepted_at: float | None = None) -> None:
        """Write what watches within a day have to say."""
        if not sayings:
            return
        now = self.clock().timestamp()
        with self.log.store.writing() as connection:
            self._lease.check(connection)
            told.say(
                connection,
                sayings,
                self.place if place is None else place,
                now if accepted_at is None else accepted_at,
                now,
            )
        self._figures.said += len(sayings)
        self.between.stand(sayings)

    def _singly(self, held: Sequence[Held]) -> None:
        """Judge parcels one by one after they failed together; the book in hand is read anew, as it may hold half of them."""
        self._begin(self.day.as_of)
        for one in held:
            began = time.perf_counter()
            try:
                seen = self._see([one])
            except Exception as error:  # noqa: BLE001 - it is told, and the night will judge it
                self._poison(one, error)
            else:
                self._done([one], seen, began)

    def _poison(self, held: Held, error: Exception) -> None:
        """Leave a parcel to the night that cannot be judged now, and say so."""
        LOG.error("rows %s to %s of %s cannot be judged: %r; the night will", held.first, held.last, held.table, error)
        self._figures.error = f"{held.table} {held.first}–{held.last}: {error}"
        self._say([], [held], time.perf_counter())

    def _forget_refused(self) -> None:
        """Take back rows that the lake refused, and judge again whom they touched."""
        newest = self.log.store.rows("SELECT coalesce(max(at), 0) FROM refused")[0][0]
        if newest > self._refused_at:
            self._begin(self.day.as_of)
            self._open_watches()

    def _count(self, held: Sequence[Held], said: int, now: float, began: float) -> None:
        self._turn(now)
        for one in held:
            events = one.last - one.first + 1
            self._figures.took((now - one.accepted_at) * 1000, events)
            self._figures.events += events
        self._figures.batches += 1 if held else 0
        self._figures.said += said
        self._figures.busy_ms += (time.perf_counter() - began) * 1000

    def _turn(self, now: float) -> None:
        """Begin the figures of a minute, where it is another."""
        minute = int(now // 60)
        if minute != self._figures.minute:
            self._figures = Figures(self.slot.name, minute, lag=self._figures.lag)

    def _tried(self, work: Callable[[], Any], otherwise: Any) -> Any:
        """The answer of what may fail for a while: a log that is busy, a disk that is full, a lake that is being written."""
        try:
            return work()
        except (DaihouError, OSError) as error:
            LOG.warning("the stream waits: %s", error)
            self._figures.error = str(error)
            time.sleep(PAUSE_SECONDS)
            return otherwise


def run(home: Home, stop: threading.Event, slot: Slot | None = None, *, until_done: bool = False) -> None:
    """Work as one of the workers of a home until told to stop, or until nothing waits."""
    Worker(home, slot or Slot()).run(stop, until_done=until_done)


__all__ = ["Slot", "Worker", "run"]


def main() -> None:
    """Run as the only worker of the home that DAIHOU_HOME names, until the process is told to end."""
    in_home(run)


if __name__ == "__main__":
    main()
