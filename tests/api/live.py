"""A real web server over a home, with a program that has every scope: what examples of the guide speak to."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from desk.desks import put_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

READY_SECONDS: Final = 120
TESTS: Final = Path(__file__).parents[1]
ENTER: Final = """
import sys, django
django.setup()
from django.core.management import call_command
call_command("createcachetable", verbosity=0)
from django.utils import timezone
from daihou.desk.people.models import Membership
from daihou.desk.programs import transitions
from daihou.desk.programs.scopes import SCOPES
from desk.alerts.hands import asked
from desk.conftest import user
by, now = asked(user("admin", ("administrator", ""))), timezone.now()
values = {"name": "Example", "purpose": "", "scopes": list(SCOPES), "tables": [], "requests_per_second": 1000, "rows_per_second": 100000}
program = transitions.enter("example", values, by, now)
Membership.objects.create(user=program.user, role="manager")
print(transitions.issue_token(program, 30, by, now), *transitions.issue_client(program, by, now))
"""


def environment(home: Path) -> dict[str, str]:
    """What a process of the desk is started with: nothing of the tests' own settings."""
    ours = ("DAIHOU", "DJANGO", "DATABASE", "PYTEST")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | {"DAIHOU_HOME": str(home), "DJANGO_SETTINGS_MODULE": "daihou.desk.settings", "PYTHONPATH": str(TESTS)}


def entered(factory: pytest.TempPathFactory, home: Path) -> dict[str, str]:
    """A program with every scope over a home, which is given a database; what speaks for it."""
    (home / "static").mkdir(parents=True, exist_ok=True)
    put_tables(factory, home)
    made = subprocess.run(
        [sys.executable, "-c", ENTER], env=environment(home), capture_output=True, text=True, check=True
    )
    token, client_id, secret = made.stdout.split()
    return {"DAIHOU_TOKEN": token, "DAIHOU_CLIENT_ID": client_id, "DAIHOU_CLIENT_SECRET": secret}


@contextmanager
def served(home: Path, workers: int = 1) -> Iterator[Web]:
    """The desk's web server over a home."""
    with socket.socket() as any_one:
        any_one.bind(("127.0.0.1", 0))
        port = int(any_one.getsockname()[1])
    command = [sys.executable, "-m", "granian", "--interface", "asginl", "--no-ws", "--port", str(port)]
    command += ["--workers", str(workers), "--log-level", "error", "daihou.desk.asgi:application"]
    with (home.parent / "web.log").open("w") as said:
        process = subprocess.Popen(command, env=environment(home), stdout=said, stderr=said, start_new_session=True)
        try:
            _wait(process, port, Path(said.name))
            yield Web(process, port)
        finally:
            process.terminate()
            process.wait(20)


@dataclass(frozen=True)
class Web:
    """A web server that was started."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        """Kill it and its workers on the spot, as a loss of power does."""
        os.killpg(self.process.pid, signal.SIGKILL)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + READY_SECONDS
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        finally:
            connection.close()
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"the web server did not open:\n{log.read_text()}")
        time.sleep(0.1)
