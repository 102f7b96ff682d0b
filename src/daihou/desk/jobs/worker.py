"""`python -m daihou.desk.jobs.worker`: a job worker as a process, until SIGTERM or SIGINT."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from daihou.desk.process import until_told

if TYPE_CHECKING:
    import threading


def main() -> None:
    """Work until told to stop; then the job in hand goes back to the queue."""
    until_told(run)


def run(stop: threading.Event) -> None:
    """Take jobs until told to stop."""
    from daihou.desk.jobs.loop import Worker

    Worker(stop, shelve).run()


def shelve() -> None:
    """Put the loans that a run wrote on the shelf, in a process of its own: its memory is given back, its failure is no job's."""
    subprocess.run([sys.executable, "-m", "daihou.desk.portfolio.warm"], check=False)


if __name__ == "__main__":
    main()
