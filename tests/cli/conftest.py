"""The command line run as users run it: a process of its own, in a home of its own; or, ten times as fast, called in this process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from daihou.cli.main import main
from desk.desks import put_tables

if TYPE_CHECKING:
    from pathlib import Path

NOW = "2026-04-30T18:00:00+08:00"
Run = Callable[..., subprocess.CompletedProcess[str]]


@dataclass(frozen=True)
class Ended:
    """How a command ended that was called in this process."""

    code: int
    out: str
    err: str


Daihou = Callable[..., Ended]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def daihou(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        settings = {name: value for name, value in os.environ.items() if not name.startswith(("DAIHOU", "DJANGO"))}
        settings |= {"DAIHOU_HOME": str(tmp_path / "home"), "DAIHOU_LANG": "en", "COLUMNS": "200"} | environment
        command = [sys.executable, "-c", "from daihou.cli.main import main; main()", *words]
        return subprocess.run(
            command, env=settings, cwd=tmp_path, capture_output=True, text=True, check=False, encoding="utf-8"
        )

    return daihou


@pytest.fixture
def tables(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The home has a database with all tables: a command need not make them first, which takes it some seconds."""
    put_tables(tmp_path_factory, tmp_path / "home")


@pytest.fixture
def daihou(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Daihou:
    """The command in this process, in a home of its own; not for commands that set Django up."""
    for name in [name for name in os.environ if name.startswith("DAIHOU")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DAIHOU_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DAIHOU_NOW", NOW)
    monkeypatch.setenv("DAIHOU_LANG", "en")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)

    def called(*words: str) -> Ended:
        with pytest.raises(SystemExit) as ended:
            main(words)
        said = capsys.readouterr()
        code = ended.value.code
        return Ended(code if isinstance(code, int) else 0, said.out, said.err)

    return called
