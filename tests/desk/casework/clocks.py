"""Zones in which it is a given hour now, so that tests through the browser hold at every hour of the day."""

from __future__ import annotations

import datetime as dt


def zone_where_it_is(hour: int) -> str:
    """A zone of whole hours in which the clock says that hour at this moment."""
    ahead = (hour - dt.datetime.now(dt.UTC).hour + 12) % 24 - 12
    return "Etc/GMT" if not ahead else f"Etc/GMT{-ahead:+d}"  # written with the sign turned round
