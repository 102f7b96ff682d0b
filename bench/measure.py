"""What a piece of work costs: wall and processor seconds, and the most memory it held, its own and mapped from files.

Memory is read from /proc/<pid>/status every 20 ms: `RssAnon` is what a process holds for itself, `RssFile` what it sees
of files, which the system takes back when it needs the room. Elsewhere than on Linux both stay 0.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Value = TypeVar("Value")

EVERY_S: Final = 0.02
ROOT: Final = Path(__file__).parent.parent
KB: Final = 1024


@dataclass(slots=True)
class Cost:
    """Seconds, and peaks in bytes."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_anonymous: int = 0
    peak_mapped: int = 0

    def look(self, pid: int) -> None:
        """Raise the peaks to what a process holds now."""
        try:
            lines = Path(f"/proc/{pid}/status").read_text("ascii", "replace").splitlines()
        except OSError:
            return
        held = {line.split(":")[0]: int(line.split()[1]) * KB for line in lines if line.startswith("Rss")}
        self.peak_anonymous = max(self.peak_anonymous, held.get("RssAnon", 0))
        self.peak_mapped = max(self.peak_mapped, held.get("RssFile", 0) + held.get("RssShmem", 0))


@dataclass(frozen=True, slots=True)
class Ended:
    """A process that ended well: what it cost and what it printed."""

    cost: Cost
    output: str
    said: dict[str, Any] = field(default_factory=dict)
    """The last line of the output, where it is a JSON object."""


def here(work: Callable[[], Value]) -> tuple[Value, Cost]:
    """Do some work in this process, and return its result and cost; peaks include what the process held before."""
    cost, done = Cost(), threading.Event()

    def sample() -> None:
        while not done.wait(EVERY_S):
            cost.look(os.getpid())

    sampler = threading.Thread(target=sample, daemon=True)
    wall, cpu = time.perf_counter(), time.process_time()
    sampler.start()
    try:
        value = work()
    finally:
        cost.wall_s, cost.cpu_s = time.perf_counter() - wall, time.process_time() - cpu
        done.set()
        sampler.join()
        cost.look(os.getpid())
    return value, cost


def process(command: Sequence[str], environment: Mapping[str, str] | None = None, fine: Sequence[int] = (0,)) -> Ended:
    """Run a command to its end and return its cost and output; RuntimeError with its last words where it failed."""
    cost = Cost()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out, tempfile.TemporaryFile("w+", encoding="utf-8") as err:
        started = time.perf_counter()
        child = subprocess.Popen(
            list(command),
            stdout=out,
            stderr=err,
            stdin=subprocess.DEVNULL,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
        )
        used = None
        while used is None:
            ended, status, usage = os.wait4(child.pid, os.WNOHANG)
            if ended:
                used = usage
                child.returncode = os.waitstatus_to_exitcode(status)
            else:
                cost.look(child.pid)
                time.sleep(EVERY_S if time.perf_counter() - started > 1 else EVERY_S / 10)
        cost.wall_s = time.perf_counter() - started
        cost.cpu_s = used.ru_utime + used.ru_stime
        out.seek(0)
        err.seek(0)
        output, errors = out.read(), err.read()
    if child.returncode not in fine or "Traceback (most recent call last)" in errors:
        raise RuntimeError(f"{' '.join(command)} ended with {child.returncode}:\n{errors[-2_000:] or output[-2_000:]}")
    return Ended(cost, output, _object(output))


def _object(output: str) -> dict[str, Any]:
    last = output.strip().rsplit("\n", 1)[-1]
    if not last.startswith("{"):
        return {}
    said: dict[str, Any] = json.loads(last)
    return said


def python(*arguments: str, environment: Mapping[str, str] | None = None) -> Ended:
    """Run this interpreter on some arguments."""
    return process([sys.executable, *arguments], environment)
