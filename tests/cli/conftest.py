"""The command line run as users run it: a process of its own, in a home of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

Run = Callable[..., subprocess.CompletedProcess[str]]


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
