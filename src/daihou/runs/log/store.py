"""The database of the log: `log.sqlite3` of the home, its tables, and connections that wait for one another.

What is committed is on the disk: `synchronous=FULL`. Readers do not hold writers up (WAL), and writers take turns.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FILE: Final = "log.sqlite3"
FORMAT: Final = 1
PATIENCE_SECONDS: Final = 20.0
"""How long a writer waits for another."""

TABLES: Final = """
CREATE TABLE IF NOT EXISTS ends (one INTEGER PRIMARY KEY CHECK (one = 1), last INTEGER NOT NULL, closed_through TEXT, pruned INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS parcels (
    first INTEGER PRIMARY KEY, last INTEGER NOT NULL, "table" TEXT NOT NULL, source TEXT NOT NULL, accepted_at REAL NOT NULL, body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS replies (
    client TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL, reply TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY (client, key)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS replies_at ON replies (at);
CREATE TABLE IF NOT EXISTS places (name TEXT PRIMARY KEY, place INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS offsets (
    topic TEXT NOT NULL, partition INTEGER NOT NULL, next INTEGER NOT NULL, newest INTEGER NOT NULL, lost INTEGER NOT NULL, PRIMARY KEY (topic, partition)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS leases (name TEXT PRIMARY KEY, holder TEXT NOT NULL, until REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refused (place INTEGER PRIMARY KEY, "table" TEXT NOT NULL, "column" TEXT NOT NULL, reason TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS standing (
    as_of TEXT NOT NULL, rule_id TEXT NOT NULL, subject_id TEXT NOT NULL, signal_id TEXT NOT NULL, transition TEXT NOT NULL,
    PRIMARY KEY (as_of, rule_id, subject_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS signals (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, as_of TEXT NOT NULL, signal_id TEXT NOT NULL, transition TEXT NOT NULL, place INTEGER NOT NULL,
    accepted_at REAL NOT NULL, at REAL NOT NULL, body TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS figures (name TEXT NOT NULL, minute INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (name, minute)) WITHOUT ROWID;
INSERT OR IGNORE INTO ends VALUES (1, 0, NULL, 0);
"""


class Store:
    """Connections to the log's database, one a thread."""

    def __init__(self, path: Path, begins: Callable[[], int] = lambda: 0) -> None:
        """Open the database; `begins` is asked when it is made: the place behind which its first row stands."""
        self.path = path
        self._own = threading.local()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._prepare(begins)

    @property
    def connection(self) -> sqlite3.Connection:
        """That of the thread."""
        found: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if found is None:
            found = self._own.connection = self._opened()
        return found

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that is on the disk when it ends, or has never been."""
        connection = self.connection
        with told(self.path):
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def rows(self, statement: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        with told(self.path):
            return self.connection.execute(statement, values).fetchall()

    def changed(self) -> int:
        """A number that differs whenever another connection has committed: the cheapest question there is."""
        with told(self.path):
            number: int = self.connection.execute("PRAGMA data_version").fetchone()[0]
        return number

    def close(self) -> None:
        """Close the connection of the thread."""
        found: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if found is not None:
            found.close()
            self._own.connection = None

    def _opened(self) -> sqlite3.Connection:
        with told(self.path):
            connection = sqlite3.connect(self.path, timeout=PATIENCE_SECONDS, isolation_level=None)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
        return connection

    def _prepare(self, begins: Callable[[], int]) -> None:
        place = 0 if self.path.exists() and self.path.stat().st_size else begins()
        with told(self.path):
            (version,) = self.connection.execute("PRAGMA user_version").fetchone()
            if version == FORMAT:
                return
            if version > FORMAT:
                raise DaihouError(
                    "The log was written by a newer version of daihou.",
                    "Install that version.",
                    str(self.path),
                    zh=("事件日志由更新版本的 daihou 写入。", "请安装相应版本。"),
                )
            place = place or begins()  # another may have begun to make it; only the tables say that it is made
            first = f"UPDATE ends SET last = {place:d}, pruned = {place:d} WHERE last = 0;"
            self.connection.executescript(f"BEGIN IMMEDIATE; {TABLES} {first} PRAGMA user_version = {FORMAT}; COMMIT;")


@contextmanager
def told(path: Path) -> Iterator[None]:
    """What goes wrong with the database said as it is to be said: where, and what to do."""
    try:
        yield
    except sqlite3.OperationalError as error:
        busy = "locked" in str(error) or "busy" in str(error)
        raise LogError(
            f"The log cannot be written or read: {error}.",
            "Try again in a moment."
            if busy
            else "Is the disk full, or may the process not write there? Free it, and try again.",
            str(path),
            zh=(f"事件日志无法读写：{error}。", "请稍后重试。" if busy else "请检查磁盘空间与写入权限后重试。"),
        ) from error
    except sqlite3.DatabaseError as error:
        raise LogError(
            f"The log is damaged: {error}.",
            "Restore it from a backup.",
            str(path),
            zh=(f"事件日志已损坏：{error}。", "请从备份恢复。"),
        ) from error


class LogError(DaihouError):
    """The log cannot do what was asked of it now: nothing was accepted."""
