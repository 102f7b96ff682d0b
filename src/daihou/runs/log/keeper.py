"""The keeper of the log, a process of its own: `python -m daihou.runs.log.keeper`. It brings the log to the lake, keeps the ledger near it, and tidies up.

Started twice, one works and the other waits for its lease; were both to work, the intake lock would let one flush at a time.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from daihou.book import business_date, lake
from daihou.book.intake import journal
from daihou.book.ledger.files import read_pointer
from daihou.book.ledger.ledger import TABLES, refresh
from daihou.runs.log.flushing import flush, marks_at, through
from daihou.runs.log.lease import Lease
from daihou.runs.log.log import open_log
from daihou.runs.log.pressure import PLACE
from daihou.runs.process import in_home
from daihou.runs.stream.figures import Figures, note

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from daihou.book.home import Home
    from daihou.runs.log.flushing import Flushed

LOG = logging.getLogger("daihou.runs.log.keeper")  # not by __name__, which is __main__ where it is a process

NAME: Final = "flush"
"""Of its lease and its figures."""
LOOK_SECONDS: Final = 0.5
NOTE_SECONDS: Final = 5.0
"""Between two renewals of the lease and of the figures."""
LEASE_SECONDS: Final = 20.0
REGISTERS: Final = ("deliveries", "quarantine")
"""Each flush adds a file to them."""
FLUSH_SECONDS: Final = 60.0
"""A row waits so long at most while the machine keeps up. Sooner would be no use to the stream, which has it already, and make more files than the lake bears well."""
FLUSH_ROWS: Final = 50_000
"""So many rows are brought at once, however short they waited: the lake is looked through once for all of them."""
REST: Final = 9
"""A flush is followed by a rest of so many times what it took: a tenth of a core, so that the stream and the desk have the others."""
REST_SECONDS: Final = 20.0
"""But never by a longer one."""
LEDGER_SECONDS: Final = 600.0
LEDGER_ROWS: Final = 200_000
"""The ledger is brought up to the lake when rows it has not got are so old or so many: the stream holds them beside it until then, about 60 MB."""
LEDGER_REST: Final = 4
"""Building the shards of a large book anew takes a minute; a fifth of the time goes to it at most."""
TIDY_SECONDS: Final = 60.0
"""Between two looks for what can be forgotten, or put together."""
PRUNE_ROWS: Final = 5_000
"""Rows forgotten in one transaction: whoever appends waits for it, some milliseconds."""
KEPT_DAYS: Final = 1.0
"""What is in the lake stays in the log for a day: should a power cut take the lake's last files, they are brought again."""
REPLIES_DAYS: Final = 3.0
"""Answers are kept over a weekend for senders who ask again."""
PAUSES: Final = (1.0, 2.0, 5.0, 10.0, 30.0)
"""Before what failed is tried again, growing."""


@dataclass
class Keeper:
    """What the process remembers; its moments are told by `clock`."""

    home: Home
    clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
    step: Callable[[str], None] = lambda _: None
    """Told each durable step before it is taken, so that tests can kill there."""
    flush_seconds: float = FLUSH_SECONDS
    ledger_seconds: float = LEDGER_SECONDS
    _figures: Figures = field(default_factory=lambda: Figures(NAME, 0))
    _first_waits: float | None = None
    """Since when rows wait, as seen here."""
    _flush_from: float = 0.0
    """Before it nothing is flushed, but what is too much."""
    _unledgered: int = 0
    _unledgered_since: float = 0.0
    _ledger_from: float = 0.0
    _tidy_at: float = 0.0
    _note_at: float = 0.0
    _failures: int = 0
    _try_from: float = 0.0

    def __post_init__(self) -> None:
        self.log = open_log(self.home)
        self._lease = Lease(self.log, NAME, LEASE_SECONDS, self.clock)

    @property
    def trouble(self) -> str:
        """What went wrong last; empty where nothing did since."""
        return self._figures.error

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop; what waits then is brought by whoever comes next."""
        while not stop.is_set():
            try:
                if time.monotonic() >= self._note_at and not self._hold():
                    stop.wait(NOTE_SECONDS)
                    continue
                if time.monotonic() >= self._try_from:
                    self.look()
                    self._failures = 0
            except Exception as error:  # noqa: BLE001 - a full disk, a lake that cannot be written: it is told, and tried again
                self._failed(error)
            stop.wait(LOOK_SECONDS)
        try:
            self._lease.release()
        except Exception as error:  # noqa: BLE001 - the lease runs out by itself
            LOG.warning("the lease of the log keeper was not given back: %s", error)

    def look(self) -> None:
        """Flush, refresh the ledger and prune where it is time for it."""
        now = time.monotonic()
        waiting = max(self.log.last() - self.log.place(PLACE), 0)
        self._figures.lag = waiting
        if waiting:
            self._first_waits = self._first_waits or now
        else:
            self._first_waits = None
        due = waiting >= FLUSH_ROWS or (self._first_waits is not None and now - self._first_waits >= self.flush_seconds)
        if due and now >= self._flush_from:
            self.flush()
        if self._ledger_due(time.monotonic()):
            self.refresh()
        if time.monotonic() >= self._tidy_at:
            self._tidy_at = time.monotonic() + TIDY_SECONDS
            self.prune()
            self.put_together()

    def flush(self) -> Flushed:
        """Bring to the lake what the log holds now."""
        began = time.monotonic()
        now = self.clock()
        done = flush(self.home, now, business_date.open_business_date(self.home, now), step=self.step)
        took = time.monotonic() - began
        if done.busy:
            self._flush_from = time.monotonic() + LOOK_SECONDS
            return done
        self._first_waits = None
        self._flush_from = time.monotonic() + min(REST * took, REST_SECONDS)
        of_ledger = sum(brought.new for table, brought in done.tables.items() if table in TABLES)
        if of_ledger and not self._unledgered:
            self._unledgered_since = time.monotonic()
        self._unledgered += of_ledger
        self._count(done, took)
        return done

    def refresh(self) -> None:
        """Bring the ledger up to the lake."""
        began = time.monotonic()
        refresh(self.home, lambda *_: None)
        self._unledgered = 0
        self._ledger_from = time.monotonic() + min(LEDGER_REST * (time.monotonic() - began), LEDGER_SECONDS)

    def prune(self) -> int:
        """Forget what is in the lake and in the ledger in force and is older than a day; the place up to which nothing is left."""
        now = self.clock().timestamp()
        done = self.log.pruned()
        held = marks_at(self.home, TABLES, read_pointer(self.home.ledger).lake)
        most = min([through(self.home, self.log), *held.values()])
        while True:
            upto = self._aged(done, now - KEPT_DAYS * 86_400)
            if min(upto, most) <= done:
                self.log.prune(done, now - REPLIES_DAYS * 86_400)
                return done
            done = min(upto, most)
            self.log.prune(done, now - REPLIES_DAYS * 86_400)

    def put_together(self) -> int:
        """Put together the small files that flushes left of the registers; how many there were. Facts stay as they are: the ledger names their files."""
        try:
            with journal.locked(self.home, flushing=True):
                return sum(lake.put_together(self.home, table) for table in REGISTERS)
        except journal.BusyError:
            return 0

    def _aged(self, after: int, before: float) -> int:
        """The last place of some parcels behind a place that were accepted before a moment; the place itself where there are none."""
        found = self.log.store.rows(
            "SELECT max(last) FROM (SELECT last, accepted_at FROM parcels WHERE first > ? AND first <= ? ORDER BY first) WHERE accepted_at < ?",
            (after, after + PRUNE_ROWS, before),
        )
        return int(found[0][0] or after)

    def _ledger_due(self, now: float) -> bool:
        if not self._unledgered or now < self._ledger_from:
            return False
        return self._unledgered >= LEDGER_ROWS or now - self._unledgered_since >= self.ledger_seconds

    def _hold(self) -> bool:
        """Whether the lease is ours, renewed; what is noted of this minute goes with it."""
        now = self.clock().timestamp()
        if not self._lease.take():
            return False
        self._note_at = time.monotonic() + NOTE_SECONDS
        self._note(int(now // 60))
        return True

    def _count(self, done: Flushed, took: float) -> None:
        moment = self.clock().timestamp()
        self._minute(int(moment // 60))
        figures = self._figures
        figures.events += done.rows
        figures.batches += done.batches
        figures.refused += done.quarantined
        figures.busy_ms += took * 1000
        figures.lag, figures.error = max(self.log.last() - done.through, 0), ""
        for accepted_at, rows in done.accepted_at:
            figures.took((moment - accepted_at) * 1000, rows)
        self._note(figures.minute)

    def _minute(self, minute: int) -> None:
        if minute != self._figures.minute:
            self._figures = Figures(NAME, minute, lag=self._figures.lag, error=self._figures.error)

    def _note(self, minute: int) -> None:
        self._minute(minute)
        with self.log.store.writing() as connection:
            note(connection, self._figures)

    def _failed(self, error: Exception) -> None:
        """Say what went wrong, once while it stays the same, and wait before it is tried again."""
        said = str(error) or repr(error)
        if said != self._figures.error:
            LOG.warning("the log waits for the lake: %s", said, exc_info=not self._failures)
        self._figures.error = said
        self._try_from = time.monotonic() + PAUSES[min(self._failures, len(PAUSES) - 1)]
        self._failures += 1


def main() -> None:
    """Run until the process is told to end."""
    in_home(lambda home, stop: Keeper(home).run(stop))


if __name__ == "__main__":
    main()
