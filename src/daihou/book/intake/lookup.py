"""A DuckDB over one staged delivery and what the lake already holds, in bounded memory, for checks over many rows."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import duckdb
import pyarrow.parquet as pq

from daihou.book import lake
from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from daihou.book.contracts import Table
    from daihou.book.home import Home

_MEMORY: Final = "800MB"


def quoted(name: str, of: str = "") -> str:
    """Return a column name quoted for SQL, with its relation in front if given."""
    return f'{of}."{name}"' if of else f'"{name}"'


def listed(names: Sequence[str], of: str = "") -> str:
    """Return quoted column names, separated by commas."""
    return ", ".join(quoted(name, of) for name in names)


@dataclass(frozen=True, slots=True)
class Coming:
    """Loans that go into the lake together with the rows that are looked at, and in one order with them."""

    staged: Sequence[Path]
    ahead: int
    """What is added to the number of a row of theirs so that the rows looked at which came after it have greater numbers."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """The connection with its views: `staged` (the delivery), `stored` (the lake's table), `loans` (the lake's loans).

    `loans.since` is the number that a row of the delivery must be beyond to have come after the loan: 0 of what is in the lake.
    `rejected(row, col, reason, place)` gathers rows that may not go in, `unchanged(row)` rows that add nothing.
    """

    connection: duckdb.DuckDBPyConnection
    table: Table
    batch: int
    has_stored: bool
    has_loans: bool

    def run(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a statement and return all its rows; DaihouError where it would need too much memory."""
        try:
            return self.connection.execute(statement, list(values)).fetchall()
        except duckdb.OutOfMemoryException as error:
            raise DaihouError(
                "Checking the file against the lake needs more memory than it may take.",
                "Send the file in parts.",
                zh=("核对该文件所需内存超出上限。", "请将文件拆分后分批报送。"),
            ) from error

    def number(self, statement: str) -> int:
        """Return the single number a statement yields."""
        return int(self.run(statement)[0][0])

    def reject(self, select: str) -> None:
        """Add rows to `rejected` from a select of (row, column, reason)."""
        place = self.number("SELECT count(*) FROM rejected")
        self.run(f"INSERT INTO rejected SELECT *, {place} FROM ({select})")


@contextmanager
def looked_up(
    home: Home, table: Table, batch: int, staged: Sequence[Path], folder: Path, coming: Coming | None = None
) -> Iterator[Lookup]:
    """Open a lookup over staged files; its spill files lie in the delivery's folder."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": _MEMORY,
        "temp_directory": str(folder / "spill"),
        "preserve_insertion_order": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "python_enable_replacements": False,
    }
    connection = duckdb.connect(config=config)
    try:
        stored = lake.files(home, table.name)
        loans = stored if table.name == "loans" else lake.files(home, "loans")
        _view(connection, "staged", table.name, staged)
        _view(connection, "stored", table.name, stored)
        _view(connection, "known", "loans", loans)
        selects = ["SELECT *, 0 AS since FROM known"]
        if coming is not None and coming.staged:
            _view(connection, "coming", "loans", coming.staged)
            selects.append(f'SELECT *, "row" + {coming.ahead} AS since FROM coming')
        connection.execute(f"CREATE VIEW loans AS {' UNION ALL '.join(selects)}")
        connection.execute("CREATE TEMP TABLE rejected (row BIGINT, col VARCHAR, reason VARCHAR, place BIGINT)")
        connection.execute("CREATE TEMP TABLE unchanged (row BIGINT)")
        connection.execute('CREATE VIEW fresh AS SELECT * FROM staged WHERE "row" NOT IN (SELECT row FROM rejected)')
        yield Lookup(connection, table, batch, bool(stored), bool(loans) or len(selects) > 1)
    finally:
        connection.close()


def _view(connection: duckdb.DuckDBPyConnection, name: str, table: str, paths: Sequence[Path]) -> None:
    if not paths:
        connection.register(name, lake.schema(table).empty_table())
        return
    files = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
    columns = listed(lake.schema(table).names)
    rows = f"read_parquet([{files}])"
    if not all(set(lake.schema(table).names) <= _columns(path) for path in paths):
        # Written before the contract had all of its columns: an empty table of these gives the rest, empty.
        connection.register(f"whole_{name}", lake.schema(table).empty_table())
        rows = f"(FROM whole_{name} UNION ALL BY NAME FROM read_parquet([{files}], union_by_name = true))"
    connection.execute(f"CREATE VIEW {name} AS SELECT {columns} FROM {rows}")


@lru_cache(maxsize=100_000)
def _columns(path: Path) -> frozenset[str]:
    """The columns of a file, which never changes: a process that looks again and again opens each file once."""
    return frozenset(pq.read_schema(path).names)
