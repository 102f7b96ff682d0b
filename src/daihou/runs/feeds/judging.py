"""Sorted messages made into parcels for the log: what is good, and what is not with its reason. No message can stop the others."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from daihou.book import lake
from daihou.book.errors import DaihouError
from daihou.book.intake.mapping import FileMapping
from daihou.book.intake.reasons import message as wording
from daihou.book.intake.sinks import HIDDEN
from daihou.runs.feeds.messages import Lot, hidden
from daihou.runs.feeds.patience import NotNowError
from daihou.runs.log.log import QUARANTINE, Parcel
from daihou.runs.log.store import LogError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Sequence

    from daihou.runs.feeds.address import Address
    from daihou.runs.feeds.messages import Poison, Sorted, Spot
    from daihou.runs.log.door import Door

MOST_FIELDS: Final = 200
"""Rows that name more different fields are judged apart: each takes a cell of every row. The widest table has a quarter of it."""
SHOWN: Final = 200
"""Characters of a message that are shown as the value that is wrong."""


WAITS: Final = (LogError, NotNowError, OSError)
"""What is wrong with the log, the lake or the key, and with no message: it is waited for."""


@dataclass(frozen=True, slots=True)
class Parcels:
    """What goes into the log."""

    parcels: tuple[Parcel, ...]
    good: dict[str, int]
    """By topic how many rows."""
    bad: dict[str, int]


def parcels(door: Door, found: Sorted, address: Address, now: dt.datetime) -> Parcels:
    """Judge rows by the business date that is open; one of WAITS where that cannot be done now."""
    facts: list[Parcel] = []
    rejects: dict[str, list[pa.Table]] = {}
    good: dict[str, int] = {}
    for lot in found.lots:
        mapping = address.mappings.get(lot.table, FileMapping())
        for accepted, refused in _judged(door, lot, mapping, now):
            if accepted.num_rows:
                facts.append(Parcel(lot.table, accepted, f"kafka:{lot.topic}"))
                good[lot.topic] = good.get(lot.topic, 0) + accepted.num_rows
            if refused.num_rows:
                rejects.setdefault(lot.topic, []).append(refused)
    for one in found.poison:
        rejects.setdefault(one.topic, []).append(_poisoned(one))
    bad = {topic: sum(table.num_rows for table in tables) for topic, tables in rejects.items()}
    quarantined = [Parcel(QUARANTINE, pa.concat_tables(tables), f"kafka:{topic}") for topic, tables in rejects.items()]
    return Parcels((*_together(facts), *quarantined), good, bad)


def _judged(door: Door, lot: Lot, mapping: FileMapping, now: dt.datetime) -> Iterator[tuple[pa.Table, pa.Table]]:
    """The good and the bad rows of a lot: of all together, or, where these cannot be judged together, in parts that keep their order."""
    if len(set().union(*lot.rows)) > MOST_FIELDS and len(runs := _runs(lot, frozenset)) > 1:
        for part in runs:
            yield from _judged(door, part, mapping, now)
        return
    try:
        judged = door.judged(lot.table, lot.rows, f"kafka:{lot.topic}", now, mapping)
    except WAITS:
        raise
    except DaihouError as error:  # one row's fields are no others' fault
        yield from _without(door, lot, mapping, now, error)
    except Exception:  # noqa: BLE001 - whatever a message can do to the judge, the others go on
        half = len(lot.rows) // 2
        if half:
            yield from _judged(door, _some(lot, range(half)), mapping, now)
            yield from _judged(door, _some(lot, range(half, len(lot.rows))), mapping, now)
        else:
            yield _none_of(lot), _refused(lot, "message_unreadable", wording("message_unreadable", ""))
    else:
        yield judged.facts, _placed(judged.rejects, lot)


def _without(
    door: Door, lot: Lot, mapping: FileMapping, now: dt.datetime, error: DaihouError
) -> Iterator[tuple[pa.Table, pa.Table]]:
    """Those of a lot whose fields may not come are refused, and the rest is judged."""
    kinds = [frozenset(row) for row in lot.rows]
    if len(set(kinds)) == 1:
        yield _none_of(lot), _refused(lot, "message_refused", (error.message, error.zh[0]))
        return
    first = {kind: number for number, kind in reversed(list(enumerate(kinds)))}
    bad = {kind for kind, number in first.items() if not _allowed(door, _some(lot, [number]), mapping, now)}
    if not bad:  # each may come, but not beside the others
        for part in _runs(lot, frozenset):
            yield from _judged(door, part, mapping, now)
        return
    for kind in bad:
        yield from _judged(door, _some(lot, [at for at, one in enumerate(kinds) if one == kind]), mapping, now)
    rest = [at for at, kind in enumerate(kinds) if kind not in bad]
    if rest:
        yield from _judged(door, _some(lot, rest), mapping, now)


def _allowed(door: Door, lot: Lot, mapping: FileMapping, now: dt.datetime) -> bool:
    """Whether the fields of a row may come at all; what else is wrong with it is found later."""
    try:
        door.judged(lot.table, lot.rows, f"kafka:{lot.topic}", now, mapping)
    except WAITS:
        raise
    except DaihouError:
        return False
    except Exception:  # noqa: BLE001 - it is this row's values that are at fault
        return True
    return True


def _some(lot: Lot, numbers: Sequence[int]) -> Lot:
    return Lot(lot.topic, lot.table, [lot.rows[at] for at in numbers], [lot.spots[at] for at in numbers])


def _runs(lot: Lot, kind: Callable[[dict[str, Any]], object]) -> list[Lot]:
    """A lot cut wherever the kind of its rows changes."""
    cut = groupby(range(len(lot.rows)), lambda at: kind(lot.rows[at]))
    return [_some(lot, list(numbers)) for _, numbers in cut]


def _together(facts: Sequence[Parcel]) -> Iterator[Parcel]:
    """Parcels of the same table and source that follow one another as one."""
    waiting: list[Parcel] = []
    for parcel in facts:
        if waiting and (waiting[0].table, waiting[0].source) != (parcel.table, parcel.source):
            yield _one(waiting)
            waiting = []
        waiting.append(parcel)
    if waiting:
        yield _one(waiting)


def _one(parcels: Sequence[Parcel]) -> Parcel:
    first = parcels[0]
    return first if len(parcels) == 1 else Parcel(first.table, pa.concat_tables([one.rows for one in parcels]), first.source)  # fmt: skip


def _placed(rejects: pa.Table, lot: Lot) -> pa.Table:
    """Bad rows with where they stood: the partition as the file, the offset as the line."""
    if not rejects.num_rows:
        return rejects
    spots = [lot.spots[number - 1] for number in rejects["row"].to_pylist()]
    return _at(rejects, lot.topic, spots)


def _at(rejects: pa.Table, topic: str, spots: Sequence[Spot]) -> pa.Table:
    values = {
        "file": pa.array([file(topic, spot.partition) for spot in spots], pa.string()),
        "row": pa.array(np.array([spot.row for spot in spots], np.int64)),
        "line": pa.array(np.array([spot.offset for spot in spots], np.int64)),
    }
    for name, array in values.items():
        rejects = rejects.set_column(rejects.schema.get_field_index(name), name, array)
    return rejects


def file(topic: str, partition: int) -> str:
    """How the quarantine names a partition, whose offsets are its lines."""
    return f"kafka:{topic}/{partition}"


def _none_of(lot: Lot) -> pa.Table:
    return lake.schema(lot.table).empty_table()


def _refused(lot: Lot, reason: str, texts: tuple[str, str]) -> pa.Table:
    """All rows of a lot for one reason; what stood in them is not kept, as it was not understood."""
    return _quarantine(lot.topic, lot.table, lot.spots, reason, texts, None)


def _poisoned(one: Poison) -> pa.Table:
    return _quarantine(one.topic, one.table, [one.spot], one.reason, wording(one.reason, ""), one.text)


def _quarantine(
    topic: str, table: str, spots: Sequence[Spot], reason: str, texts: tuple[str, str], text: str | None
) -> pa.Table:
    count = len(spots)
    value = text[:SHOWN] if text is not None else HIDDEN if hidden(table) else None
    raw = None if text is None else json.dumps({"line": text}, ensure_ascii=False)
    return pa.table(
        {
            "batch": pa.array(np.zeros(count, np.int64)),
            "delivery": [""] * count,
            "table": [table] * count,
            "file": [file(topic, spot.partition) for spot in spots],
            "row": pa.array(np.array([spot.row for spot in spots], np.int64)),
            "line": pa.array(np.array([spot.offset for spot in spots], np.int64)),
            "column": [""] * count,
            "value": [value] * count,
            "reason": [reason] * count,
            "message_en": [texts[0]] * count,
            "message_zh": [texts[1]] * count,
            "raw": [raw] * count,
        },
        schema=lake.schema(QUARANTINE),
    )


__all__ = ["WAITS", "Parcels", "file", "parcels"]
