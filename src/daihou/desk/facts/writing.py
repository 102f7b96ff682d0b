"""What people did and found and what debtors promised goes back to the lake as facts: contacts, promises, decisions, findings, through intake like all else.

Killed between intake and mark, the same facts are sent again, and add nothing.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any, Final

from daihou.desk.facts.handing import hand
from daihou.desk.facts.stream import Fact
from daihou.desk.facts.streams import STREAMS

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterable

    from daihou.desk.facts.stream import Stream

TOGETHER: Final = 20_000
"""Facts of one delivery at most."""
MARKED: Final = 500
"""Rows marked by one statement: SQLite takes no more values at once than a thousand or so."""


def write(now: dt.datetime, stop: threading.Event | None = None) -> dict[str, int]:
    """Hand what is new to intake; facts by table. DaihouError where intake cannot begin: then nothing is marked, and all of it waits."""
    done: dict[str, int] = {}
    for stream in STREAMS:
        while stop is None or not stop.is_set():
            rows = _waiting(stream, now)
            if not rows:
                break
            facts = _apart([fact for row in rows if (fact := stream.fact(row)) is not None])
            if facts:
                hand(stream.table, f"desk_{stream.table}", map(_line, facts), now)
            _mark(stream, [row.pk for row in rows], now)
            done[stream.table] = done.get(stream.table, 0) + len(facts)
    return done


def _waiting(stream: Stream, now: dt.datetime) -> list[Any]:
    rows = stream.model._default_manager.filter(stream.waiting(now), **{stream.told: None}).order_by("pk")  # noqa: SLF001 - where Django keeps what finds rows
    if stream.beside:
        rows = rows.select_related(*stream.beside)
    if stream.parts:
        rows = rows.prefetch_related(*stream.parts)
    return list(rows[:TOGETHER])


def _apart(facts: Iterable[Fact]) -> list[Fact]:
    """No two of one subject and kind at the same moment, which is what names a fact: the second is told a microsecond later."""
    taken: set[tuple[str, str, dt.datetime]] = set()
    found = []
    for fact in facts:
        at = fact.happened_at
        while (fact.subject_id, fact.kind, at) in taken:
            at += dt.timedelta(microseconds=1)
        taken.add((fact.subject_id, fact.kind, at))
        found.append(Fact(fact.subject_id, fact.kind, at, fact.value))
    return found


def _line(fact: Fact) -> str:
    value = json.dumps(fact.value, ensure_ascii=False, sort_keys=True)
    row = {"subject_id": fact.subject_id, "kind": fact.kind, "happened_at": fact.happened_at.isoformat(), "value": value}  # fmt: skip
    return json.dumps(row, ensure_ascii=False)


def _mark(stream: Stream, keys: list[int], now: dt.datetime) -> None:
    for first in range(0, len(keys), MARKED):
        rows = stream.model._default_manager.filter(pk__in=keys[first : first + MARKED])  # noqa: SLF001 - as above
        rows.update(**{stream.told: now})
