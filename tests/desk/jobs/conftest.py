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
from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

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


@pytest.fixture
def desk(book: Any, tmp_path: Path) -> Iterator[Desk]:
    """A desk with the small book and its first administrator; no process of it runs yet."""
    home = tmp_path / "home"
    shutil.copytree(settings.HOME.path, home, ignore=shutil.ignore_patterns("desk.*", "jobs", "static"))
    made = Desk(home, "")
    name, stated = f"own_{secrets.token_hex(4)}", os.environ.get("DATABASE_URL", "")
    if stated:
        with psycopg.connect(stated, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        made.url = f"{stated.rsplit('/', 1)[0]}/{name}"
    ended = made.daihou("init")
    assert ended.returncode == 0, ended.stderr
    yield made
    for process in made.processes:
        process.kill()
        process.wait()
    if stated:
        with psycopg.connect(stated, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
