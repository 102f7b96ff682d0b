"""The examples of docs/guides/api.md, run in their order against a real server; where JSON follows, the answer has its shape.

A block of `bash` or `python` is run as it stands, with the address, a token and a client in the environment; whatever fails fails the test.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from api.live import entered, served
from daihou.desk.programs.scopes import SCOPES
from desk.conftest import _built  # noqa: F401 - the fixture

if TYPE_CHECKING:
    from collections.abc import Iterator

GUIDE: Final = Path("docs/guides/api.md")
BLOCK: Final = re.compile(r"^```(\w+)\n(.*?)^```\n(?:^```json\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)
PROGRAMS: Final = {"bash": ["bash", "-euo", "pipefail", "-c"], "python": [sys.executable, "-c"]}


def examples() -> list[tuple[str, str, str]]:
    """Each block that runs: its language, its text, and the JSON that follows it."""
    return [found for found in BLOCK.findall(GUIDE.read_text("utf-8")) if found[0] in PROGRAMS]


@pytest.fixture(scope="module")
def speaks(_built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:  # noqa: F811 - the fixture
    """The environment of who speaks to a server over the small book."""
    home = tmp_path_factory.mktemp("guide") / "home"
    shutil.copytree(_built / "home", home)
    told = entered(tmp_path_factory, home)
    with served(home) as web:
        yield told | {"DAIHOU_URL": web.address}


def alike(shown: Any, said: Any) -> bool:
    """Whether an answer has the members that are shown, as far as it has rows at all."""
    if isinstance(shown, dict):
        return (
            isinstance(said, dict)
            and shown.keys() == said.keys()
            and all(alike(shown[key], said[key]) for key in shown)
        )
    if isinstance(shown, list) and shown:
        return isinstance(said, list) and all(alike(shown[0], one) for one in said)
    return said is None or shown is None or isinstance(said, type(shown)) or {type(said), type(shown)} <= {int, float}


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_examples_do_what_they_say(speaks: dict[str, str], tmp_path: Path) -> None:
    assert len(examples()) >= 6
    for language, text, shown in examples():
        done = subprocess.run(
            [*PROGRAMS[language], text],
            env={"PATH": "/usr/bin:/bin"} | speaks,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
        if shown:
            assert alike(json.loads(shown), json.loads(done.stdout)), f"{text}\n{done.stdout}"


def test_the_shape_of_an_answer_is_compared() -> None:
    assert alike({"a": [{"b": "x"}]}, {"a": []})
    assert not alike({"a": [{"b": "x"}]}, {"a": [{"b": 1}]})
    assert not alike({"a": 1}, {"a": 1, "c": 2})


def test_the_guide_names_every_scope_with_what_it_stands_on() -> None:
    rows = dict(re.findall(r"^\| `([a-z]+:[a-z]+)` \|[^|]*\| ([^|]+) \|$", GUIDE.read_text("utf-8"), re.MULTILINE))
    assert list(rows) == list(SCOPES)
    for code, scope in SCOPES.items():
        assert rows[code].startswith(f"`{scope.permission}`" if scope.permission else "none"), code


def test_json_of_the_guide_is_json() -> None:
    for shown in re.findall(r"^```json\n(.*?)^```", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL):
        json.loads(shown)
