"""Desks of their own, beside the one of the test process: a home, its database there or in the PostgreSQL under test, and processes over them.

A database is migrated once for all workers of a run, and copied.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

import psycopg

from once import once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pytest

TEMPLATE: Final = "own_template"
"""The database of PostgreSQL that a new desk's is copied from: its tables, and its first administrator."""
ASK = """
import json, sys
from daihou.cli.desk import django_ready
django_ready()
from daihou.desk.jobs.transitions import request
from daihou.desk.people.models import User
print(request(sys.argv[1], json.loads(sys.argv[2]), User.objects.get(username="admin")).pk)
"""


@dataclass
class Desk:
    """A home with its database, asked from outside as an administrator of databases would."""

    home: Path
    url: str
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """What its processes are given."""
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("DAIHOU", "DJANGO", "DATABASE"))
        }
        more = {"DATABASE_URL": self.url} if self.url else {}
        return (
            kept
            | {"DAIHOU_HOME": str(self.home), "DAIHOU_LANG": "en", "DJANGO_SETTINGS_MODULE": "daihou.desk.settings"}
            | more
        )

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows that a statement gives."""
        if self.url:
            with psycopg.connect(self.url, autocommit=True) as connection:
                found = connection.execute(sql.replace("?", "%s"), values)
                return list(found.fetchall()) if found.description else []
        local = sqlite3.connect(self.home / "desk.sqlite3", isolation_level=None, timeout=20)
        try:
            return list(local.execute(sql, values).fetchall())
        finally:
            local.close()

    def daihou(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            [sys.executable, "-m", "daihou.cli.main", *words],
            env=self.environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )

    def python(self, code: str, *words: str, **environment: str) -> str:
        """Run a script to its end; what it printed."""
        ended = subprocess.run(
            [sys.executable, "-c", code, *words],
            env=self.environment | environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def ask(self, kind: str, arguments: dict[str, Any]) -> int:
        """Put a job in the queue; its number."""
        return int(self.python(ASK, kind, json.dumps(arguments)))

    def worker(self) -> subprocess.Popen[bytes]:
        """Start a worker."""
        self.processes.append(subprocess.Popen([sys.executable, "-m", "daihou.desk.jobs.worker"], env=self.environment))
        return self.processes[-1]

    def job(self, number: int, *columns: str) -> tuple[Any, ...]:
        """Columns of a job."""
        return self.query(f"SELECT {', '.join(columns)} FROM jobs_job WHERE id = ?", number)[0]

    def until(self, number: int, holds: Callable[[str], bool], seconds: float = 90) -> str:
        """Wait for a status of a job; the status."""
        end = time.monotonic() + seconds
        while not holds(status := self.job(number, "status")[0]):
            assert time.monotonic() < end, (
                f"job {number} is {status}: {self.job(number, 'output', 'worker', 'beat_at')}"
            )
            time.sleep(0.1)
        return str(status)

    def end(self) -> None:
        """End what it started, and drop its database where that lies in PostgreSQL."""
        for process in self.processes:
            process.kill()
            process.wait()
        if self.url:
            _ask(f"DROP DATABASE {self.url.rsplit('/', 1)[1]} WITH (FORCE)")


D = TypeVar("D", bound=Desk)


@contextmanager
def own(factory: pytest.TempPathFactory, home: Path, kind: type[D]) -> Iterator[D]:
    """A desk over a home, which may hold a book already: it has its tables and its first administrator, and no process yet. What it started is ended."""
    made = kind(home, begin(factory, home, f"own_{secrets.token_hex(4)}"))
    try:
        yield made
    finally:
        made.end()


def begin(factory: pytest.TempPathFactory, home: Path, name: str) -> str:
    """Give a home what `daihou init` gives it, where it has no such file yet; the address of its database, which has this name in PostgreSQL."""

    def build(folder: Path) -> None:
        (folder / "home").mkdir()
        if not os.environ.get("DATABASE_URL"):
            put_tables(factory, folder / "home")
        ended = Desk(folder / "home", created(TEMPLATE, "template1")).daihou("init")
        assert ended.returncode == 0, ended.stderr

    begun = once(factory, "begun", build) / "home"
    home.mkdir(parents=True, exist_ok=True)
    for path in begun.iterdir():
        if path.is_file() and not (home / path.name).exists():
            shutil.copy(path, home)
    return created(name, TEMPLATE)


def put_tables(factory: pytest.TempPathFactory, home: Path) -> None:
    """Give a home a database in SQLite with all tables, and nobody in it."""

    def build(folder: Path) -> None:
        words = [sys.executable, "-m", "django", "migrate", "--verbosity", "0"]
        subprocess.run(words, env=Desk(folder, "").environment, check=True)

    home.mkdir(parents=True, exist_ok=True)
    shutil.copy(once(factory, "tables", build) / "desk.sqlite3", home)


def created(name: str, template: str) -> str:
    """The address of a new database in the PostgreSQL under test, the copy of another; empty where SQLite is tested."""
    stated = os.environ.get("DATABASE_URL", "")
    if not stated:
        return ""
    _ask(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    _ask(f"CREATE DATABASE {name} TEMPLATE {template}")
    return f"{stated.rsplit('/', 1)[0]}/{name}"


def _ask(statement: str) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(statement)
