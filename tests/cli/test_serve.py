"""`daihou serve` really started: it opens, looks after its processes, and closes."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from daihou.cli.serve import Child, supervise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cli.conftest import Run


def free_port() -> int:
    with socket.socket() as any_one:
        any_one.bind(("127.0.0.1", 0))
        return int(any_one.getsockname()[1])


def get(port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def children_of(pid: int) -> dict[int, str]:
    """The processes below one, by what was started."""
    listed = subprocess.run(["ps", "-eww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    return {int(row[0]): row[2] for row in rows if row[1] == str(pid)}


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Served:
    """A desk that was started."""

    def __init__(self, home: Path) -> None:
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("DAIHOU", "DJANGO", "DATABASE"))
        }
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "daihou.cli.main", "serve", "--port", str(self.port), "--workers", "1"],
            env=kept | {"DAIHOU_HOME": str(home), "DAIHOU_LANG": "en"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.said = self.process.stdout.readline()
        self.children = children_of(self.process.pid)

    def child(self, name: str) -> int:
        return next(pid for pid, words in children_of(self.process.pid).items() if name in words)


@pytest.fixture
def served(tmp_path: Path, tables: None) -> Iterator[Served]:
    made = Served(tmp_path / "home")
    yield made
    made.process.kill()
    made.process.communicate()


def test_it_says_where_it_is_answers_and_closes_on_sigterm(served: Served, run: Run) -> None:
    assert served.said == f"daihou is open at http://127.0.0.1:{served.port} (Ctrl-C closes it)\n"
    assert get(served.port, "/healthz") == (200, "ok\n")
    assert get(served.port, "/readyz") == (200, "ready\n")
    status, page = get(served.port, "/accounts/login/")
    assert status == 200
    sheet = re.search(r'href="(/static/desk/tokens[^"]*\.css)"', page)
    assert sheet is not None
    assert get(served.port, sheet[1])[0] == 200
    assert {words.split(" -m ")[1].split()[0] for words in served.children.values()} == {
        "granian",
        "daihou.desk.jobs.worker",
        "daihou.desk.audit.sealer",
        "daihou.runs.log.keeper",
        "daihou.desk.alerts.keeper",
        "daihou.desk.notices.sender",
        "daihou.desk.webhooks.sender",
        "daihou.runs.stream.worker",
        "daihou.desk.contacts.sender",
        "daihou.desk.casework.keeper",
        "daihou.desk.reviews.keeper",
        "daihou.desk.bureau.sender",
    }

    refused = run("serve", "--port", str(served.port))
    assert refused.returncode == 2
    assert f"Port {served.port} is taken" in refused.stderr

    os.kill(served.child("jobs.worker"), signal.SIGKILL)  # one that dies is started again
    end = time.monotonic() + 20
    while not any(
        "jobs.worker" in words and pid not in served.children for pid, words in children_of(served.process.pid).items()
    ):
        assert time.monotonic() < end
        time.sleep(0.2)

    below = children_of(served.process.pid)
    served.process.send_signal(signal.SIGTERM)
    _, stderr = served.process.communicate(timeout=20)
    assert served.process.returncode == 0
    assert "The job worker ended with -9; it is started again in 1 s" in stderr
    assert "Traceback" not in stderr
    assert not any(alive(pid) for pid in below)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent died")
def test_its_processes_end_with_it_when_it_is_killed(served: Served) -> None:
    served.process.kill()
    end = time.monotonic() + 15
    while any(alive(pid) for pid in served.children):
        assert time.monotonic() < end, served.children
        time.sleep(0.2)


def test_a_port_that_is_not_for_it_is_said_clearly(run: Run) -> None:
    ended = run("serve", "--host", "192.0.2.1", "--port", "8420")
    assert ended.returncode == 2
    assert "cannot be listened on" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_process_that_keeps_dying_is_started_less_and_less_often(capfd: pytest.CaptureFixture[str]) -> None:
    stop = threading.Event()
    threading.Timer(6, stop.set).start()
    child = Child(("broken part", "坏进程"), ["daihou.no_such_module"])
    supervise([child], stop, lambda: False)
    assert child.failures in (2, 3)
    assert re.findall(r"started again in (\d+) s", capfd.readouterr().err)[:2] == ["1", "2"]
