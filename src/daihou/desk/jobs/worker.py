"""`python -m daihou.desk.jobs.worker`: a job worker as a process, until SIGTERM or SIGINT."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import django


def main() -> None:
    """Work until told to stop; then the job in hand goes back to the queue."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "daihou.desk.settings")
    django.setup()
    from daihou.desk.jobs.loop import Worker

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    Worker(stop, shelve).run()


def shelve() -> None:
    """Put the loans that a run wrote on the shelf, in a process of its own: its memory is given back, its failure is no job's."""
    subprocess.run([sys.executable, "-m", "daihou.desk.portfolio.warm"], check=False)


if __name__ == "__main__":
    main()
