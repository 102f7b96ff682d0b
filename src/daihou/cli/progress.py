"""How long jobs show how far they are: a bar on a terminal, nothing elsewhere."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from daihou.cli.language import text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STAGES = {
    "hashing": ("Looking at", "检查"),
    "reading": ("Reading", "读取"),
    "checking": ("Checking against the lake", "与已有数据核对"),
    "committing": ("Committing", "提交"),
    "compile": ("Compiling the kernels, once", "首次编译计算内核"),
    "stage": ("Sorting new facts to their loans", "归集新增事实"),
    "build": ("Building the ledger", "构建台账"),
    "simulate": ("Simulating", "模拟"),
    "measure": ("Measuring", "计量"),
    "write": ("Writing", "写出"),
}


@contextmanager
def shown() -> Iterator[Callable[[str, int, int], None]]:
    """Give a function to call with a stage, what is done and what there is to do."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda stage, done, total: bar.update(
            task, description=text(*STAGES[stage]), completed=done, total=total or None
        )
