"""A feed as a process, which kills itself where it is told to: `feeder.py HOME SOURCE [STEP TIMES]`."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from daihou.book.home import open_home
from daihou.runs.feeds.address import parse
from daihou.runs.feeds.kafka import Feed
from daihou.runs.log.door import Door
from daihou.runs.process import told_to_end
from runs.feeds.conftest import NOW


def main(home: str, source: str, wanted: str = "", times: str = "0") -> None:
    left = int(times)

    def step(name: str) -> None:
        nonlocal left
        if name == wanted:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    Feed(Door(open_home(Path(home), {})), parse(source), lambda: NOW, step=step).run(told_to_end())


if __name__ == "__main__":
    main(*sys.argv[1:])
