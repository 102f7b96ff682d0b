"""The desk as an ASGI application, as `daihou serve` runs it: what answers at once sits in a few threads, what stays open costs none."""

from __future__ import annotations

import signal

from daihou.desk.seats import Seats
from daihou.desk.wsgi import application as desk
from daihou.runs.process import freeze

freeze()
application = Seats(desk, ends_at=(signal.SIGTERM, signal.SIGINT))
