"""The log of single facts: parcels of judged rows, each with a place in one order, durable once they are appended.

A *place* is the number of a row in the order of arrival, from 1. A parcel holds rows of one table, judged and typed as they lie in the lake, at
places that follow one another. What is refused at the door is a parcel of the table `quarantine`. Nothing in the log is ever changed; parcels that
are in the lake, and in every ledger that is read, are forgotten at last.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from daihou.book import contracts, lake
from daihou.book.errors import DaihouError
from daihou.runs.log.store import FILE, Store

if TYPE_CHECKING:
    import datetime as dt
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from daihou.book.home import Home

QUARANTINE: Final = "quarantine"
REGISTER: Final = "deliveries"


@dataclass(frozen=True, slots=True)
class Parcel:
    """Rows of one table on their way in."""

    table: str
    rows: pa.Table
    """In the lake's schema of the table; `batch` is 0 and `row` is nothing yet: both are given when it is brought to the lake."""
    source: str
    """Who sent it: `api:CLIENT`, `kafka:TOPIC`, `desk`."""


@dataclass(frozen=True, slots=True)
class Held:
    """A parcel of the log."""

    first: int
    last: int
    table: str
    source: str
    accepted_at: float
    """Seconds since 1970."""
    body: bytes

    def rows(self) -> pa.Table:
        """Its rows."""
        return pa.ipc.open_stream(self.body).read_all()


@dataclass(frozen=True, slots=True)
class Once:
    """By what a sender names one request, so that sending it again gives the answer that it got."""

    client: str
    key: str
    digest: str
    """Of what was sent: the same key with anything else is a mistake."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What one request appends: its parcels, by what it is named, and what is answered to it once the places are known."""

    parcels: Sequence[Parcel]
    once: Once | None = None
    reply: Callable[[list[tuple[int, int]]], dict[str, Any]] | None = None


class Repeated(Exception):  # noqa: N818 - it is no error: the answer stands
    """A request that came before; nothing was appended."""

    def __init__(self, reply: dict[str, Any], *, same: bool) -> None:
        super().__init__("the request came before")
        self.reply = reply
        self.same = same
        """Whether it holds what the first held."""


class ClosedError(DaihouError):
    """A business date that was open when rows were judged is closed now: judge them again."""


class LostLogError(DaihouError):
    """The log is not the one that the lake was filled from."""


class LostError(Exception):
    """A lease that was ours is another's now: whoever worked under it must stop, and wait for its turn."""


class Log:
    """The log of a home. Any number of processes and threads may use it at once."""

    def __init__(self, path: Path, begins: Callable[[], int] = lambda: 0) -> None:
        """Open it, or make it so that its first row stands behind a place."""
        self.store = Store(path, begins)

    def append(
        self, parcels: Sequence[Parcel], now: float, once: Once | None = None, reply: Callable[[list[tuple[int, int]]], dict[str, Any]] | None = None,
        also: Callable[[sqlite3.Connection], None] | None = None,
    ) -> list[tuple[int, int]]:  # fmt: skip
        """Append parcels in one transaction; the first and last place of each. They are on the disk when this returns.

        With `once`, `reply` makes of the places what is answered, which is kept; Repeated where the request came before. `also` writes more in the same
        transaction, as offsets of a feed. ClosedError where a row is known on a business date that a run has closed meanwhile.
        """
        (came,) = self.append_all([Sent(parcels, once, reply)], now, also)
        if isinstance(came, Repeated):
            raise came
        return came

    def append_all(
        self, all_sent: Sequence[Sent], now: float, also: Callable[[sqlite3.Connection], None] | None = None
    ) -> list[list[tuple[int, int]] | Repeated]:
        """The same of several requests in one transaction; what became of each: its places, or that it came before.

        ClosedError where a row of any of them is known on a business date that was closed meanwhile: then nothing was appended.
        """
        bodies = [[(one, encoded(one.rows)) for one in sent.parcels if one.rows.num_rows] for sent in all_sent]
        known = [_known_from(parcel) for of_sent in bodies for parcel, _ in of_sent]
        came: list[list[tuple[int, int]] | Repeated] = []
        with self.store.writing() as connection:
            before, closed = connection.execute("SELECT last, closed_through FROM ends").fetchone()
            if closed is not None and any(day is not None and day.isoformat() <= closed for day in known):
                raise ClosedError(f"{closed} is closed.", "Send it again.", zh=(f"{closed} 已关账。", "请重新发送。"))
            last = before
            for sent, of_sent in zip(all_sent, bodies, strict=True):
                repeated = None if sent.once is None else _came_before(connection, sent.once)
                if repeated is not None:
                    came.append(repeated)
                    continue
                places = []
                for parcel, body in of_sent:
                    first, last = last + 1, last + parcel.rows.num_rows
                    connection.execute(
                        "INSERT INTO parcels VALUES (?, ?, ?, ?, ?, ?)",
                        (first, last, parcel.table, parcel.source, now, body),
                    )
                    places.append((first, last))
                if sent.once is not None and sent.reply is not None:
                    _keep(connection, sent.once, sent.reply(places), now)
                came.append(places)
            if last != before:
                connection.execute("UPDATE ends SET last = ?", (last,))
            if also is not None:
                also(connection)
        return came

    def read(self, after: int, most: int = 10_000) -> list[Held]:
        """Whole parcels behind a place in order, of about so many rows; at least one, where there is any."""
        found: list[Held] = []
        rows = 0
        with_first = (
            'SELECT first, last, "table", source, accepted_at, body FROM parcels WHERE first > ? ORDER BY first LIMIT ?'
        )
        for row in self.store.rows(with_first, (after, most)):
            if found and rows + row[1] - row[0] + 1 > most:
                break
            found.append(Held(*row))
            rows += row[1] - row[0] + 1
        return found

    def between(self, after: int, through: int, most: int = 10_000) -> Iterator[list[Held]]:
        """Whole parcels behind a place that begin up to another, some at a time."""
        while held := [one for one in self.read(after, most) if one.first <= through]:
            yield held
            after = held[-1].last

    def last(self) -> int:
        """The place of the newest row; 0 before the first."""
        return int(self.store.rows("SELECT last FROM ends")[0][0])

    def pruned(self) -> int:
        """The place up to which parcels were forgotten."""
        return int(self.store.rows("SELECT pruned FROM ends")[0][0])

    def changed(self) -> int:
        """A number that differs whenever another connection has committed."""
        return self.store.changed()

    def place(self, name: str) -> int:
        """How far somebody has come; 0 before the start."""
        found = self.store.rows("SELECT place FROM places WHERE name = ?", (name,))
        return int(found[0][0]) if found else 0

    def move(self, name: str, to: int) -> None:
        """Note how far somebody has come."""
        with self.store.writing() as connection:
            moved(connection, name, to)

    def close_day(self, day: dt.date) -> None:
        """From now on nothing is appended that is known on the day or before, but marked backfills."""
        with self.store.writing() as connection:
            connection.execute(
                "UPDATE ends SET closed_through = max(coalesce(closed_through, ''), ?)", (day.isoformat(),)
            )

    def closed_through(self) -> str | None:
        """The last business date that takes no more facts, as ISO text."""
        found: str | None = self.store.rows("SELECT closed_through FROM ends")[0][0]
        return found

    def reopen_day(self, before: str | None) -> None:
        """Take back what `close_day` did, as the run that closed it did not come to its end; `before` is what stood then."""
        with self.store.writing() as connection:
            connection.execute("UPDATE ends SET closed_through = ?", (before,))

    def lease(self, name: str, holder: str, now: float, seconds: float) -> bool:
        """Whether the holder has a lease for so long: it had it, or nobody has. One that ends later than any could was given before the clock was set back."""
        with self.store.writing() as connection:
            connection.execute(
                "INSERT INTO leases VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until "
                "WHERE leases.holder = excluded.holder OR leases.until < ? OR leases.until > ?",
                (name, holder, now + seconds, now, now + 2 * seconds),
            )
            held: tuple[str] = connection.execute("SELECT holder FROM leases WHERE name = ?", (name,)).fetchone()
        return held[0] == holder

    def renew(self, name: str, holder: str, until: float) -> bool:
        """Whether the holder still has a lease; until that moment, then."""
        with self.store.writing() as connection:
            statement = "UPDATE leases SET until = ? WHERE name = ? AND holder = ?"
            return connection.execute(statement, (until, name, holder)).rowcount > 0

    def release(self, name: str, holder: str) -> None:
        """Give a lease back."""
        with self.store.writing() as connection:
            connection.execute("DELETE FROM leases WHERE name = ? AND holder = ?", (name, holder))

    def prune(self, through: int, replies_before: float) -> None:
        """Forget parcels up to a place, and answers to requests older than a moment."""
        with self.store.writing() as connection:
            connection.execute("DELETE FROM parcels WHERE first <= ? AND last <= ?", (through, through))
            connection.execute("UPDATE ends SET pruned = max(pruned, ?)", (through,))
            connection.execute("DELETE FROM replies WHERE at < ?", (replies_before,))

    def close(self) -> None:
        """Close the connection of the thread."""
        self.store.close()


def moved(connection: sqlite3.Connection, name: str, to: int) -> None:
    """Note within a transaction how far somebody has come."""
    connection.execute(
        "INSERT INTO places VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET place = excluded.place", (name, to)
    )


def still_held(connection: sqlite3.Connection, name: str, holder: str) -> None:
    """LostError within a transaction where somebody else has a lease by now, or had it and gave it back. That it ran out is no matter while nobody took it."""
    found = connection.execute("SELECT holder FROM leases WHERE name = ?", (name,)).fetchone()
    if found is None or found[0] != holder:
        raise LostError(name)


def encoded(rows: pa.Table) -> bytes:
    """Rows as the bytes of an Arrow stream, schema and all: a later version of the contract still reads them."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_table(rows)
    made: bytes = sink.getvalue().to_pybytes()
    return made


def open_log(home: Home) -> Log:
    """The log of a home, made on first use; one for the process.

    LostLogError where it is gone though the lake was filled from it. Made from an empty file it begins behind what the lake has of it: else what came next
    would pass for brought already.
    """
    return _opened(home.path / FILE, home)


@cache
def _opened(path: Path, home: Home) -> Log:
    there = path.exists()

    def begins() -> int:
        place = max(lake.transaction(home, table, lake.LOG) for table in (*contracts.TABLES, REGISTER))
        if place and not there:
            raise LostLogError(
                f"The log is not there, but the lake was filled from it up to row {place}.",
                "Put it back, from the backup that belongs to the lake. If it is lost, make an empty file of that name: the log then begins behind that row.",
                str(path),
                zh=(
                    f"事件日志文件不存在，而数据湖已从日志取到第 {place} 条。",
                    "请将其放回原处，或从与数据湖配套的备份中恢复；确已丢失的，请新建一个同名空文件，日志将从该条之后重新开始。",
                ),
            )
        return place

    return Log(path, begins)


def _known_from(parcel: Parcel) -> dt.date | None:
    """The first date on which a row is known that is no marked backfill; None where there is none."""
    if parcel.table == QUARANTINE or "known_on" not in parcel.rows.column_names:
        return None
    days = [
        day
        for day, late in zip(parcel.rows["known_on"].to_pylist(), parcel.rows["backfill"].to_pylist(), strict=True)
        if not late
    ]
    return min(days, default=None)


def _came_before(connection: sqlite3.Connection, once: Once) -> Repeated | None:
    found = connection.execute(
        "SELECT digest, reply FROM replies WHERE client = ? AND key = ?", (once.client, once.key)
    ).fetchone()
    return None if found is None else Repeated(json.loads(found[1]), same=found[0] == once.digest)


def _keep(connection: sqlite3.Connection, once: Once, reply: dict[str, Any], now: float) -> None:
    said = json.dumps(reply, ensure_ascii=False)
    connection.execute("INSERT INTO replies VALUES (?, ?, ?, ?, ?)", (once.client, once.key, once.digest, said, now))
