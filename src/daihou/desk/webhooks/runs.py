"""Runs that finished, told to hooks: found in the lake by the sender, since whoever runs them may know nothing of the desk.

A run's record is a file that no other run writes. Which ones were told stands in the database, written with the events: each is told once, also those that
finished while no sender ran. What was there when a sender first looked is told to nobody.
"""

from __future__ import annotations

import datetime as dt
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from daihou.book.lake import stamp as stamp_of
from daihou.desk.webhooks import outbox
from daihou.desk.webhooks.choices import Kind
from daihou.desk.webhooks.models import SeenRun
from daihou.desk.webhooks.outbox import Happened
from daihou.runs import store

if TYPE_CHECKING:
    from collections.abc import Mapping

BEGUN: Final = ""
"""The file of the row that says that runs were looked at."""
Pair = tuple[str, str]


def stamp() -> str:
    """How the runs stand: changes with every run."""
    return stamp_of(settings.HOME.lake / store.RECORD)


def look(now: dt.datetime) -> int:
    """Tell of the runs that finished since the last look; how many."""
    there = _records()
    seen = set(SeenRun.objects.values_list("file", flat=True))
    new = {file: pair for file, pair in there.items() if file not in seen}
    begins = BEGUN not in seen
    if not new and not begins:
        return 0
    noted = [*new, BEGUN] if begins else list(new)
    try:
        with transaction.atomic():
            SeenRun.objects.bulk_create(SeenRun(file=file, at=now) for file in noted)
            if not begins and Kind.RUN_FINISHED in outbox.wanted():
                outbox.post(_happened(file, pair, now) for file, pair in new.items())
    except IntegrityError:  # another sender tells of them at this moment
        return 0
    return 0 if begins else len(new)


def _records() -> Mapping[str, Pair]:
    """The record of each run that stands: its file, and the dates it is of."""
    table = store.open_table(settings.HOME, store.RECORD)
    found: dict[str, Pair] = {}
    for uri in table.file_uris() if table is not None else ():
        path = PurePosixPath(unquote(uri))
        as_of, known_on = (part.partition("=")[2] for part in path.parts[-3:-1])
        found[path.name] = (as_of, known_on)
    return found


def _happened(file: str, pair: Pair, now: dt.datetime) -> Happened:
    """The event of a run. It says for which dates, and no figure: those are read by who may."""
    as_of, known_on = pair
    record = store.record(settings.HOME, dt.date.fromisoformat(as_of), dt.date.fromisoformat(known_on)) or {}
    data = {"as_of": as_of, "known_on": known_on, "batch": record.get("batch"), "said": bool(record.get("said"))}
    path = f"{reverse('overview')}?as_of={as_of}&known_on={known_on}"
    return Happened(Kind.RUN_FINISHED, f"run:{as_of}", path, now, data, key=file)
