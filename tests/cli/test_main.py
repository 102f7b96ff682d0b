"""The command as a whole: quick to list, honest about what it has."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from daihou.cli.main import COMMANDS

if TYPE_CHECKING:
    from cli.conftest import Run


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_where_the_table_says(name: str) -> None:
    module, _, function = COMMANDS[name][0].partition(":")
    assert callable(getattr(import_module(module), function))


def test_help_lists_every_command_in_both_languages(run: Run) -> None:
    english, chinese = run("--help").stdout, run("--help", DAIHOU_LANG="zh").stdout
    for name, (_, en, zh) in COMMANDS.items():
        assert name in english
        assert en in english
        assert zh in chinese


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom daihou.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = ('numpy', 'polars', 'pyarrow', 'duckdb', 'deltalake', 'numba', 'yaml', 'babel')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.splitlines()[-1] == "[]"


def test_an_unknown_command_ends_with_2(run: Run) -> None:
    assert run("nonsense").returncode == 2
