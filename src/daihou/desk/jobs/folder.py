"""The working folder of a job: its command's output, its progress, what it writes, and a lock that the command holds while it lives."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import time
from collections import deque
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

TAIL_LINES: Final = 200
LINE_CHARACTERS: Final = 1_000
ORPHAN_SECONDS: Final = 10.0
LOCK, PROGRESS, OUTPUT = "lock", "progress.json", "output.txt"


class Folder:
    """One job's folder in the home: `jobs/<number>/`."""

    def __init__(self, job_id: int) -> None:
        self.path = Path(settings.HOME.path) / "jobs" / str(job_id)
        self.progress_file = self.path / PROGRESS
        self.output_file = self.path / OUTPUT

    def make(self) -> None:
        """Make it, for its owner alone."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)

    def clear(self) -> None:
        """Remove what an earlier attempt left; under the lock, so that nobody writes it any more."""
        for file in self.path.iterdir():
            if file.is_file() and file.name != LOCK:
                file.unlink()

    @contextmanager
    def locked(self) -> Iterator[IO[str]]:
        """The lock, taken; an orphan of a dead worker that holds it is ended. TimeoutError where it cannot be had.

        The command inherits the open file, and with it the lock: so it is held exactly as long as the command lives.
        """
        with (self.path / LOCK).open("a+", encoding="ascii") as file:
            _take(file)
            yield file

    def end_orphan(self) -> None:
        """End the command that a dead worker left, if it still runs."""
        if (self.path / LOCK).exists():
            with suppress(TimeoutError), self.locked():
                pass

    def progress(self) -> dict[str, Any]:
        """What the command reported last: stage, done, total; empty if nothing yet."""
        try:
            told = json.loads(self.progress_file.read_text("utf-8"))
            return {"stage": str(told["stage"])[:20], "done": int(told["done"]), "total": int(told["total"])}
        except (OSError, ValueError, KeyError, TypeError):
            return {}

    def tail(self) -> str:
        """The last lines of the output."""
        try:
            with self.output_file.open(encoding="utf-8", errors="replace") as file:
                lines = deque((line[:LINE_CHARACTERS].rstrip("\n") for line in file), TAIL_LINES)
        except OSError:
            return ""
        return "\n".join(lines).replace("\0", "")  # PostgreSQL keeps no NUL in a text

    def results(self) -> list[str]:
        """Names of the files that the command wrote."""
        if not self.path.is_dir():
            return []
        ours = {LOCK, PROGRESS, OUTPUT}
        files = (file for file in self.path.iterdir() if file.is_file())
        return sorted(file.name for file in files if file.name not in ours and not file.name.startswith("."))


def _take(file: IO[str]) -> None:
    until = time.monotonic() + ORPHAN_SECONDS
    killed = False
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise TimeoutError(f"{file.name} is held by a command that does not end") from None
        else:
            return
        if not killed:
            killed = _kill_holder(file)
        time.sleep(0.1)


def _kill_holder(file: IO[str]) -> bool:
    """Kill the process group whose number the file holds. That the lock is held shows that the number is still theirs."""
    file.seek(0)
    number = file.read().strip()
    if not number.isdigit():
        return False
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(int(number), signal.SIGKILL)
    return True
