"""With DAIHOU_LOG=json the log keeper and the stream worker write an object a line, as all processes do, and without it plain text."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from daihou.book.home import open_home
from daihou.runs.log.store import FILE
from runs.log.conftest import until

if TYPE_CHECKING:
    from pathlib import Path

PROCESSES = ["daihou.runs.log.keeper", "daihou.runs.stream.worker"]


def _started(module: str, home: Path, how: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "DAIHOU_HOME": str(home), "DAIHOU_LOG": how}
    return subprocess.Popen([sys.executable, "-m", module], env=environment, stderr=subprocess.PIPE, text=True)


def _ended(module: str, folder: Path, how: str) -> tuple[int, str]:
    """The code and the lines of a process that finds a log which is none."""
    home = open_home(folder / "home", {}).path
    (home / FILE).write_bytes(b"no database, but long enough to be asked for its header. " * 40)
    with _started(module, home, how) as process:
        _, wrong = process.communicate(timeout=120)
    return process.returncode, wrong


@pytest.mark.parametrize("module", PROCESSES)
def test_why_a_process_ended_is_an_object_of_one_line(module: str, tmp_path: Path) -> None:
    code, wrong = _ended(module, tmp_path, "json")
    assert code == 1
    (line,) = [json.loads(line) for line in wrong.splitlines()]
    assert (line["level"], line["logger"]) == ("CRITICAL", "daihou.runs.process")
    assert "The log is damaged" in line["message"]
    assert line["exception"].startswith("Traceback")
    assert line["time"].endswith("+00:00")


def test_plain_lines_stay_plain(tmp_path: Path) -> None:
    code, wrong = _ended(PROCESSES[0], tmp_path, "")
    assert code == 1
    assert "CRITICAL daihou.runs.process this process ends: " in wrong.splitlines()[0]


def test_what_a_working_process_has_to_say_is_an_object(tmp_path: Path) -> None:
    home = open_home(tmp_path / "home", {})
    home.ledger.mkdir(parents=True)
    (home.ledger / "pointer.json").write_text("half of a poin")
    with _started(PROCESSES[0], home.path, "json") as process:
        assert process.stderr is not None
        line: dict[str, Any] = json.loads(process.stderr.readline())
        process.terminate()
        until(lambda: process.poll() is not None)
    assert process.returncode == 0
    assert (line["level"], line["logger"], line["process"]) == ("WARNING", "daihou.runs.log.keeper", process.pid)
    assert line["message"].startswith("the log waits for the lake: ")
    assert "A ledger file is damaged." in line["exception"]
