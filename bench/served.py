"""The desk that the bench of the stream sends to: `daihou serve` over a home in processes of its own, a program with a token, and what its database has taken in.

What is sent comes from another process than those that take it in; the moment at which an alert is stored is when another connection to the desk's database
sees it.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from bisect import bisect_left
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

READY_SECONDS: Final = 1_800.0
"""The first start takes the night's signals in."""
LOOK_SECONDS: Final = 0.001
ENTER: Final = """
import django
django.setup()
from types import SimpleNamespace
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("createcachetable", verbosity=0)
from django.utils import timezone
from daihou.desk.people.models import Membership, User
from daihou.desk.programs import transitions
user, made = User.objects.get_or_create(username="bench", defaults={"name": "Bench"})
if made:
    Membership.objects.create(user=user, role="administrator")
by, now = SimpleNamespace(user=user, META={}), timezone.now()
values = {"name": "Core", "purpose": "", "scopes": ["facts:write"], "tables": [], "requests_per_second": 100000, "rows_per_second": 10000000}
program = transitions.enter("bench", values, by, now) if made else __import__("daihou.desk.programs.models", fromlist=["Program"]).Program.objects.get(code="bench")
print(transitions.issue_token(program, 30, by, now))
"""


@dataclass
class Served:
    """`daihou serve` over a home."""

    home: Path
    port: int = 0
    token: str = ""
    process: subprocess.Popen[bytes] | None = None

    def open(self) -> float:
        """Start it and wait until it answers; seconds."""
        self.token = subprocess.run(
            [sys.executable, "-c", ENTER], env=self._environment(), capture_output=True, text=True, check=True
        ).stdout.strip()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        began = time.perf_counter()
        words = [sys.executable, "-m", "daihou.cli.main", "serve", "--port", str(self.port)]
        with self.home.with_suffix(".log").open("w") as said:
            self.process = subprocess.Popen(
                words, env=self._environment(), stdout=said, stderr=said, start_new_session=True
            )
        while not self._answers():
            if self.process.poll() is not None or time.perf_counter() - began > READY_SECONDS:
                raise RuntimeError(self.home.with_suffix(".log").read_text())
            time.sleep(0.1)
        return time.perf_counter() - began

    def close(self) -> None:
        """End it."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)

    def anonymous(self) -> dict[str, float]:
        """What its processes hold in memory for themselves, in GB, by what they are; those of one kind together."""
        found: dict[str, float] = {}
        for folder in Path("/proc").iterdir():
            try:
                words = (folder / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
                ours = f"DAIHOU_HOME={self.home}\0".encode() in (folder / "environ").read_bytes() + b"\0"
                if ours and len(words) > 2:
                    lines = (folder / "status").read_text().splitlines()
                    (kb,) = [int(line.split()[1]) for line in lines if line.startswith("RssAnon")]
                    name = words[2] if words[1] == "-m" else words[1]
                    found[name] = found.get(name, 0.0) + kb / 2**20
            except (OSError, ValueError):
                continue
        return found

    def _answers(self) -> bool:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except OSError:
            return False

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("DAIHOU", "DJANGO"))}
        return kept | {
            "DAIHOU_HOME": str(self.home),
            "DJANGO_SETTINGS_MODULE": "daihou.desk.settings",
            "DAIHOU_LANG": "en",
        }


@dataclass
class Wire:
    """One connection of a program."""

    served: Served

    def __post_init__(self) -> None:
        """Open it."""
        self._connection = http.client.HTTPConnection("127.0.0.1", self.served.port, timeout=60)
        self._connection.connect()
        self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._head = {"Authorization": f"Bearer {self.served.token}"}

    def post(self, rows: Sequence[dict[str, Any]], *, lines: bool = False) -> dict[str, Any]:
        """Send payments, one or several, or as lines; waits where it is told to."""
        if lines:
            body, kind = "\n".join(map(json.dumps, rows)), "application/x-ndjson"
        else:
            body, kind = json.dumps(rows[0] if len(rows) == 1 else list(rows)), "application/json"
        while True:
            self._connection.request("POST", "/api/v1/facts/payments", body, self._head | {"Content-Type": kind})
            answer = self._connection.getresponse()
            told: dict[str, Any] = json.loads(answer.read())
            if answer.status == 202:
                return told
            if answer.status not in (429, 503):
                raise RuntimeError(f"{answer.status}: {told}")
            time.sleep(float(answer.headers["Retry-After"]))


@dataclass
class Stored:
    """When each thing that the stream said was in the desk's database, by another connection's eyes."""

    database: Path
    times: list[float] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin to look."""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._over.set()
        self._thread.join()

    def at(self, number: int) -> float | None:
        """When what has a number was there; None where it was not seen."""
        place = bisect_left(self.numbers, number)
        return self.times[place] if place < len(self.times) else None

    def _look(self) -> None:
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, isolation_level=None)
        while not self._over.wait(LOOK_SECONDS):
            ((number,),) = connection.execute("SELECT coalesce(max(told), 0) FROM alerts_cursor").fetchall() or [(0,)]
            if not self.numbers or number > self.numbers[-1]:
                self.numbers.append(number)
                self.times.append(time.time())
        connection.close()
