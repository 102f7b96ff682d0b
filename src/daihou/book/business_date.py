"""Which business date facts are known on: the open one, and how far the past is sealed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from daihou.book import lake

if TYPE_CHECKING:
    from daihou.book.home import Home, Settings

_NOON_HOUR = 12


def business_date(settings: Settings, now: datetime) -> date:
    """Return the business date of a moment (with zone).

    A cut-off in the morning (02:00) leaves the small hours to the day before;
    one after noon (18:00) gives the evening to the day after.
    """
    local = now.astimezone(settings.zone).replace(tzinfo=None)
    cut_off = settings.cut_off_time
    since_midnight = timedelta(hours=cut_off.hour, minutes=cut_off.minute)
    if cut_off.hour < _NOON_HOUR:
        return (local - since_midnight).date()
    return (local + timedelta(days=1) - since_midnight).date()


def begins(settings: Settings, day: date) -> datetime:
    """Return the moment at which a business date begins."""
    cut_off = settings.cut_off_time
    first = day if cut_off.hour < _NOON_HOUR else day - timedelta(days=1)
    return datetime.combine(first, cut_off, settings.zone)


def sealed_through(home: Home) -> date | None:
    """Return the last business date that a run has sealed, None before the first."""
    newest: date | None = None
    for path in lake.files(home, "seals"):
        for value in pq.read_table(path, columns=["known_on"]).column(0).to_pylist():
            newest = value if newest is None or value > newest else newest
    return newest


def open_business_date(home: Home, now: datetime) -> date:
    """Return the business date that new facts are known on: that of now, or the first unsealed one."""
    today = business_date(home.settings, now)
    sealed = sealed_through(home)
    return today if sealed is None else max(today, sealed + timedelta(days=1))


def seal(home: Home, known_on: date, batch: int) -> None:
    """Seal every business date up to and including `known_on`, with the last batch the run saw."""
    sealed = sealed_through(home)
    if sealed is not None and sealed >= known_on:
        return
    row = pa.table({"known_on": [known_on], "batch": [batch]}, schema=lake.schema("seals"))
    lake.append(home, "seals", row, {"known_on": known_on.isoformat()})
