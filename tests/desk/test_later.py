"""What apps tell each other when they start costs no process what it never asks for, and is found when it is asked."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from daihou.desk.casework.choices import OF_CASES
from daihou.desk.casework.message_facts import READERS
from daihou.desk.contacts import facts
from daihou.desk.later import Later
from daihou.desk.portfolio import tellers

if TYPE_CHECKING:
    from pathlib import Path


def test_starting_django_loads_nothing_that_is_slow(tmp_path: Path) -> None:
    code = "import django, sys; django.setup(); print(*sys.modules, sep='\\n')"
    settings = {"DJANGO_SETTINGS_MODULE": "daihou.desk.settings", "DAIHOU_HOME": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | settings, stdout=subprocess.PIPE, text=True, check=True
    )
    loaded = set(ended.stdout.split())
    assert "daihou.desk.reviews.models" in loaded
    assert not loaded & {"polars", "numba", "duckdb", "pandas", "scipy", "weasyprint"}


def test_whoever_said_to_know_something_is_there() -> None:
    said: list[Any] = [*facts._READERS.values(), *facts._PLANS.values()]
    said += [reader for _label, reader in tellers._READERS.values()]
    known = [one.found for one in said if isinstance(one, Later)]
    assert len(known) == len(OF_CASES) + 3
    assert all(map(callable, known))


def test_messages_that_say_what_is_so_of_a_case_have_a_reader() -> None:
    assert set(READERS) == set(OF_CASES)
