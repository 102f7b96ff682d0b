"""Python imports this at its start, where the folder is on PYTHONPATH: the process's clock runs as far ahead of the machine's, or behind, as JOURNEY_AHEAD says (s)."""

import datetime as dt
import os

import time_machine

time_machine.travel(
    dt.datetime.now(dt.UTC) + dt.timedelta(seconds=float(os.environ["JOURNEY_AHEAD"])), tick=True
).start()
