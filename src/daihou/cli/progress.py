"""How long jobs show how far they are: a bar on a terminal, a file where DAIHOU_PROGRESS names one, nothing elsewhere."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from daihou.cli.language import text
from daihou.runs.stages import STAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Show = Callable[[str, int, int], None]

EVERY_SECONDS: Final = 0.25
"""The file is written no more often, but for a new stage."""


@contextmanager
def shown() -> Iterator[Show]:
    """Give a function to call with a stage, what is done and what there is to do."""
    with ExitStack() as open_ones:
        shows: list[Show] = []
        if stated := os.environ.get("DAIHOU_PROGRESS"):
            shows.append(_to_file(Path(stated)))
        if sys.stderr.isatty():
            shows.append(open_ones.enter_context(_bar()))

        def show(stage: str, done: int, total: int) -> None:
            for each in shows:
                each(stage, done, total)

        yield show


@contextmanager
def _bar() -> Iterator[Show]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda stage, done, total: bar.update(
            task, description=text(*STAGES[stage]), completed=done, total=total or None
        )


def _to_file(path: Path) -> Show:
    """A function that writes what it is told to a file, whole each time, for who watches from another process."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    alone = threading.Lock()
    last_stage, last_at = "", 0.0

    def show(stage: str, done: int, total: int) -> None:
        nonlocal last_stage, last_at
        now = time.monotonic()
        with alone:
            if stage == last_stage and now - last_at < EVERY_SECONDS and done != total:
                return
            last_stage, last_at = stage, now
            # A full disk must not end the work that it only reports on.
            with suppress(OSError):
                draft.write_text(json.dumps({"stage": stage, "done": done, "total": total}), "ascii")
                draft.replace(path)

    return show
