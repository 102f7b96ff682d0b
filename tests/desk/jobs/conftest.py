"""A desk of its own, beside the one of the test process: its home holds the small book, its database lies there or in the PostgreSQL under test."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from once import once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TEMPLATE = "own_template"
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


@pytest.fixture(scope="session")
def initialised(_built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose `home` is the small book with its first administrator; its database, where it lies in PostgreSQL, is TEMPLATE."""

    def build(folder: Path) -> None:
        made = Desk(shutil.copytree(_built / "home", folder / "home"), _created(TEMPLATE, "template1"))
        ended = made.daihou("init")
        assert ended.returncode == 0, ended.stderr

    return once(tmp_path_factory, "initialised", build)


def _created(name: str, template: str) -> str:
    """The address of a new database in the PostgreSQL under test, the copy of another; empty where SQLite is tested."""
    stated = os.environ.get("DATABASE_URL", "")
    if not stated:
        return ""
    _ask(stated, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    _ask(stated, f"CREATE DATABASE {name} TEMPLATE {template}")
    return f"{stated.rsplit('/', 1)[0]}/{name}"


def _ask(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


@pytest.fixture
def desk(initialised: Path, tmp_path: Path) -> Iterator[Desk]:
    """A desk with the small book and its first administrator; no process of it runs yet."""
    name = f"own_{secrets.token_hex(4)}"
    made = Desk(shutil.copytree(initialised / "home", tmp_path / "home"), _created(name, TEMPLATE))
    yield made
    for process in made.processes:
        process.kill()
        process.wait()
    if made.url:
        _ask(os.environ["DATABASE_URL"], f"DROP DATABASE {name} WITH (FORCE)")
