"""A stream worker as a process of its own, in small batches and with little patience: `python children.py HOME MOMENT BEGAN SPEED CLOCK END MOST STEP COUNT`."""

from __future__ import annotations

import datetime as dt
import os
import signal
import sys
import time
from pathlib import Path

import daihou.runs.log.store as stored
import daihou.runs.stream.worker as stream
from daihou.book.home import open_home
from daihou.runs.process import told_to_end


def clock(moment: str, began: str, speed: str, ahead: str) -> dt.datetime:
    """A moment that goes on from when it all began, and as many seconds as the file says ahead of it."""
    jumped = float(Path(ahead).read_text()) if Path(ahead).exists() else 0.0
    passed = (time.time() - float(began)) * float(speed)
    return dt.datetime.fromisoformat(moment) + dt.timedelta(seconds=passed + jumped)


def main(
    home: str, moment: str, began: str, speed: str, ahead: str, end: str, most: str, step: str, count: str
) -> None:
    """Work until told to end, or with END `done` until nothing waits; die at the COUNT-th STEP."""
    seen = [0]

    def told(name: str) -> None:
        seen[0] += name == step
        if name == step and seen[0] >= int(count):
            os.kill(os.getpid(), signal.SIGKILL)

    stored.PATIENCE_SECONDS = 0.2  # type: ignore[misc]  # tests have no time for patience
    stream.MOST, stream.LEASE_SECONDS, stream.LOOK_SECONDS, stream.PAUSE_SECONDS = int(most), 0.2, 0.1, 0.1  # type: ignore[misc]
    worker = stream.Worker(open_home(Path(home), {}), clock=lambda: clock(moment, began, speed, ahead), step=told)
    worker.run(told_to_end(), until_done=end == "done")


if __name__ == "__main__":
    main(*sys.argv[1:])
