"""How the processes of the log and the stream fare: what the last hour says of each, minute by minute."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from daihou.book.errors import DaihouError
from daihou.desk.governance import labels
from daihou.runs.log.log import open_log
from daihou.runs.log.pressure import pressure
from daihou.runs.log.store import FILE
from daihou.runs.stream import figures, told

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from daihou.runs.stream.figures import Figures

MINUTES: Final = 60
"""So many are drawn and counted."""
SILENT_MINUTES: Final = 2
"""A process that noted nothing for so long is shown as silent."""
SHARES: Final = (0.5, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class Process:
    """One process over the last hour."""

    name: str
    label: str
    last_at: dt.datetime
    silent: bool
    events: int
    rate: float
    """Events a second over the newest minute that is over, where it worked in it."""
    said: int
    refused: int
    lag: int
    """Events that waited when it last looked."""
    busy: float
    """The share of the time that it worked."""
    percentiles: tuple[str, ...]
    """The median, 95th and 99th of the latency, in words; empty where nothing came."""
    error: str
    error_at: dt.datetime | None
    points: dict[str, str]
    """What is drawn: `events`, `lag` and `latency` (95th percentile in ms), a value a minute."""


def context(now: dt.datetime) -> dict[str, Any]:
    """What the page shows."""
    home = settings.HOME
    if not (home.path / FILE).exists():
        return {"processes": [], "absent": True, "now": now}
    minute = int(now.timestamp() // 60)
    try:
        log = open_log(home)
        by_name: dict[str, list[Figures]] = defaultdict(list)
        for one in figures.read(log, minute - figures.KEPT_MINUTES):
            by_name[one.name].append(one)
        last, said = log.last(), told.last(log)
        closed, room = log.closed_through(), pressure(home, log)
    except DaihouError as error:
        return {"processes": [], "wrong": error.zh if labels.chinese() else (error.message, error.remedy), "now": now}
    processes = [_process(name, rows, minute) for name, rows in sorted(by_name.items())]
    return {
        "processes": processes, "pressure": room, "accepted": last, "said": said, "closed": dt.date.fromisoformat(closed) if closed else None, "now": now,
        "streams": any(one.name.startswith("stream/") for one in processes), "minutes": MINUTES,
        "flush": next((one for one in processes if one.name == "flush"), None),
    }  # fmt: skip


def _process(name: str, rows: Sequence[Figures], minute: int) -> Process:
    hour = {one.minute: one for one in rows if one.minute > minute - MINUTES}
    newest = rows[-1]
    over = hour.get(minute - 1)
    wrong = next((one for one in reversed(rows) if one.error), None)
    classes = _summed(hour.values())
    return Process(
        name, _label(name), _at(newest.minute), newest.minute < minute - SILENT_MINUTES, sum(one.events for one in hour.values()),
        over.events / 60 if over else 0.0, sum(one.said for one in hour.values()), sum(one.refused for one in hour.values()), newest.lag,
        sum(one.busy_ms for one in hour.values()) / (max(len(hour), 1) * 60_000), tuple(_spoken(figures.percentile(classes, share)) for share in SHARES)
        if sum(classes) else (), wrong.error if wrong else "", _at(wrong.minute) if wrong else None,
        {
            "events": _points(hour, minute, lambda one: one.events, 0),
            "lag": _points(hour, minute, lambda one: one.lag, None),
            "latency": _points(hour, minute, _latency, None),
        },
    )  # fmt: skip


def _summed(hour: Any) -> list[int]:
    summed = [0] * (len(figures.EDGES_MS) + 1)
    for one in hour:
        summed = [a + b for a, b in zip(summed, one.classes, strict=True)]
    return summed


def _latency(one: Figures) -> float | None:
    found = one.percentile(0.95)
    return None if found is None else min(found, float(figures.EDGES_MS[-1]))


def _points(
    hour: dict[int, Figures], minute: int, of: Callable[[Figures], float | None], otherwise: float | None
) -> str:
    """A value a minute, oldest first; nothing where the process noted nothing."""
    values = [of(hour[at]) if at in hour else otherwise for at in range(minute - MINUTES + 1, minute + 1)]
    return ",".join("" if value is None else f"{value:g}" for value in values)


def _spoken(milliseconds: float | None) -> str:
    """A percentile in words: it is known up to the class that it lies in."""
    if milliseconds is None:
        return "–"
    if math.isinf(milliseconds):
        return _("over %(seconds)s s") % {"seconds": figures.EDGES_MS[-1] // 1000}
    if milliseconds >= 1000:
        return f"≤ {milliseconds / 1000:g} s"
    return f"≤ {milliseconds:g} ms"


def _label(name: str) -> str:
    """What a process is called."""
    kind, _sep, rest = name.partition("/")
    if kind == "stream":
        number, _sep, of = rest.partition("/")
        if of == "1":
            return pgettext("process", "Stream worker")
        return pgettext("process", "Stream worker %(number)s of %(of)s") % {"number": int(number) + 1, "of": of}
    if kind == "flush":
        return pgettext("process", "Bringing to the lake")
    if kind == "kafka":
        return pgettext("process", "Kafka feed %(topic)s") % {"topic": rest}
    return name


def _at(minute: int) -> dt.datetime:
    return timezone.localtime(dt.datetime.fromtimestamp(minute * 60, dt.UTC))
