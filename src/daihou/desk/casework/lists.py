"""The lists of a day, written: who is to be called by whom, in which order and why.

Made again, they are the same while nothing has changed; what was worked stays where it stands, and only what is open is placed anew.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from django.db import IntegrityError, transaction
from django.utils import timezone

from daihou.collection import ordering
from daihou.desk.casework.candidates import Before, candidates
from daihou.desk.casework.hands import hands
from daihou.desk.casework.models import Cursor, Row
from daihou.desk.casework.policy import policy
from daihou.desk.casework.reachable import Asker, over

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator, Mapping

TOGETHER: Final = 1_000
"""Rows of one transaction, and of a list that is longer all."""
TRIES: Final = 3
"""So often at most the lists are made where somebody works on them meanwhile."""
PURPOSE: Final = "lists"
"""The cursor: `as_of` is the day of the last lists, `at` when they were last made, `stamp` for which day those before them were, and when they were made."""

Place = tuple[int, int, str, dict[str, Any]]
"""Place, case, reason, values."""


@dataclass(frozen=True, slots=True)
class Made:
    """What making came to: rows on the lists, those among them that are done, and how many had to be written or taken off."""

    rows: int
    done: int
    written: int
    removed: int


@dataclass(slots=True)
class _Standing:
    """The rows of a day as they stand: of each owner, done ones by place, and open ones by key."""

    places: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    cases: set[int] = field(default_factory=set)
    used: dict[int, tuple[int, int]] = field(default_factory=dict)
    open: dict[int, dict[int, Place]] = field(default_factory=lambda: defaultdict(dict))


def make(day: dt.date, now: dt.datetime, stop: threading.Event | None = None) -> Made:
    """Make the lists of a day, or make what is open of them anew. Told to stop, it leaves whole lists as they were; made again, it goes on.

    Once its work is over, the lists of a day stay as they are: what was not done on them is to be seen.
    """
    if over(day, now):
        done = Row.objects.filter(day=day, done_at__isnull=False).count()
        return Made(Row.objects.filter(day=day).count(), done, 0, 0)
    for attempt in count(1):
        try:
            return _made(day, now, stop)
        except IntegrityError:  # a row was done, or another process made the lists, since they were read
            if attempt == TRIES:
                raise
    raise AssertionError


def _made(day: dt.date, now: dt.datetime, stop: threading.Event | None) -> Made:
    before = _before(day)
    standing = _read(day)
    wanted = _wanted(day, now, before, standing)
    written, removed = _written(day, standing, wanted, stop)
    if stop is None or not stop.is_set():
        stamp = f"{before.day.isoformat()} {before.at.isoformat()}"
        Cursor.objects.update_or_create(purpose=PURPOSE, defaults={"as_of": day, "at": now, "stamp": stamp})
    rows, done = sum(map(len, wanted.values())), len(standing.cases)
    return Made(rows + done, done, written, removed)


def _before(day: dt.date) -> Before:
    """Which lists came before those of the day. Where none did, the day before counts as if it had some."""
    cursor = Cursor.objects.filter(purpose=PURPOSE).first()
    if cursor is None or cursor.as_of is None or cursor.as_of > day:
        yesterday = day - dt.timedelta(days=1)
        return Before(yesterday, timezone.make_aware(dt.datetime.combine(yesterday, dt.time())))
    if cursor.as_of < day:
        return Before(cursor.as_of, cursor.at)
    before, at = cursor.stamp.split()
    return Before(dt.date.fromisoformat(before), dt.datetime.fromisoformat(at))


def _read(day: dt.date) -> _Standing:
    standing = _Standing()
    rows = Row.objects.filter(day=day).order_by("pk")
    for pk, owner, done_at, *told in rows.values_list(
        "pk", "owner_id", "done_at", "place", "case_id", "reason", "values"
    ):
        place, case, reason, values = told
        if done_at is None:
            standing.open[owner][pk] = (place, case, reason, values)
            continue
        standing.places[owner].add(place)
        standing.cases.add(case)
        seconds, rows_done = standing.used.get(owner, (0, 0))
        standing.used[owner] = seconds + values.get("seconds", 0), rows_done + 1
    return standing


def _wanted(day: dt.date, now: dt.datetime, before: Before, standing: _Standing) -> dict[int, list[Place]]:
    """By owner, what is to stand on the list beside what is done."""
    lists, people = policy(day).lists, hands(day)
    cases = candidates(day, before)
    cases = cases.filter(~pl.col("case").is_in(standing.cases))
    owners = {owner: people.of(owner) for owner in cases["owner"].unique().to_list()}
    cases = cases.with_columns(owner=pl.col("owner").replace_strict(owners, return_dtype=pl.Int64))
    collectors = people.collectors(lists, standing.used)
    listed, channels = ordering.sieved(
        cases.select(ordering.CANDIDATES.names()), collectors, lists, Asker(day, now).by_what
    )
    found: dict[int, list[Place]] = defaultdict(list)
    free = {owner: _free(standing.places[owner]) for owner in listed["owner"].unique().to_list()}
    for row in listed.join(cases.drop("owner"), on="case", how="left", maintain_order="left").iter_rows(named=True):
        owner = row["owner"]
        found[owner].append((next(free[owner]), row["case"], row["reason"], _values(row, channels[row["case"]])))
    return found


def _free(taken: set[int]) -> Iterator[int]:
    return (place for place in count(1) if place not in taken)


def _values(row: Mapping[str, Any], channel: str | None) -> dict[str, Any]:
    """What a row's reason names, in the currency of its case; `reasons` puts it into words."""
    told: dict[str, Any] = {
        "claim": row["claim_own"], "currency": row["currency"], "chance": row["chance"], "expected": row["claim_own"] * row["chance"] // ordering.WHOLE,
        "seconds": row["seconds"], "channel": channel, "broken": row["broken"], "silent_days": row["silent_days"],
    }  # fmt: skip
    if row["call_at"] is not None:
        told["call_at"] = row["call_at"].isoformat()
    if row["due_on"] is not None:
        told |= {"due_on": row["due_on"].isoformat(), "due": row["due"]}
    return told


def _written(
    day: dt.date, standing: _Standing, wanted: dict[int, list[Place]], stop: threading.Event | None
) -> tuple[int, int]:  # fmt: skip
    """Write what differs, some whole lists in each transaction; how many rows were written, and how many taken off."""
    written = removed = 0
    for owners in _together(standing, wanted):
        if stop is not None and stop.is_set():
            break
        stale, fresh = [], []
        for owner in owners:
            held, asked = standing.open[owner], wanted.get(owner, [])
            kept = {place[0]: place for place in held.values() if place in asked}
            stale += [pk for pk, place in held.items() if place[0] not in kept]
            fresh += [
                Row(day=day, owner_id=owner, place=p, case_id=c, reason=r, values=v)
                for p, c, r, v in asked
                if p not in kept
            ]
        with transaction.atomic():
            removed += _removed(day, stale, [row.case_id for row in fresh])
            Row.objects.bulk_create(fresh, batch_size=TOGETHER)
        written += len(fresh)
    return written, removed


def _together(standing: _Standing, wanted: dict[int, list[Place]]) -> Iterator[list[int]]:
    """Owners with rows, in parts of `TOGETHER` rows at most, or one owner."""
    part: list[int] = []
    rows = 0
    for owner in sorted({*standing.open, *wanted}):
        size = len(wanted.get(owner, []))
        if part and rows + size > TOGETHER:
            yield part
            part, rows = [], 0
        part.append(owner)
        rows += size
    if part:
        yield part


def _removed(day: dt.date, stale: list[int], cases: list[int]) -> int:
    """Take open rows off: those that stand elsewhere now, and those of other lists on which a case stood. What was done meanwhile stays."""
    found = 0
    for pks, name in ((stale, "pk"), (cases, "case_id")):
        for first in range(0, len(pks), TOGETHER):
            open_rows = Row.objects.filter(**{f"{name}__in": pks[first : first + TOGETHER]}, day=day, done_at=None)
            found += open_rows.delete()[0]
    return found
