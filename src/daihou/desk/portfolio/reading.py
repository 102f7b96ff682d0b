"""Reading what runs wrote: one in-memory DuckDB a process, a cursor a query, over the files of a pair of dates."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final

import duckdb
from django.conf import settings

from daihou.book import money
from daihou.desk.portfolio import moments, shelf
from daihou.runs.policies import read_policies

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa

    from daihou.book.home import Home
    from daihou.desk.people.reach import Reach
    from daihou.desk.portfolio.moments import Moment, Pair
    from daihou.policies.buckets import Buckets

SCHEME: Final = "buckets_cycles"
"""The buckets that moves are told in, by due dates unpaid, as wide as a month: the `place` of a loan on the shelf."""
ATTACHED: Final = 4 * shelf.KEPT
"""Files of the shelf that stay open: more than a query asks for at once, in every thread together."""
_LOCK = threading.RLock()
_OPEN: dict[int, duckdb.DuckDBPyConnection] = {}
_ATTACHED: list[str] = []


def _database() -> duckdb.DuckDBPyConnection:
    """The process's own database; a forked process opens another."""
    with _LOCK:
        found = _OPEN.get(os.getpid())
        if found is None:
            found = duckdb.connect(
                config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
            )
            _OPEN.clear()
            _ATTACHED.clear()
            _OPEN[os.getpid()] = found
        return found


def table(sql: str, parameters: Sequence[Any] = ()) -> pa.Table:
    """The answer to a query, whole."""
    with _database().cursor() as cursor:
        return cursor.sql(sql, params=list(parameters)).to_arrow_table()


def rows(sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
    """The answer to a query as plain rows."""
    return table(sql, parameters).to_pylist()  # type: ignore[no-any-return]


def batches(sql: str, parameters: Sequence[Any] = (), size: int = 16_384) -> Iterator[pa.RecordBatch]:
    """The answer to a query as a stream."""
    with _database().cursor() as cursor:
        yield from cursor.sql(sql, params=list(parameters)).to_arrow_reader(size)


def attached(file: Path, table: str) -> str:
    """A table of a file of a shelf, in this process's database; of many files, what was not asked for longest is let go."""
    database = _database()
    with _LOCK:
        if file.stem in _ATTACHED:
            _ATTACHED.remove(file.stem)
        else:
            database.execute(f"ATTACH {literal(str(file))} AS s{file.stem} (READ_ONLY)")
        _ATTACHED.append(file.stem)
        if len(_ATTACHED) > ATTACHED:
            database.execute(f"DETACH s{_ATTACHED.pop(0)}")
        return f"s{file.stem}.{table}"


@dataclass(frozen=True)
class Source:
    """One table of a pair of dates as SQL, and what it holds."""

    name: str
    pair: Pair
    stamp: str

    @cached_property
    def sql(self) -> str:
        """What stands behind FROM: for loans their table on the shelf, else the run's own files."""
        if self.name == "snapshots":
            return attached(shelf.take(settings.HOME.path / "shelf", self.paths, scheme(self.pair[0])), "loans")
        return self.written

    @property
    def written(self) -> str:
        """The run's own files."""
        return f"read_parquet([{', '.join(literal(path) for path in self.paths)}], union_by_name=true)"

    @property
    def paths(self) -> tuple[str, ...]:
        """Its files."""
        return moments.files(self.name, self.pair, self.stamp)

    @property
    def columns(self) -> frozenset[str]:
        """The columns of its files; those that came after they were written are not among them, and on the shelf empty."""
        return _columns(self.paths)

    @property
    def amount_unit(self) -> int | str:
        """Minor units in a unit of the row's currency: a number where all rows agree, else SQL that tells it by row."""
        found = _currencies(moments.files("cube", self.pair, self.stamp))
        exponents = {code: money.exponent(code) for code in found}
        if len(set(exponents.values())) <= 1:
            return int(10 ** next(iter(exponents.values()), 2))
        cases = " ".join(f"WHEN '{code}' THEN {10**places}" for code, places in exponents.items())
        return f"CASE currency {cases} ELSE 100 END"

    @property
    def currencies(self) -> tuple[str, ...]:
        """The currencies that its loans are in."""
        return _currencies(moments.files("cube", self.pair, self.stamp))


def snapshots(moment: Moment, pair: Pair | None = None) -> Source:
    """The loans of a pair of dates."""
    return Source("snapshots", pair or moment.pair, moment.stamp)


def scheme(day: dt.date) -> Buckets:
    """The buckets that moves are told in, as in force on a day; read again when the house's own file of them changes."""
    own = settings.HOME.path / "policies" / f"{SCHEME}.yaml"
    return _scheme(settings.HOME, own.stat().st_mtime_ns if own.exists() else 0, day)


@lru_cache(maxsize=64)
def _scheme(home: Home, changed: int, day: dt.date) -> Buckets:  # noqa: ARG001 - the time is part of the cache's key
    return read_policies(home).scheme(SCHEME, day)


def base_unit() -> int:
    """Minor units in a unit of the base currency."""
    return money.unit(settings.HOME.settings.base_currency)


def within(reach: Reach, cuts: Sequence[tuple[str, Sequence[str]]]) -> tuple[str, list[Any]]:
    """What lies in reach and, of each column named, has one of some values: a condition, with its parameters."""
    condition, values = reach.sql()
    for name, wanted in cuts:
        condition += f' AND "{name}" IN ({", ".join("?" * len(wanted))})'
        values = [*values, *wanted]
    return condition, values


def literal(path: str) -> str:
    """A text as SQL says it."""
    return "'" + path.replace("'", "''") + "'"


@lru_cache(maxsize=64)
def _columns(paths: tuple[str, ...]) -> frozenset[str]:
    if not paths:
        return frozenset()
    listed = ", ".join(literal(path) for path in paths)
    return frozenset(
        row["name"] for row in rows(f"SELECT DISTINCT name FROM parquet_schema([{listed}]) WHERE num_children IS NULL")
    )


@lru_cache(maxsize=64)
def _currencies(paths: tuple[str, ...]) -> tuple[str, ...]:
    if not paths:
        return ()
    listed = ", ".join(literal(path) for path in paths)
    return tuple(
        row["currency"]
        for row in rows(f"SELECT DISTINCT currency FROM read_parquet([{listed}]) WHERE currency IS NOT NULL ORDER BY 1")
    )


@lru_cache(maxsize=64)
def occurring(stamp: str, pair: Pair, name: str) -> tuple[str, ...]:
    """The codes of a dimension of the cube that occur on a pair of dates, in order."""
    source = Source("cube", pair, stamp)
    found = rows(f'SELECT DISTINCT "{name}" AS code FROM {source.sql} WHERE "{name}" IS NOT NULL ORDER BY 1')
    return tuple(row["code"] for row in found)
