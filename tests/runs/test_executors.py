"""Threads and Spark tasks walk the same shards: what they write is the same."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from books.harbour import END
from books.standing import written
from daihou.book.errors import DaihouError
from daihou.runs import store
from daihou.runs.executors import by_spark
from daihou.runs.nightly import run

if TYPE_CHECKING:
    from daihou.book.home import Home

WITHOUT_SPARK = find_spec("pyspark") is None or shutil.which("java") is None


@pytest.mark.skipif(
    WITHOUT_SPARK and "DAIHOU_TEST_ALL" not in os.environ, reason="needs PySpark (`make spark`) and Java; CI has both"
)
def test_spark_writes_what_threads_write(home: Home) -> None:
    before = written(home, END, END)
    coverage = store.read(home, "coverage", END, END).sort_by([("kind", "ascending"), ("subject", "ascending")])
    files = store.files(home, "snapshots", END, END)
    daihou = Path(sys.executable).with_name("daihou")
    ended = subprocess.run(
        [daihou, "run", "--as-of", f"{END}", "--known-on", f"{END}", "--engine", "spark"],
        env={**os.environ, "DAIHOU_HOME": str(home.path), "DAIHOU_NOW": "2026-05-04T12:00:00+08:00"}, capture_output=True, text=True,
    )  # fmt: skip
    assert ended.returncode == 1, ended.stderr  # one loan of the story cannot be measured
    assert "10 loans" in ended.stdout
    assert not set(files) & set(store.files(home, "snapshots", END, END))
    assert written(home, END, END) == before
    again = store.read(home, "coverage", END, END).sort_by([("kind", "ascending"), ("subject", "ascending")])
    assert again.to_pylist() == coverage.to_pylist()


def test_without_pyspark_it_says_how_to_get_it(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(DaihouError, match="PySpark is not installed") as caught:
        run(home, END, END, lambda *_: None, walk=by_spark)
    assert "daihou[spark]" in caught.value.remedy
    assert written(home, END, END)["A1"]["dpd"] == 61
